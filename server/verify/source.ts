import { RegistryError } from '../errors.ts'
import { label, type Upstream } from '../registry/index.ts'
import type { Source } from '../tarball/index.ts'

interface Place {
  upstream: Upstream
  url: string
  /** What is there: `is-number@7.0.0`. */
  what: string
  /** Whether the registry says what exists, or only copies it. */
  isAuthority: boolean
  /** Told when a body ended too early, which its head did not tell. */
  brokeOff?(): void
  /** Told why the bytes did not come from there. */
  failed: NonNullable<Source['failed']>
}

/** A registry that may deliver a version's bytes. The digest decides whether it did. */
export function tarballSource({ upstream, url, what, isAuthority, brokeOff, failed }: Place): Source {
  const { registry } = upstream
  let isUnderWay = false
  return {
    name: registry.id,
    async open(signal) {
      const { status, headers, body } = await upstream.request({ url, signal })
      if (status === 200) {
        isUnderWay = true
        const length = one(headers['content-length'])
        return { body, size: length !== undefined && !headers['content-encoding'] ? Number(length) : undefined }
      }
      await body.dump()
      if (status === 404 || status === 410) {
        // Only the authority can say that something does not exist.
        throw new RegistryError(isAuthority ? 'NOT_FOUND' : 'UPSTREAM_INVALID', `Registry ${label(registry)} lists ${what} but does not have its tarball.`)
      }
      const code = status >= 500 || status === 429 ? 'UPSTREAM_UNAVAILABLE' : 'UPSTREAM_REFUSED'
      throw new RegistryError(code, `Registry ${label(registry)} answered the tarball of ${what} with status ${status}.`)
    },
    failed(error, sent) {
      if (isUnderWay && error.code === 'UPSTREAM_UNAVAILABLE') brokeOff?.()
      failed(error, sent)
    },
  }
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header
}
