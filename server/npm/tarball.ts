import semver from 'semver'
import type { RegistryConfig } from '../config/types.ts'
import { RegistryError } from '../errors.ts'
import type { About, HttpRequest, HttpResponse } from '../http/index.ts'
import type { Contents, VersionSummary } from '../packument/index.ts'
import { fileNameOf, IntegrityError, tarballFileName } from '../tarball/index.ts'
import { serveBytes, type Wanted } from './bytes.ts'
import { deliverersOf, withheld } from './deliverers.ts'
import { inspected } from './inspected.ts'
import { keeping } from './keeping.ts'
import { redirectTarget, type Delivery } from './redirect.ts'
import type { NpmServices } from './types.ts'
import type { View } from './view.ts'
import { servePinned } from './withdrawn.ts'

/** Where a redirect leads may change within minutes; where it led a moment ago is still right. */
const REDIRECT_CACHE_CONTROL = 'private, max-age=60'

/**
 * A version's bytes: a redirect to a source that is known and needs no token, or the bytes themselves, checked against the
 * recorded digest. What the packument does not have has no tarball either, and what is withheld there is withheld here.
 */
export async function serveTarball(
  name: string, file: string, request: HttpRequest, view: View, services: NpmServices, about: About,
): Promise<HttpResponse> {
  let authority: RegistryConfig
  let found: Found
  try {
    authority = await services.owners.of(name, services.upstream)
    found = await findVersion(name, file, authority, services)
  } catch (why) {
    return servePinned({ name, version: versionOf(name, file), why }, request, view, services, about)
  }
  const { version, summary, integrity } = found
  const delivery: Delivery = {
    name, version, summary, authority, sources: services.sources.for(authority, name, version, view.choiceOf(name)),
  }
  // Only a client that knows the recorded digest can check what it gets elsewhere.
  const redirect = view.delivery === 'redirect' && summary.isPlain ? redirectTarget(delivery, view, services) : undefined
  const target = redirect instanceof Promise ? await redirect : redirect
  if (target) {
    return {
      status: 302,
      headers: { 'location': target, 'content-length': 0, ...keeping(view, REDIRECT_CACHE_CONTROL) },
      about: { ...about, tier: 'redirect' },
    }
  }
  const wanted: Wanted = {
    what: `${name}@${version}`,
    integrity,
    sources: deliverersOf(delivery, services),
    shareable: !authority.authorization && !authority.tls.cert,
  }
  const passing = {
    subject: services.subjectOf(name, version, authority), integrity, upstream: services.upstream(authority),
    isPrivate: view.routes.isPrivate(name),
  }
  try {
    return await serveBytes(wanted, request, await inspected(passing, wanted, services), about)
  } catch (error) {
    throw error instanceof IntegrityError ? withheld(wanted.what, error.message) : error
  }
}

interface Found {
  version: string
  summary: VersionSummary
  /** The recorded sha512. */
  integrity: string
}

/** @throws RegistryError `VERSION_NOT_FOUND`, or why the version is withheld */
async function findVersion(name: string, file: string, authority: RegistryConfig, services: NpmServices): Promise<Found> {
  const upstream = services.upstream(authority)
  const conventional = versionOf(name, file)
  let stale: RegistryError | undefined
  for (const latest of [false, true]) {
    // A tarball that is not there may be younger than what we know; a name that is no version never will be.
    if (latest && !conventional) break
    const contents = await services.packuments.contents(name, upstream, { latest })
    stale = contents.stale
    const versions = versionsWith(file, conventional, contents)
    const { withheld, digests } = contents.judgement.verdict
    // What is withheld is not found under another version either.
    for (const version of versions) {
      const reason = withheld.get(version)
      if (reason) throw reason
    }
    const [version] = versions
    if (version === undefined) continue
    const summary = contents.summary.versions.get(version)!
    return { version, summary, integrity: digests.get(version) ?? summary.integrity }
  }
  // Only an authority that can be asked says that something does not exist.
  throw stale ?? new RegistryError('VERSION_NOT_FOUND', `${name} has no version with a tarball named ${file}.`)
}

/** The version whose conventional name the file has, or else those whose registry calls it so. */
function versionsWith(file: string, conventional: string | undefined, { summary: { versions } }: Contents): string[] {
  if (conventional !== undefined && versions.has(conventional)) return [conventional]
  return [...versions].flatMap(([version, { tarball }]) => fileNameOf(tarball) === file ? [version] : [])
}

/** The version that a conventional file name stands for. Only a hint: the packument decides whether it exists. */
function versionOf(name: string, file: string): string | undefined {
  const prefix = tarballFileName(name, '').slice(0, -'.tgz'.length)
  const version = file.startsWith(prefix) ? file.slice(prefix.length, -'.tgz'.length) : undefined
  return version !== undefined && semver.valid(version, { loose: true }) !== null ? version : undefined
}
