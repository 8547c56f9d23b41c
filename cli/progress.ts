import process from 'node:process'

/** One line on the standard error that shows how far long work is. */
export interface Progress {
  update(done: number, total: number): void
  /** Removes the line. */
  end(): void
}

/** Work that is done sooner (ms) shows nothing. */
const PATIENCE = 1_000
/** A line that is overwritten (ms), and lines that cannot be, of which a few are enough. */
const INTERVAL = { terminal: 200, file: 10_000 }

export function createProgress(what: string): Progress {
  const started = Date.now()
  const isTerminal = process.stderr.isTTY
  const interval = isTerminal ? INTERVAL.terminal : INTERVAL.file
  let shown = started + PATIENCE - interval
  let isShown = false
  return {
    update(done, total) {
      const now = Date.now()
      if (now - shown < interval) return
      shown = now
      isShown = true
      const rate = Math.round(done / ((now - started) / 1000))
      const share = total > 0 ? ` (${Math.floor(done / total * 100)} %)` : ''
      const line = `${what}: ${done.toLocaleString('en')} of ${total.toLocaleString('en')}${share}, ${rate.toLocaleString('en')} a second`
      process.stderr.write(isTerminal ? `\r\x1b[K${line}` : `${line}\n`)
    },
    end() {
      if (isShown && isTerminal) process.stderr.write('\r\x1b[K')
    },
  }
}
