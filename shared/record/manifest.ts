import { sha256 } from '@noble/hashes/sha2.js'
import canonicalize from 'canonicalize'
import { encodeBase64 } from '../tlog/base64.ts'
import { RecordError } from './errors.ts'

const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall'] as const

/** A bound that every implementation can keep, whatever its stack: real manifests have three levels. */
const DEEPEST = 64

const encoder = new TextEncoder()

/**
 * Digest of the part of a manifest that an installation depends on, the same for its full and its abbreviated form: SHA-256 over
 * the RFC 8785 JSON of {@link installRelevant}.
 * @param manifest as `JSON.parse` gives it
 * @returns `sha256-` and base64
 * @throws RecordError `BAD_MANIFEST` for what RFC 8785 cannot write (a lone surrogate, a number beyond a double) and for nesting
 * of more than 64 levels
 */
export function manifestDigest(manifest: object): string {
  return `sha256-${encodeBase64(sha256(encoder.encode(toCanonicalJson(installRelevant(manifest)))))}`
}

/** What an installation depends on, as the registry published it. Keys in RFC 8785's order are the cheapest to write. */
function installRelevant(manifest: object): object {
  const published = manifest as Record<string, unknown>
  const { bundleDependencies, bundledDependencies } = bundledOf(published)
  return {
    bin: unlessEmpty(published.bin),
    bundleDependencies,
    bundledDependencies,
    cpu: unlessEmpty(published.cpu),
    dependencies: unlessEmpty(published.dependencies),
    directories: unlessEmpty(published.directories),
    engines: unlessEmpty(published.engines),
    hasInstallScript: hasInstallScript(published) || undefined,
    libc: unlessEmpty(published.libc),
    name: unlessEmpty(published.name),
    optionalDependencies: unlessEmpty(published.optionalDependencies),
    os: unlessEmpty(published.os),
    peerDependencies: unlessEmpty(published.peerDependencies),
    peerDependenciesMeta: unlessEmpty(published.peerDependenciesMeta),
    version: unlessEmpty(published.version),
  }
}

/**
 * Clients read `bundledDependencies` as `bundleDependencies` where that is missing, and differ on which one counts where both are
 * there: then both are digested, even if empty, unless they say the same.
 */
function bundledOf({ bundleDependencies: bundle, bundledDependencies: bundled }: Record<string, unknown>) {
  const one = unlessEmpty(bundle)
  const other = unlessEmpty(bundled)
  if (isAbsent(bundled) || (one === undefined && other === undefined)) return { bundleDependencies: one }
  if (isAbsent(bundle) || toCanonicalJson(bundle) === toCanonicalJson(bundled)) return { bundleDependencies: other }
  return { bundleDependencies: bundle, bundledDependencies: bundled }
}

function hasInstallScript({ hasInstallScript, scripts }: Record<string, unknown>): boolean {
  if (hasInstallScript === true) return true
  return typeof scripts === 'object' && scripts !== null && INSTALL_SCRIPTS.some(script => Object.hasOwn(scripts, script))
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null
}

/** What says nothing is left out: registries and mirrors add and drop it, and the two forms of a document differ in it. */
function unlessEmpty(value: unknown): unknown {
  if (value === null || value === false || value === '') return undefined
  return typeof value === 'object' && Object.keys(value).length === 0 ? undefined : value
}

function toCanonicalJson(value: unknown): string {
  const ordered = isOrdered(value, 1)
  try {
    if (ordered) {
      const text = JSON.stringify(value)
      // A lone surrogate would be written as an escape; RFC 8785 knows no such text.
      if (!text.includes('\\ud')) return text
    }
    return canonicalize(value)!
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new RecordError('BAD_MANIFEST', `The manifest has no canonical JSON: ${reason}.`, { cause: error })
  }
}

/** Whether `JSON.stringify` writes a value as RFC 8785 does, apart from lone surrogates: keys are in order, numbers finite. */
function isOrdered(value: unknown, depth: number): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return true
  if (depth > DEEPEST) throw new RecordError('BAD_MANIFEST', `The manifest is nested deeper than ${DEEPEST} levels.`)
  let ordered = true
  let previous = ''
  for (const key of Object.keys(value)) {
    // SPEC: RFC 8785 3.2.3: "property name strings to be sorted are formatted as arrays of UTF-16 code units"
    if (key < previous && !Array.isArray(value)) ordered = false
    previous = key
    const child = (value as Record<string, unknown>)[key]
    if (typeof child !== 'string' && !isOrdered(child, depth + 1)) ordered = false
  }
  return ordered
}
