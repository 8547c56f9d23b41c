import pino from 'pino'

/** Where log lines go: JSON, one a line, to the standard output, written in batches. */
export type Log = ReturnType<typeof createLog>

const LEVELS = ['debug', 'info', 'warn', 'error', 'silent']
const BATCH = 8 * 1024
const FLUSH_INTERVAL = 500

/** @param level `info` writes a line a request, `warn` only trouble, `silent` nothing */
export function createLog(level = 'info') {
  const destination = pino.destination({ dest: 1, sync: false, minLength: BATCH })
  const logger = pino({ level: LEVELS.includes(level) ? level : 'info', base: null, timestamp: isoTime }, destination)
  const timer = setInterval(() => destination.flush(), FLUSH_INTERVAL).unref()
  return {
    logger,
    close() {
      clearInterval(timer)
      destination.flushSync()
    },
  }
}

let lastTime = 0
let lastText = ''

/** The time as ISO 8601. Writing it is a third of a line's cost, and busy servers write many lines a millisecond. */
function isoTime(): string {
  const now = Date.now()
  if (now !== lastTime) {
    lastTime = now
    lastText = `,"time":"${new Date(now).toISOString()}"`
  }
  return lastText
}
