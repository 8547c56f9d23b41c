import { describe, expect, it } from 'vitest'
import { openDatabase, type Database } from '../../../server/database/index.ts'
import { fsck } from '../../../server/log/fsck.ts'
import { equalHashes } from '../../../shared/tlog/index.ts'
import { INTEGRITY, open, OTHER_INTEGRITY, place, version, versions } from './fixture.ts'

/** A log of 300 records in 4 commits, closed, and its database opened again. */
async function sample(): Promise<{ database: Database, root: Uint8Array }> {
  const dir = place()
  const { log, close } = await open(dir)
  await log.record(versions('@a/b', 200))
  await log.record([...versions('c', 97), version('C', '1.0.0')])
  await log.record([{ kind: 'conflict', subject: { name: 'c', version: '1.0.0' }, integrity: INTEGRITY, other: OTHER_INTEGRITY, source: 'm1' }])
  await log.record([{ kind: 'tags', subject: { name: 'c' }, tags: [{ name: 'latest', version: '1.0.1' }] }])
  const { root } = await log.head()
  await close()
  return { database: await openDatabase(`file:${dir}/registry.db`), root }
}

describe('fsck', () => {
  it('finds nothing wrong with a log as it was written, and says what it read', async () => {
    const { database, root } = await sample()
    const seen: number[] = []
    const report = await fsck(database, { onProgress: done => seen.push(done) })
    expect(report).toMatchObject({ records: 300, checkpoints: 4, tiles: 1, problems: [] })
    expect(equalHashes(report.root, root)).toBe(true)
    expect(seen).toEqual([256, 300])
    await database.close()
  })

  it('finds nothing wrong with an empty log', async () => {
    const { database, close } = await open(place())
    expect(await fsck(database)).toMatchObject({ records: 0, problems: [] })
    await close()
  })

  it('names every stored value that was changed', async () => {
    const { database } = await sample()
    const { client } = database
    const columns = async (table: string) => (await client.execute(`PRAGMA table_info(${table})`)).rows
      .map(({ name, pk }) => ({ column: String(name), isKey: Number(pk) > 0 }))
    for (const table of ['log', 'head', 'packages', 'records', 'tiles', 'edge', 'checkpoints', '__drizzle_migrations']) {
      const described = await columns(table)
      // SQLite finds a row under its new number when its key is one number.
      const hasNumber = described.filter(({ isKey }) => isKey).length === 1
      for (const { column, isKey } of described) {
        const { rows } = await client.execute(`SELECT rowid AS row, ${column} AS value FROM ${table} WHERE value IS NOT NULL ORDER BY rowid`)
        for (const { row, value } of [rows[0]!, rows.at(-1)!]) {
          const changed = change(value)
          try {
            await client.execute({ sql: `UPDATE ${table} SET ${column} = ? WHERE rowid = ?`, args: [changed, row!] })
          } catch {
            continue // A constraint does not let it be stored at all.
          }
          const { problems } = await fsck(database)
          expect(problems, `${table}.${column} of row ${String(row)}: ${String(value)} → ${String(changed)}`).not.toEqual([])
          await client.execute({ sql: `UPDATE ${table} SET ${column} = ? WHERE rowid = ?`, args: [value!, isKey && hasNumber ? changed : row!] })
        }
      }
    }
    expect(await fsck(database)).toMatchObject({ problems: [] })
    await database.close()
  }, 60_000)

  it.each([
    ['DELETE FROM records WHERE idx = 10', /^Record 10 is missing\.$/],
    ['DELETE FROM records WHERE idx = 299', /^A checkpoint of size 300 is stored, but there are only 299 records\.$/],
    ['UPDATE records SET text = replace(text, \'1.0.7\', \'1.0.8\') WHERE idx = 7', /^Record 7 is filed under the version "1\.0\.7", but says "1\.0\.8"\.$/],
    ['DELETE FROM tiles', /^Tile 0 of level 0 is missing\.$/],
    ['UPDATE tiles SET hashes = CAST(substr(hashes, 1, 3200) || zeroblob(32) || substr(hashes, 3233) AS BLOB)', /^Tile 0 of level 0 differs from the records at hash 100\.$/],
    ['INSERT INTO tiles VALUES (0, 1, zeroblob(8192))', /^1 tiles are stored that no record needs\.$/],
    ['INSERT INTO packages (purl) VALUES (\'pkg:npm/x\')', /^Package "pkg:npm\/x" is stored, but no record is about it\.$/],
    ['UPDATE head SET recorded = recorded + 1', /^The head has another time than the last record\.$/],
    ['UPDATE edge SET hashes = zeroblob(32) WHERE level = 1', /^The edge at level 1 differs from the records at hash 0\.$/],
    ['UPDATE checkpoints SET note = (SELECT note FROM checkpoints WHERE size = 200) WHERE size = 298', /size 298 is signed for size 200\.$/],
    ['DELETE FROM log', /^The database is 0 logs instead of one\.$/],
  ])('says what %s did', async (change, sentence) => {
    const { database } = await sample()
    await database.client.execute(change)
    expect((await fsck(database)).problems).toContainEqual(expect.stringMatching(sentence))
    await database.close()
  })

  it('stops after so many differences', async () => {
    const { database } = await sample()
    await database.client.execute('UPDATE records SET text = \'x\'')
    expect((await fsck(database, { maxProblems: 5 })).problems).toHaveLength(5)
    await database.close()
  })
})

/** The same with one bit flipped. */
function change(value: unknown): string | number | Uint8Array {
  if (typeof value === 'number') return value + 1_000_000
  if (value instanceof ArrayBuffer) return flip(new Uint8Array(value.slice(0)))
  const bytes = flip(new TextEncoder().encode(String(value)))
  return new TextDecoder().decode(bytes)
}

function flip(bytes: Uint8Array): Uint8Array {
  const place = Math.floor(bytes.length / 2)
  bytes[place] = bytes[place]! ^ 1
  return bytes
}
