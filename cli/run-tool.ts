import process from 'node:process'
import { LogError, StateError } from '../shared/sumdb/index.ts'
import type { Connection } from './connect.ts'
import { writeEvidence } from './evidence.ts'
import { exitCodeOf } from './failure.ts'
import { complain } from './terminal.ts'

/** What the end of a tool needs to know of its beginning. */
export interface Report {
  connection?: Connection
}

/** Runs a tool to its end: whatever fails is one sentence and an exit code, and a lie of the log is written down. */
export async function runTool(work: (report: Report) => Promise<void>): Promise<void> {
  const report: Report = {}
  try {
    await work(report)
  } catch (error) {
    const code = exitCodeOf(error)
    // A defect of ours: Node shows where it is.
    if (code === undefined) throw error
    complain(`✖ ${(error as Error).message}`)
    if (error instanceof LogError && report.connection) await keepEvidence(error, report.connection)
    else if (error instanceof StateError && report.connection && !(error.message.includes(report.connection.state.path))) {
      complain(`  It is in ${report.connection.state.path}`)
    }
    process.exitCode = code
  }
}

async function keepEvidence(error: LogError, connection: Connection): Promise<void> {
  if (error.code === 'UNTRUSTED' && connection.trust === 'pinned') {
    complain('  If the log has announced a new key, give it with --key.')
  }
  try {
    const path = await writeEvidence(error, connection)
    if (path !== undefined) complain(`  The evidence (${error.code}) is in ${path}`)
  } catch (cause) {
    if (!(cause instanceof StateError)) throw cause
    complain(`  The evidence could not be kept: ${cause.message}`)
  }
}
