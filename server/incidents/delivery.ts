import { createHmac } from 'node:crypto'
import { request, type Dispatcher } from 'undici'
import type { WebhookConfig } from '../config/types.ts'
import { messageOf, RegistryError } from '../errors.ts'

/** Milliseconds for all of a delivery. */
const DELIVERY_TIMEOUT = 5_000
/** Bytes of an answer's body that are read, and dropped, so that its connection can be used again. */
const MOST_DROPPED = 16 * 1024

/** @returns undefined: it was taken; else why it was not, in words that hold nothing of the URL but its host */
export async function deliver(
  { url, secret }: WebhookConfig, incident: number, body: string, routeTo: (url: URL) => Dispatcher, now: number,
): Promise<string | undefined> {
  const signal = AbortSignal.timeout(DELIVERY_TIMEOUT)
  const timestamp = Math.floor(now / 1000).toString()
  try {
    const { statusCode, body: answer } = await request(url, {
      method: 'POST', body, signal,
      // It follows no redirect: a receiver could otherwise send us anywhere.
      dispatcher: routeTo(new URL(url)),
      headers: {
        'content-type': 'application/json',
        'user-agent': 'npmx-registry',
        'x-registry-event': 'incident',
        'x-registry-delivery': String(incident),
        'x-registry-timestamp': timestamp,
        'x-registry-signature': signatureOf(secret, timestamp, body),
      },
    })
    // The status has said it all.
    await answer.dump({ limit: MOST_DROPPED, signal }).catch(() => {})
    if (statusCode >= 200 && statusCode < 300) return undefined
    const isRedirect = statusCode >= 300 && statusCode < 400
    return `It answered with status ${statusCode}${isRedirect ? ', a redirect, which is not followed' : ''}.`
  } catch (error) {
    if (signal.aborted) return `It did not answer within ${DELIVERY_TIMEOUT / 1000} seconds.`
    const cause = (error as { cause?: unknown }).cause
    const known = [error, cause].find(one => one instanceof RegistryError)
    return known ? messageOf(known) : `It cannot be reached (${(error as { code?: string }).code ?? 'no answer'}).`
  }
}

/** `sha256=` and the hexadecimal HMAC-SHA256 of time and body, so that a delivery cannot be repeated later as a new one. */
function signatureOf(secret: string, timestamp: string, body: string): string {
  return `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`
}
