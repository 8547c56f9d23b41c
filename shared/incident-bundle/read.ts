import canonicalize from 'canonicalize'
import * as v from 'valibot'
import { parsePurl, RecordError } from '../record/index.ts'
import type { IncidentBundle } from '../types/incidents.ts'
import { BundleError } from './errors.ts'

const text = v.string()
const nullable = <T extends v.GenericSchema>(schema: T) => v.nullable(schema)
const index = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const Signature = v.looseObject({ keyid: text, signature: text })
const Bundle = v.strictObject({
  format: v.literal('npmx-incident@v1'),
  digest: text,
  incident: v.strictObject({
    id: index, kind: text, cause: text, digest: text, source: text, sentence: text, noticed: text, isPrivate: v.boolean(),
    subject: nullable(v.pipe(text, v.check(isPurl))), record: nullable(index),
    acknowledged: nullable(v.looseObject({ by: text, reason: text, at: text, record: nullable(index) })),
    evidence: v.looseObject({
      recorded: v.optional(v.union([
        v.strictObject({ index, text }),
        v.looseObject({ pinned: v.looseObject({ integrity: text }) }),
      ])),
      claimed: v.optional(v.looseObject({
        integrity: v.optional(text), sha512: v.optional(text), size: v.optional(v.number()),
        signatures: v.optional(v.array(Signature)),
      })),
      keys: v.optional(v.array(v.looseObject({ keyid: text, key: text, expires: v.optional(text) }))),
    }),
  }),
  log: nullable(v.strictObject({ origin: text, vkey: text })),
  records: v.array(v.strictObject({ index, text, proof: text })),
  bytes: nullable(v.strictObject({ sha512: text, size: nullable(index), base64: nullable(text) })),
})

/**
 * Takes an incident's file apart.
 * @returns what it says, the text it has to have to say so, and the text it has
 * @throws BundleError
 */
export function readBundle(bytes: Uint8Array): { bundle: IncidentBundle, canonical: string, source: string } {
  try {
    const source = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    const value = JSON.parse(source) as object
    const canonical = `${canonicalize(value)}\n`
    return { bundle: v.parse(Bundle, value) as unknown as IncidentBundle, canonical, source }
  } catch (cause) {
    const where = cause instanceof v.ValiError ? ` (${v.getDotPath(cause.issues[0] as v.BaseIssue<unknown>) ?? 'it'} is not as it should be)` : ''
    throw new BundleError(`This is not the file of an incident, as /api/incidents/<id>/bundle gives it${where}.`, { cause })
  }
}

function isPurl(text: string): boolean {
  try {
    parsePurl(text)
    return true
  } catch (error) {
    if (!(error instanceof RecordError)) throw error
    return false
  }
}
