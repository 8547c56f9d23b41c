import semver from 'semver'
import { manifestDigest, normalizePublished, RecordError } from '../../shared/record/index.ts'
import { RegistryError } from '../errors.ts'
import { integrityOfShasum, parseIntegrity } from '../tarball/integrity.ts'
import { readFields } from './fields.ts'
import { isObject } from './is-object.ts'
import { linkTargets } from './links.ts'
import { newest } from './newest.ts'
import { signaturesOf } from './signatures.ts'
import type { Dist, Manifest, Packument, Reading, Summary, VersionSummary } from './types.ts'

const MAX_VERSION = 256
const SAFE_VERSION = /^[\w.+-]{1,256}$/
const SAFE_TAG = /^[^\s/\\"<>]{1,214}$/

export interface ParsedPackument {
  packument: Packument
  /** The part of it that outlives it in memory. */
  summary: Summary
  /** Versions and tags that were left out because they contradict themselves, for the log. */
  dropped: string[]
}

/**
 * Reads an upstream's packument and keeps what is consistent. The document is refused when it is not about `name`;
 * a version is left out when it contradicts its key, has no usable `dist`, is no version, or cannot be digested; a tag when it
 * dangles.
 * Keys such as `__proto__` are data like any other: all maps have a null prototype.
 * @throws RegistryError `UPSTREAM_INVALID`, or `NOT_FOUND` for a package whose every version was unpublished
 */
export function parsePackument(bytes: Uint8Array, name: string, reading: Reading = {}): ParsedPackument {
  const document = parseJson(bytes, name)
  if (!isObject(document)) throw invalid(name, 'is not a JSON object')
  if (document.name !== name) throw invalid(name, `is about another package (${quote(document.name)})`)
  if (!isObject(document.versions)) {
    const { time } = document
    if (isObject(time) && isObject(time.unpublished)) throw new RegistryError('NOT_FOUND', `${name} was unpublished.`)
    throw invalid(name, 'has no "versions" map')
  }

  const time = readTime(document.time)
  const versions: Record<string, Manifest> = Object.create(null)
  const summaries: Summary['versions'] = new Map()
  const unusable: string[] = []
  for (const [version, manifest] of Object.entries(document.versions)) {
    const summary = isManifest(manifest, name, version) && summarize(manifest, time?.[version], reading)
    if (summary) {
      versions[version] = manifest
      summaries.set(version, summary)
    } else {
      unusable.push(version.slice(0, MAX_VERSION))
    }
  }
  const dropped = unusable.map(version => version.slice(0, 100))
  const tags = readTags(document['dist-tags'], summaries, dropped)
  const packument: Packument = { ...document, name, versions, 'dist-tags': tags }
  if (time) packument.time = time
  else delete packument.time
  const isLatestOurs = tags.latest !== undefined && !(isObject(document['dist-tags']) && document['dist-tags'].latest === tags.latest)
  return {
    packument, dropped,
    summary: {
      name, tags, versions: summaries, unusable,
      ...(isLatestOurs && { isLatestOurs }),
      ...(reading.fields && { fields: readFields(document) }),
    },
  }
}

/** Undefined for a version that cannot be recorded. */
function summarize(manifest: Manifest, claimedTime: string | undefined, { links }: Reading): VersionSummary | undefined {
  const { dist, deprecated } = manifest
  try {
    const isPlain = dist.integrity !== undefined && ONE_SHA512.test(dist.integrity)
    return {
      integrity: integrityOf(dist)!,
      isPlain,
      ...(!isPlain && dist.integrity !== undefined && { claim: dist.integrity }),
      signatures: signaturesOf(dist),
      tarball: dist.tarball,
      manifest: manifestDigest(manifest),
      published: normalizePublished(claimedTime),
      deprecated: Boolean(deprecated),
      ...(links && { links: linkTargets(manifest) }),
    }
  } catch (error) {
    if (error instanceof RecordError) return undefined
    throw error
  }
}

/** The usual case, without parsing: 64 bytes in canonical base64. */
const ONE_SHA512 = /^sha512-[A-Za-z0-9+/]{85}[AQgw]==$/

/**
 * SRI of a version's bytes: the registry's sha512, its weaker `integrity`, or the `shasum` of old versions.
 * Undefined where they stand for no one digest: nobody could check the bytes.
 */
function integrityOf({ integrity, shasum }: Dist): string | undefined {
  if (integrity !== undefined && ONE_SHA512.test(integrity)) return integrity
  try {
    return integrity === undefined ? integrityOfShasum(shasum ?? '') : parseIntegrity(integrity).text
  } catch {
    return undefined
  }
}

function parseJson(bytes: Uint8Array, name: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw invalid(name, 'is not JSON, or was cut short', error)
  }
}

function isManifest(value: unknown, name: string, version: string): value is Manifest {
  return isObject(value)
    && value.name === name
    && value.version === version
    && SAFE_VERSION.test(version)
    && semver.valid(version, { loose: true }) !== null
    && isDist(value.dist)
}

function isDist(value: unknown): value is Dist {
  if (!isObject(value) || typeof value.tarball !== 'string') return false
  if (value.integrity !== undefined && typeof value.integrity !== 'string') return false
  if (value.shasum !== undefined && typeof value.shasum !== 'string') return false
  return integrityOf(value as Dist) !== undefined
}

function readTags(value: unknown, versions: Summary['versions'], dropped: string[]): Record<string, string> {
  const tags: Record<string, string> = Object.create(null)
  for (const [tag, version] of isObject(value) ? Object.entries(value) : []) {
    if (typeof version === 'string' && versions.has(version) && SAFE_TAG.test(tag)) tags[tag] = version
    else dropped.push(`dist-tag ${tag.slice(0, 100)}`)
  }
  if (!tags.latest) {
    const latest = newest(versions)
    if (latest) tags.latest = latest
  }
  return tags
}

function readTime(value: unknown): Record<string, string> | undefined {
  if (!isObject(value)) return undefined
  const time: Record<string, string> = Object.create(null)
  for (const [key, at] of Object.entries(value)) {
    if (typeof at === 'string') time[key] = at
  }
  return time
}

function invalid(name: string, what: string, cause?: unknown): RegistryError {
  return new RegistryError('UPSTREAM_INVALID', `The registry's document for ${name} ${what}; nothing of it is used.`, { cause })
}

function quote(value: unknown): string {
  return JSON.stringify(String(value).slice(0, 100))
}
