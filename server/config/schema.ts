import * as v from 'valibot'
import { findKnown } from '../directory/index.ts'
import { BOUNDS } from './defaults.ts'
import { BadValue } from './error.ts'
import { parseRedisUrl } from './environment.ts'
import { nearestKey } from './nearest.ts'
import { parsePattern } from './patterns.ts'
import { show } from './show.ts'
import { type Bounds, parseCount, parseDuration, parseSize } from './units.ts'
import { parseBaseUrl, parseHost, parseReceiverUrl } from './url.ts'

/** An object whose other keys are mistakes, with the key that was probably meant. */
function object<const Entries extends v.ObjectEntries>(entries: Entries) {
  const known = Object.keys(entries)
  return v.pipe(
    v.custom<object>(value => typeof value === 'object' && value !== null && !Array.isArray(value), issue => notA('an object', issue.input)),
    v.strictObject(entries, (issue) => {
      if (issue.expected !== 'never') return 'is missing.'
      const nearest = nearestKey(issue.input as string, known)
      return `unknown key. ${nearest === undefined ? `Known are ${known.join(', ')}.` : `Did you mean "${nearest}"?`}`
    }),
  )
}

function list<Item extends v.GenericSchema<unknown, unknown>>(item: Item, what: string) {
  return v.array(item, issue => notA(`a list of ${what}`, issue.input))
}

function choice<const Options extends readonly string[]>(options: Options) {
  return v.picklist(options, issue => `${show(issue.input)} is not possible. Use ${options.map(option => `"${option}"`).join(' or ')}.`)
}

/** A value with a parser of its own, which throws {@link BadValue}. */
function parsed<T>(parse: (value: unknown) => T) {
  return v.pipe(v.unknown(), v.rawTransform<unknown, T>(({ dataset, addIssue, NEVER }) => {
    try {
      return parse(dataset.value)
    } catch (error) {
      if (!(error instanceof BadValue)) throw error
      addIssue({ message: error.message })
      return NEVER
    }
  }))
}

/** A name for messages, pages and metrics: short, and nothing in it needs escaping. */
const id = v.pipe(
  v.string(issue => notA('a text', issue.input)),
  v.regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, issue => `${show(issue.input)} is not an id. Use lower case letters, digits, ".", "-" and "_".`),
)

const namespace = v.pipe(
  v.string(issue => notA('a text', issue.input)),
  v.regex(/^[a-z0-9.-]+(?::\d{1,5})?(?:\/[\w.~%@-]+)*$/, issue => `${show(issue.input)} is not a namespace. Write a host and a path, like registry.example/npm.`),
)

/** Never shown. Which characters a header can carry is checked where its variables are filled in. */
const token = v.pipe(v.string('must be a text.'), v.minLength(1, 'must not be empty.'))

const pattern = parsed(parsePattern)
const duration = (bounds: Bounds) => v.optional(parsed(value => parseDuration(value, bounds)))
const size = (bounds: Bounds) => v.optional(parsed(value => parseSize(value, bounds)))
const count = (bounds: Bounds) => v.optional(parsed(value => parseCount(value, bounds)))

const severity = choice(['warn', 'deny'])

/** Several authorities are a list of ids; the usual one needs no brackets. */
const oneOrMore = v.union([id, v.pipe(list(id, 'ids'), v.minLength(1, 'is empty.'))], issue => notA('an id or a list of ids', issue.input))

const writtenRegistry = object({
  id,
  url: parsed(parseBaseUrl),
  role: v.optional(choice(['authority', 'mirror'])),
  of: v.optional(id),
  namespace: v.optional(namespace),
  token: v.optional(token),
  links: v.optional(list(id, 'ids')),
  timeout: duration(BOUNDS.timeout),
})

/** Whose id is in the directory of known registries may leave to it what it is, and what it copies. */
const registry = v.pipe(writtenRegistry, v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
  const { id, role, of } = value
  if (role !== undefined) return { ...value, role }
  const known = findKnown(id)
  if (known) return { ...value, role: known.kind, of: of ?? known.of }
  addIssue({
    message: `is missing, and ${show(id)} is not in the directory of known registries, which would say it. Use "authority" or "mirror".`,
    path: [{ type: 'object', origin: 'value', input: value, key: 'role', value: role }],
  })
  return NEVER
}))

/** What a `REGISTRY_CONFIG` file may hold. */
export const fileSchema = object({
  registries: v.optional(list(registry, 'registries')),
  routes: v.optional(list(object({
    match: v.pipe(list(pattern, 'name patterns'), v.minLength(1, 'is empty.')),
    registry: oneOrMore,
    threshold: count(BOUNDS.threshold),
  }), 'routes')),
  private: v.optional(list(pattern, 'name patterns')),
  tarballs: v.optional(choice(['auto', 'upstream', 'self'])),
  delivery: v.optional(choice(['redirect', 'serve'])),
  strategy: v.optional(choice(['priority', 'fastest', 'spread'])),
  policy: v.optional(object({ links: v.optional(severity), manifests: v.optional(severity) })),
  webhooks: v.optional(list(object({ url: parsed(parseReceiverUrl), secret: token }), 'webhooks')),
  probes: v.optional(object({ interval: duration(BOUNDS.age), sample: count(BOUNDS.sample) })),
  signVersions: v.optional(v.boolean(issue => notA('true or false', issue.input))),
  defaultHost: v.optional(parsed(parseHost)),
  cache: v.optional(object({
    driver: v.optional(choice(['fs', 'redis'])),
    redisUrl: v.optional(parsed(parseRedisUrl)),
    memory: size(BOUNDS.cacheSize),
    disk: size(BOUNDS.cacheSize),
    fresh: duration(BOUNDS.age),
    staleWhileRevalidate: duration(BOUNDS.age),
    staleIfError: duration(BOUNDS.age),
    negative: duration(BOUNDS.age),
  })),
  limits: v.optional(object({
    connectTimeout: duration(BOUNDS.timeout),
    headersTimeout: duration(BOUNDS.timeout),
    bodyTimeout: duration(BOUNDS.timeout),
    totalTimeout: duration(BOUNDS.timeout),
    retries: count(BOUNDS.retries),
    maxPackumentSize: size(BOUNDS.bodySize),
    maxTarballSize: size(BOUNDS.bodySize),
    maxRequestBody: size(BOUNDS.bodySize),
    maxRedirects: count(BOUNDS.redirects),
    connections: count(BOUNDS.connections),
  })),
})

export type FileConfig = v.InferOutput<typeof fileSchema>
export type FileRegistry = NonNullable<FileConfig['registries']>[number]

/** Without the value itself where it could be anything, a secret in the wrong place included. */
function notA(what: string, value: unknown): string {
  const found = value === null ? 'null' : value === undefined ? 'nothing' : Array.isArray(value) ? 'a list' : typeof value === 'string' ? 'a text' : `a ${typeof value}`
  return `must be ${what}, not ${found === 'a object' ? 'an object' : found}.`
}
