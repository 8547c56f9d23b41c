import { escapeName, type Summary } from '../packument/index.ts'
import type { Recorded } from './sample.ts'
import type { Feature } from './types.ts'
import { tarballUrl } from './measure.ts'
import { header, type Exchange, type Visit } from './visit.ts'

const CORGI = 'application/vnd.npm.install-v1+json'
/** Bytes. */
const MAX_ANSWER = 1024 * 1024
const JSON_ONLY = { 'accept': 'application/json', 'accept-encoding': 'identity' }
/** No page lives there; any origin would do. */
const ORIGIN = 'https://page.example'

/** What to try a registry with: a recorded version with a public name that it has, and one with a scope, if there is one. */
export interface Specimen {
  plain: Recorded
  scoped?: Recorded
  summary: Summary
}

/**
 * Which parts of the registry API a source has. Where it does not answer, or answers with a failure of its own, nothing is said.
 * The one name in `specimen.plain` is all that the audit tells it.
 */
export async function checkConformance(visit: Visit, specimen: Specimen): Promise<Feature[]> {
  const features = transport(visit, specimen)
  for (const check of CHECKS) {
    if (visit.isOver) break
    features.push(...await check(visit, specimen))
  }
  return features
}

type Check = (visit: Visit, specimen: Specimen) => Promise<Feature[]>

const CHECKS: readonly Check[] = [
  pings, documents, brotli, bareDocument, manifest, distTags, search, audit, keys, scopedNames, ranges,
]

function transport({ registry }: Visit, { summary }: Specimen): Feature[] {
  const { protocol, origin } = new URL(registry.url)
  const hosts = new Set<string>()
  for (const { tarball } of summary.versions.values()) {
    const url = URL.parse(tarball, registry.url)
    if (url?.origin !== origin) hosts.add(url?.host ?? 'no URL')
  }
  const foreign = [...hosts].slice(0, 3).join(', ')
  return [
    { feature: 'https', isOk: protocol === 'https:' },
    { feature: 'own-tarballs', isOk: hosts.size === 0, ...(hosts.size > 0 && { detail: `Its documents name ${foreign}.` }) },
    { feature: 'times', isOk: [...summary.versions.values()].some(({ published }) => published !== undefined) },
  ]
}

async function pings(visit: Visit): Promise<Feature[]> {
  return judge('ping', await visit.ask({ url: '-/ping', headers: JSON_ONLY, read: 0 }))
}

/** One request tells much: form, validators, compression, who may read it. */
async function documents(visit: Visit, { plain }: Specimen): Promise<Feature[]> {
  const url = escapeName(plain.record.subject.name)
  const headers = { 'accept': CORGI, 'accept-encoding': 'gzip', 'origin': ORIGIN }
  const found = await visit.ask({ url, headers, read: 0 })
  if (found.error?.code === 'FORBIDDEN_URL') return [{ feature: 'no-downgrade', isOk: false, detail: found.error.sentence }]
  if (found.status !== 200) return []
  const allowed = header(found, 'access-control-allow-origin')
  const etag = header(found, 'etag')
  const modified = header(found, 'last-modified')
  const isSecure = visit.registry.url.startsWith('https:')
  const features: Feature[] = [
    { feature: 'corgi', isOk: header(found, 'content-type')?.split(';')[0]?.trim() === CORGI },
    { feature: 'etag', isOk: etag !== undefined },
    { feature: 'gzip', isOk: header(found, 'content-encoding') === 'gzip' },
    { feature: 'cors', isOk: allowed === '*' || allowed === ORIGIN },
    ...(isSecure ? [{ feature: 'hsts', isOk: header(found, 'strict-transport-security') !== undefined }, { feature: 'no-downgrade', isOk: true }] : []),
  ]
  const validator: Record<string, string> | undefined = etag === undefined
    ? modified === undefined ? undefined : { 'if-modified-since': modified }
    : { 'if-none-match': etag }
  if (!validator) return [...features, { feature: 'not-modified', isOk: false, detail: 'Its documents have neither an ETag nor a date.' }]
  const again = await visit.ask({ url, headers: { ...headers, ...validator }, read: 0 })
  return [...features, ...judge('not-modified', again, ({ status }) => status === 304)]
}

async function brotli(visit: Visit, { plain }: Specimen): Promise<Feature[]> {
  const url = escapeName(plain.record.subject.name)
  const found = await visit.ask({ url, headers: { ...JSON_ONLY, 'accept-encoding': 'br' }, read: 0 })
  return judge('brotli', found, ({ status }) => status === 200 && header(found, 'content-encoding') === 'br')
}

async function bareDocument(visit: Visit, { plain }: Specimen): Promise<Feature[]> {
  return judge('head', await visit.ask({ url: escapeName(plain.record.subject.name), method: 'HEAD', headers: JSON_ONLY, read: 0 }))
}

/** One version's manifest, which also says whether it has attestations. */
async function manifest(visit: Visit, { plain }: Specimen): Promise<Feature[]> {
  const { name, version } = plain.record.subject
  const found = await visit.ask({ url: `${escapeName(name)}/${encodeURIComponent(version)}`, headers: JSON_ONLY, read: MAX_ANSWER })
  const value = valueOf(found)
  const features = judge('manifest', found, () => value?.name === name && value.version === version)
  const isAttested = isObject(value?.dist) && isObject(value.dist.attestations)
  if (!isAttested || visit.isOver) return features
  const url = `-/npm/v1/attestations/${escapeName(name)}@${encodeURIComponent(version)}`
  return [...features, ...judge('attestations', await visit.ask({ url, headers: JSON_ONLY, read: 0 }))]
}

async function distTags(visit: Visit, { plain }: Specimen): Promise<Feature[]> {
  const url = `-/package/${escapeName(plain.record.subject.name)}/dist-tags`
  const found = await visit.ask({ url, headers: JSON_ONLY, read: MAX_ANSWER })
  const value = valueOf(found)
  return judge('dist-tags', found, () => typeof value?.latest === 'string')
}

async function search(visit: Visit, { plain }: Specimen): Promise<Feature[]> {
  const url = `-/v1/search?text=${encodeURIComponent(plain.record.subject.name)}&size=1`
  const found = await visit.ask({ url, headers: JSON_ONLY, read: MAX_ANSWER })
  const value = valueOf(found)
  return judge('search', found, () => Array.isArray(value?.objects))
}

async function audit(visit: Visit, { plain }: Specimen): Promise<Feature[]> {
  const { name, version } = plain.record.subject
  const found = await visit.ask({
    url: '-/npm/v1/security/advisories/bulk', method: 'POST', read: MAX_ANSWER,
    headers: { ...JSON_ONLY, 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ [name]: [version] })),
  })
  const value = valueOf(found)
  return judge('audit', found, () => value !== undefined)
}

async function keys(visit: Visit): Promise<Feature[]> {
  const found = await visit.ask({ url: '-/npm/v1/keys', headers: JSON_ONLY, read: MAX_ANSWER })
  const value = valueOf(found)
  return judge('keys', found, () => Array.isArray(value?.keys))
}

/** Clients write the name of a scoped package in four ways. */
async function scopedNames(visit: Visit, { scoped }: Specimen): Promise<Feature[]> {
  if (!scoped) return []
  const [scope, name] = scoped.record.subject.name.split('/') as [string, string]
  const wrong: string[] = []
  for (const form of [`${scope}/${name}`, `${scope}%2f${name}`, `${scope}%2F${name}`, `${scope.replace('@', '%40')}%2f${name}`]) {
    if (visit.isOver) return []
    const found = await visit.ask({ url: form, headers: JSON_ONLY, read: 0 })
    if (!isAnswer(found)) return []
    if (found.status !== 200) wrong.push(form)
  }
  return [{ feature: 'scoped-names', isOk: wrong.length === 0, ...(wrong.length > 0 && { detail: `It does not know ${wrong.join(', ')}.` }) }]
}

async function ranges(visit: Visit, { plain, summary }: Specimen): Promise<Feature[]> {
  const { name, version } = plain.record.subject
  if (!summary.versions.has(version)) return []
  const url = tarballUrl(visit, name, version, summary)
  const found = await visit.ask({ url, headers: { 'range': 'bytes=0-0', 'accept-encoding': 'identity' }, read: 0 })
  return judge('range', found, ({ status }) => status === 206)
}

/** @param holds of an answer; by default that it is a success */
function judge(feature: string, found: Exchange, holds = ({ status }: Exchange) => status === 200): Feature[] {
  if (!isAnswer(found)) return []
  const isOk = holds(found)
  return [{ feature, isOk, ...(!isOk && found.status !== 200 && { detail: `It answered with status ${found.status}.` }) }]
}

/** Not where it failed: tomorrow it may do better. `501` is how some say that they do not offer something. */
function isAnswer({ status }: Exchange): boolean {
  return status !== undefined && status !== 429 && (status < 500 || status === 501)
}

/** The JSON object of an answer; undefined: it is none. */
function valueOf({ status, body }: Exchange): Record<string, unknown> | undefined {
  if (status !== 200 || !body) return undefined
  try {
    const value: unknown = JSON.parse(body.toString())
    return isObject(value) ? value : undefined
  } catch (error) {
    // Not what was asked for.
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
