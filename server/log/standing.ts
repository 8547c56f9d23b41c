import type { Client } from '@libsql/client'
import type { Filing } from './draft.ts'

export interface Stored {
  index: number
  text: string
}

/** What stands for each filing, in their order; rows are found by the same unique indexes that guard them. */
const FIND = `
  SELECT wanted.key AS n, records.idx, records.text
  FROM json_each(?) AS wanted
  JOIN packages ON packages.purl = wanted.value ->> 1
  JOIN records ON records.package_id = packages.id AND records.version = wanted.value ->> 2
  WHERE `
const FIND_VERSIONS = `${FIND} records.kind = 'version'`
const FIND_OTHERS = `${FIND} records.kind <> 'version' AND records.kind = wanted.value ->> 0 AND records.key = wanted.value ->> 3`

/** Looks up what is recorded already. */
export async function findStanding(client: Client, filings: readonly Filing[]): Promise<(Stored | undefined)[]> {
  const found: (Stored | undefined)[] = Array.from({ length: filings.length })
  const isVersion = ({ kind }: Filing) => kind === 'version'
  const isGuarded = ({ kind, key }: Filing) => kind !== 'version' && key !== null
  for (const [select, query] of [[isVersion, FIND_VERSIONS], [isGuarded, FIND_OTHERS]] as const) {
    const places = filings.flatMap((filing, n) => select(filing) ? [n] : [])
    if (places.length === 0) continue
    const wanted = places.map(n => filings[n]!).map(({ kind, purl, version, key }) => [kind, purl, version, key])
    const { rows } = await client.execute({ sql: query, args: [JSON.stringify(wanted)] })
    for (const { n, idx, text } of rows) found[places[Number(n)]!] = { index: Number(idx), text: String(text) }
  }
  return found
}
