import { createHash, createPublicKey, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { formatRecord, goLookupPath, manifestDigest, parseGoLookup, parseRecord } from '../../../shared/record/index.ts'

const document = readFileSync(new URL('../../../docs/protocol.md', import.meta.url), 'utf8')
const blocks = (language: string) => Array.from(document.matchAll(new RegExp(`^\`\`\`${language}\n(.*?\n)\`\`\`$`, 'gms')), ([, block]) => block!)

it('the document has a record of every kind, as we write it', () => {
  const records = blocks('record').map(text => [text, parseRecord(text)] as const)
  expect(records.map(([, { kind }]) => kind)).toEqual(['version', 'conflict', 'withdrawn', 'tags', 'keys', 'head', 'policy', 'acknowledged'])
  for (const [text, record] of records) expect(formatRecord(record)).toBe(text)
})

it('the document says size and leaf hash of its first record', () => {
  const bytes = Buffer.from(blocks('record')[0]!)
  expect(document).toContain(`This record has ${bytes.length} bytes`)
  expect(document).toContain(`the leaf hash \`${createHash('sha256').update('\0').update(bytes).digest('hex')}\``)
})

it('the document\'s first record is a real one: the signature verifies', () => {
  const [version, , , , keys] = blocks('record').map(parseRecord)
  if (version?.kind !== 'version' || keys?.kind !== 'keys') throw new Error('The examples are in another order.')
  const { name, version: number } = version.subject
  const { keyid, signature } = version.signature!
  const key = createPublicKey({ key: Buffer.from(keys.keys.find(key => key.keyid === keyid)!.key, 'base64'), format: 'der', type: 'spki' })
  const message = Buffer.from(`${name}@${number}:${version.integrity}`)
  expect(verify('sha256', message, key, Buffer.from(signature, 'base64'))).toBe(true)
  expect(version.manifest).toBe(manifestDigest(version.subject))
})

it('the document\'s manifest has the digest it says', () => {
  const [json] = blocks('json')
  const [canonical] = blocks('canonical')
  const [digest] = blocks('digest')
  expect(manifestDigest(JSON.parse(json!) as object)).toBe(digest!.trim())
  expect(`sha256-${createHash('sha256').update(canonical!.trim()).digest('base64')}`).toBe(digest!.trim())
})

it('the document\'s packages have the Go names it says', () => {
  const rows = Array.from(document.matchAll(/^\| `(.+)` \| `(.+)` \| `((?:hex\.)?npm\.npmx\.dev\/.+)` \|$/gm), ([, ...cells]) => cells)
  expect(rows).toHaveLength(9)
  for (const [name = '', version = '', path = ''] of rows) {
    expect(goLookupPath(name, version)).toBe(path)
    expect(parseGoLookup(path)).toEqual({ name, version })
  }
})
