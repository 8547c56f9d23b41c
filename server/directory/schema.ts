import * as v from 'valibot'

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(100))
const id = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9._-]{0,63}$/))
const page = v.pipe(v.string(), v.url(), v.startsWith('https://'))

/**
 * One file of the directory. It names no registry's host: only operators know which URL they mean, and npm's own default comes
 * from npm's library. Links lead to pages about a registry, on other hosts than its own.
 */
const entrySchema = v.strictObject({
  id,
  name: text,
  operator: text,
  kind: v.picklist(['authority', 'mirror']),
  /** Id of the authority that a mirror copies. */
  of: v.optional(id),
  region: text,
  url: v.optional(v.literal('npm-default')),
  links: v.strictObject({ home: v.optional(page), docs: v.optional(page), status: v.optional(page) }),
})

/** @throws valibot's error, or one that says which entries contradict each other */
export function parseDirectory(entries: readonly unknown[]): DirectoryEntry[] {
  const directory = v.parse(v.array(entrySchema), entries)
  for (const { id, kind, of } of directory) {
    if (directory.filter(one => one.id === id).length > 1) throw new Error(`The directory has two entries "${id}".`)
    if ((kind === 'mirror') !== (of !== undefined)) throw new Error(`The directory's entry "${id}" must name an authority exactly if it is a mirror.`)
    if (of !== undefined && !directory.some(one => one.id === of && one.kind === 'authority')) throw new Error(`The directory's entry "${id}" is of "${of}", which is no authority.`)
  }
  return directory
}

export type DirectoryEntry = v.InferOutput<typeof entrySchema>
