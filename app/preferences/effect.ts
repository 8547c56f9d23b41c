import type { PreferenceOptions, ProfileContent, SourceWishes } from '../../shared/types/preferences.ts'
import type { Translate } from '../display/translate.ts'
import { arrange, type Authority } from './arrange.ts'
import { scopesOf, wishesFor } from './draft.ts'

type Strategy = NonNullable<SourceWishes['strategy']>

/** Ids in a text. */
const listed = (ids: readonly string[]): string => ids.join(', ')

/** Key of what is said where nobody has a fixed place, and where these follow who has one. */
const DRAWN = {
  priority: ['registry.preferences.effect.ordered', 'registry.preferences.effect.ordered'],
  fastest: ['registry.preferences.effect.fastest', 'registry.preferences.effect.thenFastest'],
  spread: ['registry.preferences.effect.spread', 'registry.preferences.effect.thenSpread'],
} as const satisfies Record<Strategy, readonly [string, string]>

const TARBALLS = {
  auto: 'registry.preferences.effect.auto',
  upstream: 'registry.preferences.effect.upstream',
  self: 'registry.preferences.effect.self',
} as const satisfies Record<NonNullable<ProfileContent['tarballs']>, string>

/**
 * What a profile does, in sentences: who delivers, what is different for some names, which addresses are named, and whose keys
 * are sent.
 */
export function effectOf(content: ProfileContent, { authorities, defaults }: PreferenceOptions, t: Translate): string[] {
  const general = wishesFor(content)
  const scopes = scopesOf(content).flatMap(([name, own]) => {
    if (Object.keys(own).length === 0) return [t('registry.preferences.effect.scopeSame', { name })]
    const packages = (authority: string) => t('registry.preferences.effect.named', { name, authority })
    return authorities.filter(({ sources }) => sources.length > 1)
      .flatMap(authority => deliveryOf(authority, wishesFor(content, name), packages(authority.id), defaults.strategy, t))
  })
  const keys = content.keys ?? []
  return [
    ...authorities.flatMap(authority =>
      deliveryOf(authority, general, t('registry.preferences.effect.all', { authority: authority.id }), defaults.strategy, t)),
    ...scopes,
    t(TARBALLS[content.tarballs ?? defaults.tarballs]),
    keys.length > 0 ? t('registry.preferences.effect.keys', { ids: listed(keys) }) : t('registry.preferences.effect.allKeys'),
  ]
}

/**
 * Who delivers what is at an authority: one sentence, and one more for those who never do.
 * @param packages which ones it is about
 */
function deliveryOf(authority: Authority, wishes: SourceWishes, packages: string, usual: Strategy, t: Translate): string[] {
  const sources = arrange(authority, wishes)
  const on = sources.filter(({ isOff }) => !isOff)
  const off = sources.filter(({ isOff }) => isOff)
  const ids = (some: typeof sources) => listed(some.map(({ id }) => id))
  const { strategy = usual } = wishes
  const [alone, then] = DRAWN[strategy]
  const fixed = on.filter(({ isFixed }) => isFixed || strategy === 'priority')
  const rest = on.filter(source => !fixed.includes(source))

  const sentence = on.length === 1
    ? t('registry.preferences.effect.alone', { packages, id: ids(on) })
    : fixed.length === 0
      ? t(alone, { packages, ids: ids(rest) })
      : rest.length > 0
        ? t(then, { packages, first: ids(fixed), ids: ids(rest) })
        : t('registry.preferences.effect.ordered', { packages, first: ids(fixed.slice(0, 1)), ids: ids(fixed.slice(1)) })
  return off.length > 0 ? [sentence, t('registry.preferences.effect.off', { ids: ids(off), packages })] : [sentence]
}
