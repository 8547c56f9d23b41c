/** One kind of request that a client repeats against a warm cache. */
export interface Case {
  size: 'small' | 'medium' | 'large'
  form: 'full' | 'corgi'
  /** Sends the peer's own ETag and expects 304. */
  conditional: boolean
  /** Relative to a registry URL. */
  path: string
  headers: Record<string, string>
}

/** What npm sends for an install, and what pnpm, yarn and bun send. */
export const ACCEPT = {
  full: 'application/json',
  corgi: 'application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*',
}

export const PATHS = { small: 'bench-small', medium: 'bench-medium', large: '@bench%2ftypes' } as const

const SIZES = ['small', 'medium', 'large'] as const
const FORMS = ['full', 'corgi'] as const

export const CASES: readonly Case[] = [
  ...SIZES.flatMap(size => FORMS.map(form => warm(size, form, false))),
  warm('medium', 'full', true),
  warm('large', 'full', true),
]

export function titleOf(one: Case): string {
  return `${one.size} ${one.form}${one.conditional ? ' 304' : ''}`
}

function warm(size: Case['size'], form: Case['form'], conditional: boolean): Case {
  return { size, form, conditional, path: PATHS[size], headers: { 'accept': ACCEPT[form], 'accept-encoding': 'gzip' } }
}
