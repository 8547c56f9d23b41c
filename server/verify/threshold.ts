import { formatPurl } from '../../shared/record/index.ts'
import type { RegistryConfig } from '../config/types.ts'
import { RegistryError } from '../errors.ts'
import type { Copies, Summary, VersionSummary } from '../packument/index.ts'
import type { Routes, Upstream } from '../registry/index.ts'
import type { Claim, ClaimBook } from './claims.ts'
import type { Dispute, Disputes } from './disputes.ts'
import { RETRY_SOON } from './judge.ts'
import { tooFew, unasked, unreadable, type Lack } from './sentences.ts'
import type { Look, Refusal, Refusals, Rule, Thresholds, VerifyObserver } from './types.ts'

interface ThresholdsOptions {
  routes: Pick<Routes, 'thresholdOf' | 'mirrorsOf' | 'authorityBehind'>
  upstream(registry: RegistryConfig): Upstream
  /** What mirrors say. */
  copies: Copies
  book: ClaimBook
  disputes: Pick<Disputes, 'add'>
  observer: Pick<VerifyObserver, 'trouble'>
  /** Milliseconds that mirrors have to answer; what comes later counts the next time. */
  patience?: number
}

/** A version in question, and who claims the digest that counts. */
interface Question {
  version: string
  /** Package URL. */
  subject: string
  integrity: string
  agreeing: Set<string>
  disagreeing: Set<string>
}

const NONE: Refusals = new Map()
const PATIENCE = 10_000
/** Mirrors copy within minutes (ms). */
const RETRY_IN_A_MINUTE = 60_000

/**
 * A version is visible if as many sources as its route wants, its authority and mirrors of it, claim the same sha512. What they
 * claimed once counts for ever, so a version that had enough of them costs nothing more, and stays when mirrors go away.
 */
export function createThresholds(
  { routes, upstream, copies, book, disputes, observer, patience = PATIENCE }: ThresholdsOptions,
): Thresholds {
  async function questionsOf(look: Look, digests: ReadonlyMap<string, string>): Promise<Question[]> {
    const { registry } = look.upstream
    // What differs from the record is a conflict, however many sources claim it.
    const questions = [...digests].flatMap(([version, integrity]): Question[] => {
      const known = look.standing.get(version)
      if (known && known.integrity !== integrity) return []
      // What is recorded, its authority claimed, even if a mirror speaks for it now.
      const agreeing = new Set([registry.id, ...(known ? [routes.authorityBehind(registry).id] : [])])
      return [{ version, subject: formatPurl({ ...look.subject, version }), integrity, agreeing, disagreeing: new Set() }]
    })
    const bySubject = new Map(questions.map(question => [question.subject, question]))
    for (const { subject, source, integrity } of await book.of([...bySubject.keys()])) {
      const question = bySubject.get(subject)
      if (question?.integrity === integrity) question.agreeing.add(source)
    }
    return questions
  }

  /** Compares what a mirror says with the authority, and says what of it is new. */
  function compare(look: Look, questions: readonly Question[], mirror: RegistryConfig, summary?: Summary): Claim[] {
    const claims: Claim[] = []
    const found: Dispute[] = []
    for (const { version, subject, integrity, agreeing, disagreeing } of questions) {
      const claim = summary?.versions.get(version)
      const other = claim && sha512Of(claim)
      if (!claim || other === undefined) continue
      claims.push({ subject, source: mirror.id, integrity: other })
      if (other === integrity) {
        agreeing.add(mirror.id)
      } else {
        agreeing.delete(mirror.id)
        disagreeing.add(mirror.id)
        found.push({ version, integrity, other, mirror, claim })
      }
    }
    if (found.length > 0) disputes.add(look, found)
    return claims
  }

  async function remember(name: string, claims: readonly Claim[]): Promise<void> {
    // They are asked again, at the latest after a restart.
    await book.add(claims).catch((error: unknown) => observer.trouble('keeping what sources claim', error, name))
  }

  /**
   * Asks the mirrors, all at once, until they have said enough.
   * @returns ids of those that could not be asked
   */
  async function ask(look: Look, questions: readonly Question[], wanted: number): Promise<Set<string>> {
    const { name, upstream: { registry } } = look
    const isNeeded = ({ id }: RegistryConfig) => questions.some(({ agreeing }) => !agreeing.has(id))
    const mirrors = routes.mirrorsOf(routes.authorityBehind(registry)).filter(isNeeded)
    const silent = new Set(mirrors.map(({ id }) => id))
    const claims: Claim[] = questions.map(({ subject, integrity }) => ({ subject, source: registry.id, integrity }))
    let isOver = false

    await new Promise<void>((resolve) => {
      const isEnough = () => questions.every(({ agreeing }) => agreeing.size >= wanted)
      let left = mirrors.length
      const timer = setTimeout(resolve, patience)
      const next = () => {
        if (left > 0 && !isEnough()) return
        clearTimeout(timer)
        resolve()
      }
      next()
      for (const mirror of mirrors) {
        copies.of(name, upstream(mirror)).then((summary) => {
          silent.delete(mirror.id)
          const said = compare(look, questions, mirror, summary)
          if (isOver) return remember(name, said)
          claims.push(...said)
        }).catch((error: unknown) => {
          // A refusal is an answer: it does not claim anything.
          if (error instanceof RegistryError && error.status < 500) silent.delete(mirror.id)
          observer.trouble(`asking "${mirror.id}" for what it claims`, error, name)
        }).finally(() => {
          left--
          next()
        })
      }
    })
    isOver = true
    await remember(name, claims)
    return silent
  }

  async function check(look: Look, digests: ReadonlyMap<string, string>, wanted: number): Promise<Refusals> {
    const { name } = look
    const all = await questionsOf(look, digests).catch((error: unknown) => {
      observer.trouble('reading what sources claim', error, name)
      throw unreadable(name, error)
    })
    const open = all.filter(({ agreeing }) => agreeing.size < wanted)
    if (open.length === 0) return NONE
    const silent = await ask(look, open, wanted)
    return new Map(open.filter(({ agreeing }) => agreeing.size < wanted)
      .map(question => [question.version, refuse({ ...question, name, wanted, silent })]))
  }

  return {
    check(look, digests) {
      const wanted = routes.thresholdOf(look.name)
      return wanted > 1 && digests.size > 0 ? check(look, digests, wanted) : NONE
    },
  }
}

/** The same for versions that are recorded, and that a mirror speaks for. */
export function thresholdRule(thresholds: Thresholds): Rule {
  return (look) => {
    const digests = [...look.open.keys()].flatMap((version): [string, string][] => {
      const known = look.standing.get(version)
      return known ? [[version, known.integrity]] : []
    })
    return thresholds.check(look, new Map(digests))
  }
}

type Unmet = Question & { name: string, wanted: number, silent: ReadonlySet<string> }

function refuse({ name, version, wanted, agreeing, disagreeing, silent }: Unmet): Refusal {
  const unheard = [...silent].filter(id => !agreeing.has(id))
  const lack: Lack = { name, version, wanted, agreeing: [...agreeing], disagreeing: [...disagreeing], silent: unheard }
  return agreeing.size + unheard.length >= wanted
    ? { why: unasked(lack), retryIn: RETRY_SOON }
    : { why: tooFew(lack), retryIn: RETRY_IN_A_MINUTE }
}

/** The sha512 that a source gives, if it gives one. */
function sha512Of({ integrity }: VersionSummary): string | undefined {
  return integrity.startsWith('sha512-') ? integrity : undefined
}
