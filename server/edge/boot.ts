import process from 'node:process'
import { ConfigError, loadConfig, readListening } from '../config/index.ts'
import { messageOf } from '../errors.ts'
import { createMetrics, createRequestLog } from '../observe/index.ts'
import type { WorkerSource } from '../packument/index.ts'
import { createServices, type Services } from '../services.ts'
import { createOperators } from './admin.ts'
import { setRunning, type Running } from './running.ts'

/**
 * Reads the configuration, puts the server together and tells the operator what to type next.
 * A configuration that cannot be used ends the process with status 1 and one line for each thing to mend.
 */
export async function boot(options: {
  version: string
  worker: WorkerSource
  inspectWorker: WorkerSource
  surfacePath: string
}): Promise<void> {
  const { version, worker, inspectWorker, surfacePath } = options
  // The framework listens as soon as this function waits for something, so this comes first.
  const problems: string[] = []
  const { port } = readListening(process.env, problems)
  if (problems.length > 0) giveUp(problems)
  process.on('uncaughtExceptionMonitor', (error: NodeJS.ErrnoException) => {
    if (error.syscall === 'listen') giveUp([`The server cannot listen on port ${port} (${error.code}). Choose another with PORT.`])
  })

  try {
    const config = await loadConfig({ env: process.env, cwd: process.cwd() })
    const requestLog = createRequestLog(process.env.NUXT_LOG_LEVEL)
    const metrics = createMetrics()
    const services = await createServices({ config, version, worker, inspectWorker, requestLog, metrics, surfacePath })
    const running: Running = {
      services, metrics, requestLog, version,
      operators: createOperators(config.adminToken),
      startedAt: new Date(),
      requests: { total: 0, hits: 0, errors: 0 },
      stopping: false,
    }
    setRunning(running)
    say(await greeting(services, version))
  } catch (error) {
    giveUp(error instanceof ConfigError ? error.problems : [`The server cannot start: ${messageOf(error)}`])
  }
}

/** Ends the process with one line for each thing to mend. */
function giveUp(problems: readonly string[]): never {
  say(problems.map(problem => `✖ ${problem}`).join('\n'))
  process.exit(1)
}

/** For people, so not on the standard output: that is the log's, and machines read it. */
function say(text: string): void {
  process.stderr.write(`${text}\n`)
}

async function greeting({ config, log, view }: Services, version: string): Promise<string> {
  const upstreams = config.registries.map(({ namespace, role, origin }) => `${namespace} (${role}, from ${origin})`)
  const { state, reason } = log.status()
  const records = state === 'ok' ? `${(await log.head()).size.toLocaleString('en')} records` : 'read-only, see below'
  const notices = [...config.notices, ...(reason === undefined ? [] : [`The log is read-only. ${reason}`])]
  return [
    '',
    `  npmx registry ${version}`,
    '',
    `  Registry  ${view.base}`,
    ...upstreams.map((upstream, n) => `  ${n === 0 ? 'Upstream' : '        '}  ${upstream}`),
    `  Log       ${log.vkey} (${records})`,
    `  Data      ${config.dataDir}`,
    ...notices.map(notice => `\n  ! ${notice}`),
    '',
    '  Install through it:',
    '',
    `    npm config set registry ${view.base}`,
    '',
  ].join('\n')
}
