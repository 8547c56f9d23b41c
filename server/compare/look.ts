import { RegistryError } from '../errors.ts'
import { escapeName, type createDocuments, type Reading, type Summary } from '../packument/index.ts'
import { probeOf, type Exchange, type Visit } from './visit.ts'

export type Documents = Pick<ReturnType<typeof createDocuments>, 'open'>

/** A source's document of a package; `missing`: it has none; `failed`: nobody knows. */
export interface Look {
  exchange: Exchange
  state: 'found' | 'missing' | 'failed'
  summary?: Summary
  /** Why a document that came cannot be used. */
  problem?: string
}

/** Bytes. Larger documents are not compared: they would take more than the looking is worth. */
export const MAX_DOCUMENT = 16 * 1024 * 1024

export async function lookAt(visit: Visit, name: string, documents: Documents, reading?: Reading): Promise<Look> {
  const exchange = await visit.ask({
    url: escapeName(name), headers: { 'accept': 'application/json', 'accept-encoding': 'gzip' }, read: MAX_DOCUMENT,
  })
  const { status, body } = exchange
  if (status === 404 || status === 410) return { exchange, state: 'missing' }
  if (status !== 200 || !body) return { exchange, state: 'failed' }
  try {
    const document = await documents.open(body, name, reading)
    const { summary } = document
    document.close()
    return { exchange, state: 'found', summary }
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    if (error.code === 'NOT_FOUND') return { exchange, state: 'missing' }
    return { exchange, state: 'failed', problem: error.message }
  }
}

/** Each document of a visit once: it is compared, looked through for new versions, and tells where tarballs are. */
export function createLooks(visit: Visit, documents: Documents) {
  const looks = new Map<string, Look>()
  return {
    visit,
    async of(name: string): Promise<Look> {
      const known = looks.get(name)
      if (known) return known
      const look = await lookAt(visit, name, documents)
      looks.set(name, look)
      return look
    },
    /** Undefined: it was not asked for, or did not come. */
    known: (name: string): Look | undefined => looks.get(name),
    summaries: () => [...looks.values()].flatMap(({ summary }) => summary ?? []),
  }
}

export type Looks = ReturnType<typeof createLooks>

export function packumentProbe({ exchange, problem }: Look) {
  return probeOf('packument', exchange, problem)
}
