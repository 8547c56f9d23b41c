import type { Metrics, RequestLog } from '../observe/index.ts'
import type { Services } from '../services.ts'
import type { Operators } from './admin.ts'

/** The one server that this process runs, for the thin routes that show its state. */
export interface Running {
  services: Services
  metrics: Metrics
  requestLog: RequestLog
  operators: Operators
  version: string
  startedAt: Date
  requests: { total: number, hits: number, errors: number }
  /** Set from the moment a stop was asked for. */
  stopping: boolean
}

let resolveRunning: (running: Running) => void
/** Pending until the configuration is read and everything is put together. */
const running = new Promise<Running>((resolve) => {
  resolveRunning = resolve
})
let current: Running | undefined

export function setRunning(value: Running): void {
  current = value
  resolveRunning(value)
}

export function whenRunning(): Promise<Running> {
  return running
}

export function currentlyRunning(): Running | undefined {
  return current
}
