import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { LimitsConfig } from '../config/types.ts'
import { RegistryError } from '../errors.ts'
import { SPOOL_SUFFIX, startFlight, type Download, type Flight } from './flight.ts'
import { parseIntegrity, type Integrity } from './integrity.ts'
import type { TarballStore } from './store.ts'
import type { Source } from './transfer.ts'

export interface DownloadsOptions {
  store: TarballStore
  /** On the disk for temporary files; `*.part` in it is ours and is removed at start. */
  tmpDir: string
  limits: Pick<LimitsConfig, 'maxTarballSize' | 'bodyTimeout'>
  /** Told what went wrong in the background. Without it, a process warning. */
  onError?: (error: Error) => void
}

export interface Downloads {
  /**
   * The content with this integrity: from the store, from a download that runs, or from the first of `sources` that
   * delivers it. `what` names it in error sentences: `is-number@7.0.0`. Who joins a running download shares its sources.
   * Failures are not remembered.
   * @throws {RegistryError} `UPSTREAM_INVALID` for an integrity that is none, `UPSTREAM_UNAVAILABLE` after `drain`
   */
  fetch(integrity: string, sources: readonly Source[], what: string): Download
  /** Accepts no new downloads, resolves when the running ones have ended; those that run after `deadline` ms are aborted. */
  drain(deadline: number): Promise<void>
}

export function createDownloads(options: DownloadsOptions): Downloads {
  const report = options.onError ?? (error => process.emitWarning(error))
  /** Those that can be joined. */
  const flights = new Map<string, Flight>()
  /** Those that are not cleaned up yet. */
  const running = new Set<Flight>()
  const prepared = prepare(options.tmpDir).catch(report)
  let draining = false

  function start(wanted: Integrity, sources: readonly Source[], what: string): Flight {
    if (draining) throw new RegistryError('UPSTREAM_UNAVAILABLE', `This server is stopping and did not fetch ${what}; ask again.`)
    const ended = () => {
      if (flights.get(wanted.text) === flight) flights.delete(wanted.text)
    }
    const flight: Flight = startFlight({ ...options, report, prepared, wanted, sources, what, ended })
    flights.set(wanted.text, flight)
    running.add(flight)
    flight.finished.finally(() => running.delete(flight))
    return flight
  }

  return {
    fetch(integrity, sources, what) {
      const wanted = parseIntegrity(integrity)
      const flight = flights.get(wanted.text) ?? start(wanted, sources, what)
      flight.join()
      return flight.download
    },
    async drain(deadline) {
      draining = true
      const timer = setTimeout(() => {
        for (const flight of running) {
          flight.abort(new RegistryError('UPSTREAM_UNAVAILABLE', 'This server stopped before the download was complete; ask again.'))
        }
      }, deadline)
      await Promise.all([...running].map(flight => flight.finished))
      clearTimeout(timer)
    },
  }
}

/** Removes what a killed process left. Another process that shares the directory keeps its open files, nameless. */
async function prepare(tmpDir: string) {
  await mkdir(tmpDir, { recursive: true })
  for (const name of await readdir(tmpDir)) {
    if (name.endsWith(SPOOL_SUFFIX)) await rm(join(tmpDir, name), { force: true })
  }
}
