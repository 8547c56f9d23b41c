import { Socket } from 'node:net'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { appendResponseHeader, getRequestHeader, getResponseHeader, removeResponseHeader, setResponseHeader } from 'h3'
import Negotiator from 'negotiator'
import { defineNitroPlugin } from 'nitropack/runtime'
import type { OrderedNegotiator } from '../npm/negotiate.ts'

/** Bytes below which it does not pay. */
const LEAST = 1_024
/** Of brotli: made for each answer anew, so what gzip costs is the measure. */
const QUALITY = 4

const COMPRESSORS = {
  br: (bytes: Buffer) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: QUALITY } }),
  gzip: (bytes: Buffer) => promisify(gzip)(bytes),
} as const
/** Among equals, the first. */
const OFFERED = Object.keys(COMPRESSORS)

/**
 * Pages and their JSON leave compressed. Only in the app on its own: a host, or what stands before it, does so in its own way.
 * What has a strong validator is left as it is: that is about the bytes. No page has a secret whose length could be guessed.
 */
export default defineNitroPlugin((nitroApp) => {
  nitroApp.hooks.hook('beforeResponse', async (event, response) => {
    // What the server asks of itself, for a page of data or of an error, it reads as it is.
    if (!(event.node.req.socket instanceof Socket)) return
    const { body } = response
    if (typeof body !== 'string' && !Buffer.isBuffer(body)) return
    const type = String(getResponseHeader(event, 'content-type') ?? '')
    if (!/^(?:text\/|application\/json|image\/svg)/.test(type) || body.length < LEAST) return
    if (getResponseHeader(event, 'content-encoding') || isStrong(getResponseHeader(event, 'etag'))) return
    appendResponseHeader(event, 'vary', 'accept-encoding')
    const headers = { 'accept-encoding': getRequestHeader(event, 'accept-encoding') ?? '' }
    const negotiator: OrderedNegotiator = new Negotiator({ headers })
    const [accepted] = negotiator.encodings([...OFFERED], { preferred: [...OFFERED] }) as (keyof typeof COMPRESSORS)[]
    if (!accepted) return
    response.body = await COMPRESSORS[accepted](Buffer.from(body))
    setResponseHeader(event, 'content-encoding', accepted)
    removeResponseHeader(event, 'content-length')
  })
})

/** SPEC: RFC 9110 8.8.1: a weak validator is about what is said, not about each byte of how it is said. */
function isStrong(etag: number | string | string[] | undefined): boolean {
  return etag !== undefined && !String(etag).startsWith('W/')
}
