import pino from 'pino'

/** Where log lines go: JSON, one a line, to the standard output, written in batches. */
export type RequestLog = ReturnType<typeof createRequestLog>

const LEVELS = ['debug', 'info', 'warn', 'error', 'silent']
/** Characters. A write costs as much as a hundred lines. */
const BATCH = 32 * 1024
/** Nobody who watches the log waits longer than this (ms) for a line. */
const LONGEST_WAIT = 100

/** @param level `info` writes a line a request, `warn` only trouble, `silent` nothing */
export function createRequestLog(level = 'info') {
  const destination = pino.destination({ dest: 1, sync: false })
  let batch = ''
  let waiting: NodeJS.Timeout | undefined

  function flush() {
    clearTimeout(waiting)
    waiting = undefined
    if (batch) destination.write(batch)
    batch = ''
  }

  const batches = {
    write(line: string) {
      batch += line
      if (batch.length > BATCH) flush()
      else waiting ??= setTimeout(flush, LONGEST_WAIT).unref()
    },
  }
  return {
    logger: pino({ level: LEVELS.includes(level) ? level : 'info', base: null, timestamp: isoTime }, batches),
    close() {
      flush()
      destination.flushSync()
    },
  }
}

let lastTime = 0
let lastText = ''

/** The time as ISO 8601. Writing it is half of a line's cost, and busy servers write many lines a millisecond. */
function isoTime(): string {
  const now = Date.now()
  if (now !== lastTime) {
    lastTime = now
    lastText = `,"time":"${new Date(now).toISOString()}"`
  }
  return lastText
}
