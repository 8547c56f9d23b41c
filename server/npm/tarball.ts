import semver from 'semver'
import type { RegistryConfig } from '../config/types.ts'
import { RegistryError } from '../errors.ts'
import type { VersionSummary } from '../packument/index.ts'
import { label } from '../registry/index.ts'
import { fileNameOf, tarballFileName, tarballPath, type Source } from '../tarball/index.ts'
import { serveBytes, type Wanted } from './bytes.ts'
import type { About, NpmRequest, NpmResponse, NpmServices } from './types.ts'
import type { View } from './view.ts'

/** Where a redirect leads may change within minutes; where it led a moment ago is still right. */
const REDIRECT_CACHE_CONTROL = 'private, max-age=60'

/**
 * A version's bytes: a redirect to a source that is known and needs no token, or the bytes themselves, checked against
 * the digest in the packument. A version that the packument does not have has no tarball either.
 */
export async function serveTarball(
  name: string, file: string, request: NpmRequest, view: View, services: NpmServices, about: About,
): Promise<NpmResponse> {
  const authority = view.routes.authorityOf(name)
  const { version, summary } = await findVersion(name, file, authority, services)
  const target = view.delivery === 'redirect' ? redirectTarget(summary, authority, view) : undefined
  if (target) {
    return {
      status: 302,
      headers: { 'location': target, 'content-length': 0, 'cache-control': REDIRECT_CACHE_CONTROL },
      about: { ...about, tier: 'redirect' },
    }
  }
  const wanted: Wanted = {
    what: `${name}@${version}`,
    integrity: summary.integrity,
    sources: sourcesOf(name, version, summary, view, services),
    shareable: !authority.authorization && !authority.tls.cert,
  }
  return serveBytes(wanted, request, services.tarballs, about)
}

async function findVersion(
  name: string, file: string, authority: RegistryConfig, services: NpmServices,
): Promise<{ version: string, summary: VersionSummary }> {
  const upstream = services.upstream(authority)
  const conventional = versionOf(name, file)
  for (const latest of [false, true]) {
    // A tarball that is not there may be younger than what we know; a name that is no version never will be.
    if (latest && !conventional) break
    const { versions } = await services.packuments.summary(name, upstream, { latest })
    const summary = conventional === undefined ? undefined : versions.get(conventional)
    if (summary) return { version: conventional!, summary }
    for (const [version, summary] of versions) {
      if (fileNameOf(summary.tarball) === file) return { version, summary }
    }
  }
  throw new RegistryError('VERSION_NOT_FOUND', `${name} has no version with a tarball named ${file}.`)
}

/** The version that a conventional file name stands for. Only a hint: the packument decides whether it exists. */
function versionOf(name: string, file: string): string | undefined {
  const prefix = tarballFileName(name, '').slice(0, -'.tgz'.length)
  const version = file.startsWith(prefix) ? file.slice(prefix.length, -'.tgz'.length) : undefined
  return version !== undefined && semver.valid(version, { loose: true }) !== null ? version : undefined
}

/** Only a configured registry's URL is ever named, and never one that would need a token or a certificate. */
function redirectTarget({ tarball }: VersionSummary, authority: RegistryConfig, view: View): string | undefined {
  if (authority.authorization || authority.tls.cert || !URL.canParse(tarball)) return undefined
  const url = new URL(tarball)
  const isKnown = url.origin === new URL(authority.url).origin && !url.username && !url.password
  // Behind a redirect to ourselves would be another one.
  return isKnown && url.origin !== new URL(view.base).origin ? url.href : undefined
}

/** Who may deliver the bytes: the authority at the URL it names, then its mirrors at theirs. The digest decides who did. */
function sourcesOf(name: string, version: string, summary: VersionSummary, view: View, services: NpmServices): Source[] {
  const authority = view.routes.authorityOf(name)
  const places = [
    { registry: authority, url: summary.tarball },
    ...view.routes.mirrorsOf(authority).map(registry => ({ registry, url: registry.url.replace(/\/$/, '') + tarballPath(name, version) })),
  ]
  return places.map(({ registry, url }): Source => ({
    name: registry.id,
    async open(signal) {
      const { status, headers, body } = await services.upstream(registry).request({ url, signal })
      if (status === 200) {
        const length = one(headers['content-length'])
        return { body, size: length !== undefined && !headers['content-encoding'] ? Number(length) : undefined }
      }
      await body.dump()
      if (status === 404 || status === 410) {
        // Only the authority can say that something does not exist.
        const code = registry === authority ? 'NOT_FOUND' : 'UPSTREAM_INVALID'
        throw new RegistryError(code, `Registry ${label(registry)} lists ${name}@${version} but does not have its tarball.`)
      }
      const code = status >= 500 || status === 429 ? 'UPSTREAM_UNAVAILABLE' : 'UPSTREAM_REFUSED'
      throw new RegistryError(code, `Registry ${label(registry)} answered the tarball of ${name}@${version} with status ${status}.`)
    },
    failed: error => services.trouble(`fetching a tarball from "${registry.id}"`, error, name),
  }))
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header
}
