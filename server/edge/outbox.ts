import type { ServerResponse } from 'node:http'
import type { HttpResponse } from '../http/index.ts'

type Letter = [res: ServerResponse, response: HttpResponse, body: Buffer | undefined]

let outbox: Letter[] = []

/**
 * Sends an answer that is complete. All that became ready in one turn of the event loop goes out together at its end: writing
 * to one socket after the other wakes whoever reads them once, and not once for each. With many connections that is a third
 * of a request's time; an answer waits for less than the turn it was made in.
 */
export function post(res: ServerResponse, response: HttpResponse, body: Buffer | undefined): void {
  if (outbox.push([res, response, body]) === 1) setImmediate(sendAll)
}

function sendAll(): void {
  const letters = outbox
  outbox = []
  for (const letter of letters) {
    // One that cannot be written must not hold up the others.
    try {
      sendOne(...letter)
    } catch (error) {
      letter[0].destroy(error as Error)
    }
  }
}

function sendOne(res: ServerResponse, { status, reason, headers }: HttpResponse, body: Buffer | undefined): void {
  if (reason) res.writeHead(status, reason, headers)
  else res.writeHead(status, headers)
  res.end(body)
}
