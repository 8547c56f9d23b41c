import { readFile, stat } from 'node:fs/promises'
import process from 'node:process'
import { BundleError, checkBundle, type BundleReport, type Finding } from '../shared/incident-bundle/index.ts'
import { FAILED, UsageError } from './failure.ts'
import { knownKeys } from './known-logs.ts'
import { complain, print, printStyled } from './terminal.ts'
import { userPath } from './user-path.ts'

/** Bytes. A bundle has a megabyte of a tarball in it, and little else. */
const MAX_SIZE = 16 * 1024 * 1024

/**
 * Checks an incident's file and says what was found. The exit code is 1 if something in it contradicts it.
 * @param vkey the log's key, if the user has one
 * @throws UsageError for a file that cannot be read or is none, StateError
 */
export async function verifyBundle(file: string, vkey: string | undefined): Promise<void> {
  const report = await check(await readBundle(userPath(file)), { vkey, known: await knownKeys() })
  const { bundle: { incident, log }, trust, findings } = report
  print(`Incident ${incident.id} (${incident.kind}): ${incident.sentence}`)
  for (const finding of findings) show(finding)
  if (trust === 'unknown') {
    complain(`! The log's key is the one in the file itself. Whoever made the file may have made the log too: compare it with what you know
  of this log from elsewhere, and name it with --vkey.\n  ${log?.vkey}`)
  }
  conclude(report)
}

async function check(...parameters: Parameters<typeof checkBundle>): Promise<BundleReport> {
  try {
    return await checkBundle(...parameters)
  } catch (cause) {
    if (cause instanceof BundleError) throw new UsageError(cause.message, { cause })
    throw cause
  }
}

function show({ state, sentence }: Finding): void {
  if (state === 'verified') printStyled('green', `✔ ${sentence}`)
  else if (state === 'contradiction') printStyled('red', `✖ ${sentence}`)
  else printStyled('yellow', `? ${sentence}`)
}

function conclude({ findings }: BundleReport): void {
  const wrong = findings.filter(({ state }) => state === 'contradiction').length
  if (wrong === 0) return printStyled('bold', 'Nothing in the file contradicts the incident.')
  printStyled('red', 'The file contradicts itself or the log: it proves nothing.')
  process.exitCode = FAILED
}

async function readBundle(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path)
    if (size > MAX_SIZE) throw new UsageError(`${path} has ${size} bytes; the file of an incident has at most ${MAX_SIZE}.`)
    return await readFile(path)
  } catch (cause) {
    if (cause instanceof UsageError) throw cause
    throw new UsageError(`${path} cannot be read (${(cause as Error).message}).`, { cause })
  }
}
