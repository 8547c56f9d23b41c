import * as v from 'valibot'
import { badRequest } from './query.ts'

const text = (longest: number) => v.pipe(
  v.string(), v.trim(), v.minLength(1), v.maxLength(longest), v.check(value => value.isWellFormed()),
)
const Body = v.strictObject({ by: text(200), reason: text(2_000) })

/** Who an operator is and why something is done: `{ by, reason }`. @throws RegistryError `BAD_REQUEST` */
export function parseReason(body: unknown): { by: string, reason: string } {
  const parsed = v.safeParse(Body, body)
  if (parsed.success) return parsed.output
  throw badRequest('Send JSON with two texts and nothing else: "by" (who you are, at most 200 characters) and "reason" (at most 2000).')
}
