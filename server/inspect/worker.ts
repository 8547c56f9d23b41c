import { parentPort } from 'node:worker_threads'
import { messageOf } from '../errors.ts'
import { inspect } from './inspect.ts'
import type { Inspected, Inspection, InspectionLimits } from './types.ts'

export interface InspectionRequest {
  id: number
  inspected: Inspected
  limits: InspectionLimits
}

export type InspectionReply = { id: number } & (Inspection | { state: 'failed', message: string })

/** The other side of `inspector.ts`. */
parentPort?.on('message', async ({ id, inspected, limits }: InspectionRequest) => {
  let reply: InspectionReply
  try {
    reply = { id, ...await inspect(inspected, limits) }
  } catch (error) {
    reply = { id, state: 'failed', message: messageOf(error) }
  }
  parentPort?.postMessage(reply)
})
