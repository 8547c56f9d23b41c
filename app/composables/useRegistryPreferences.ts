import { computed, onMounted, shallowRef, type Ref } from 'vue'
import type { CreatedProfile, PreferenceOptions, PreferencesTrial, ProfileAnswer, ProfileContent } from '../../shared/types/preferences.ts'
import { isSame, patchOf } from '../preferences/draft.ts'
import { createKeeping, type Keeping } from '../preferences/keeping.ts'
import { formatProfile, parseProfile } from '../preferences/profile-file.ts'

/** Milliseconds until an answer counts as none; a test of all sources takes its time. */
const TIMEOUT = 30_000

type Doing = 'creating' | 'opening' | 'saving' | 'revoking' | 'testing'

/** Why something did not work: a sentence of the server's, or the key of one of ours. */
interface PreferencesProblem {
  during: Doing
  sentence?: string
  key?: string
}

/**
 * Preferences as they are edited here, and as the server has them. The token stays in this browser, and goes nowhere but into the
 * header of requests to our own server; nothing of it is rendered on the server.
 */
export function useRegistryPreferences(options: Ref<PreferenceOptions | null | undefined>) {
  const draft = shallowRef<ProfileContent>({})
  const profile = shallowRef<ProfileAnswer>()
  const token = shallowRef<string>()
  const isKept = shallowRef(false)
  /** It was made a moment ago, and is shown. */
  const isNew = shallowRef(false)
  const doing = shallowRef<Doing>()
  const problem = shallowRef<PreferencesProblem>()
  const trial = shallowRef<PreferencesTrial>()
  /** Rises when another draft takes the place of this one, so that it is shown anew instead of being moved about. */
  const restored = shallowRef(0)
  let keeping: Keeping | undefined

  const saved = computed<ProfileContent>(() => profile.value?.content ?? {})
  const isChanged = computed(() => !isSame(saved.value, draft.value))

  function keepDraft() {
    keeping?.draft(isChanged.value ? formatProfile(draft.value) : undefined)
  }

  /** Puts another draft in the place of this one. */
  function replace(content: ProfileContent) {
    draft.value = content
    restored.value++
    keepDraft()
  }

  function edit(content: ProfileContent) {
    draft.value = content
    keepDraft()
  }

  /** @returns whether it worked */
  async function attempt(what: Doing, work: () => Promise<void>): Promise<boolean> {
    if (doing.value) return false
    doing.value = what
    problem.value = undefined
    try {
      await work()
      return true
    } catch (error) {
      problem.value = { during: what, ...problemOf(error) }
      return false
    } finally {
      doing.value = undefined
    }
  }

  function ask<T>(path: string, request: { method?: 'GET' | 'POST' | 'PATCH' | 'DELETE', body?: object, with?: string } = {}): Promise<T> {
    const { with: secret, ...rest } = request
    return $fetch<T>(path as string, {
      ...rest, timeout: TIMEOUT, retry: 0, ...(secret !== undefined && { headers: { authorization: `Bearer ${secret}` } }),
    }) as Promise<T>
  }

  function take(found: ProfileAnswer) {
    const hadDraft = isChanged.value
    profile.value = found
    if (hadDraft) keepDraft()
    else replace(found.content)
  }

  function forget() {
    token.value = profile.value = undefined
    isKept.value = isNew.value = false
    keeping?.forgetToken()
    keepDraft()
  }

  onMounted(async () => {
    keeping = createKeeping()
    const { draft: kept, token: secret, isKept: wasKept } = keeping.read()
    const read = kept !== undefined && options.value ? parseProfile(kept, options.value) : undefined
    if (read?.content) replace(read.content)
    if (secret === undefined) return
    token.value = secret
    isKept.value = wasKept
    await attempt('opening', async () => take(await ask('/api/preferences', { with: secret })))
  })

  return {
    draft, profile, token, isKept, isNew, doing, problem, trial, restored, saved, isChanged, edit, replace, forget,
    create: () => attempt('creating', async () => {
      const made = await ask<CreatedProfile>('/api/preferences', { method: 'POST', body: { content: draft.value } })
      const { token: secret, ...answer } = made
      token.value = secret
      isNew.value = true
      isKept.value = false
      keeping?.token(secret, false)
      profile.value = answer
      edit(answer.content)
    }),
    /** @param keep beyond this tab */
    open: (secret: string, keep: boolean) => attempt('opening', async () => {
      take(await ask('/api/preferences', { with: secret }))
      token.value = secret
      isKept.value = keep
      isNew.value = false
      keeping?.token(secret, keep)
    }),
    keep(isWanted: boolean) {
      isKept.value = isWanted
      if (token.value !== undefined) keeping?.token(token.value, isWanted)
    },
    save: () => attempt('saving', async () => {
      const patch = { content: patchOf(saved.value, draft.value) }
      profile.value = await ask<ProfileAnswer>('/api/preferences', { method: 'PATCH', body: patch, with: token.value })
      edit(profile.value.content)
    }),
    /** The choices stay as a draft. */
    revoke: () => attempt('revoking', async () => {
      await ask('/api/preferences', { method: 'DELETE', with: token.value })
      forget()
    }),
    test: () => attempt('testing', async () => {
      trial.value = await ask<PreferencesTrial>('/api/preferences/test', {
        method: 'POST', body: { content: draft.value }, with: profile.value && token.value,
      })
    }),
  }
}

export type RegistryPreferences = ReturnType<typeof useRegistryPreferences>

function problemOf(error: unknown): Pick<PreferencesProblem, 'sentence' | 'key'> {
  const { status, data } = error as { status?: number, data?: { error?: unknown } }
  if (status === 401) return { key: 'registry.preferences.token.wrong' }
  if (typeof data?.error === 'string') return { sentence: data.error }
  return { key: status ? 'registry.failure.failed' : 'registry.failure.network' }
}
