import type { Client } from '@libsql/client'
import { join } from 'node:path'
import { emptyRoot } from '../../shared/tlog/index.ts'
import type { RememberedHead } from './remembered.ts'
import { createSigner, generateSignerKey, isSignedNamespace, readSignerKey, writeSignerKey, type Signer } from './signer.ts'

/** What a database is the log of. */
export interface Identity {
  origin: string
  vkey: string
  /** Namespace of the authority whose packages carry no `repository_url`. */
  namespace: string
}

interface StoredIdentity extends Identity {
  /** The namespace, signed. */
  statement: string
}

/** Who may write to the log: nobody, if the reason is given. */
export interface Established {
  identity: Identity
  /** Absent where the key is, or belongs to something else. */
  signer?: Signer
  problem?: string
}

const DEFAULT_ORIGIN = 'localhost'

export interface IdentityOptions {
  client: Client
  dataDir: string
  origin?: string
  signerKey?: string
  namespace: string
  remembered: RememberedHead
}

/**
 * Finds out which log this is and whether our key is its key. A database without a log gets one, with a new key if there is none.
 * @throws Error for a key that is none
 */
export async function establish(options: IdentityOptions): Promise<Established> {
  const { client, dataDir, origin, namespace, remembered } = options
  const file = join(dataDir, 'sumdb.key')
  // In the reverse order of their making: where another process begins the log meanwhile, it is all there or not at all.
  const outside = await remembered.read()
  const identity = await readIdentity(client)
  const key = options.signerKey ?? await readSignerKey(file)
  const where = options.signerKey === undefined ? file : 'NUXT_SUMDB_SIGNER_KEY'
  const signer = key === undefined ? undefined : parse(key, where)

  if (!identity) {
    if (signer && outside !== undefined) {
      return {
        identity: { origin: signer.origin, vkey: signer.vkey, namespace },
        problem: `The database has no log, but ${remembered.file} holds a checkpoint of one. Restore its database; to begin another log, move that file and ${file} away.`,
      }
    }
    const creator = signer ?? createSigner(await writeSignerKey(file, generateSignerKey(origin ?? DEFAULT_ORIGIN)))
    await createLogRow(client, creator, namespace)
    return judge((await readIdentity(client))!, creator, where, origin)
  }
  if (!signer) {
    return { identity, problem: `The key of the log "${identity.origin}" is missing. Put it into ${file} or NUXT_SUMDB_SIGNER_KEY.` }
  }
  return judge(identity, signer, where, origin)
}

function judge(identity: StoredIdentity, signer: Signer, where: string, origin: string | undefined): Established {
  if (signer.vkey !== identity.vkey) {
    return { identity, problem: `The key in ${where} is another log's (${signer.vkey}); this database is the log ${identity.vkey}.` }
  }
  if (origin !== undefined && origin !== identity.origin) {
    return { identity, problem: `NUXT_SUMDB_ORIGIN says "${origin}", but this log is "${identity.origin}" and a log keeps its name. Unset it, or begin another log in another database.` }
  }
  try {
    if (isSignedNamespace(identity.statement, identity.namespace, signer.verifier)) return { identity, signer }
  } catch {
    // A statement that does not verify is one that says something else.
  }
  return { identity, problem: `The database says that this log's own registry is "${identity.namespace}", which its key did not sign: it was changed.` }
}

function parse(key: string, where: string): Signer {
  try {
    return createSigner(key)
  } catch (cause) {
    // The message of the cause may show a part of the key.
    throw new Error(`${where} does not hold a signer key (PRIVATE+KEY+<name>+<id>+<secret>), or a damaged one. Restore it.`, { cause })
  }
}

async function readIdentity(client: Client): Promise<StoredIdentity | undefined> {
  const { rows: [row] } = await client.execute('SELECT origin, vkey, namespace, statement FROM log WHERE id = 1')
  return row && {
    origin: String(row.origin), vkey: String(row.vkey), namespace: String(row.namespace), statement: String(row.statement),
  }
}

/** Of several processes that begin a log in one database, the first one's is it. */
async function createLogRow(client: Client, { origin, vkey, signNamespace }: Signer, namespace: string): Promise<void> {
  await client.batch([
    [
      'INSERT OR IGNORE INTO log (id, origin, vkey, namespace, statement) VALUES (1, ?, ?, ?, ?)',
      [origin, vkey, namespace, signNamespace(namespace)],
    ],
    ['INSERT OR IGNORE INTO head (id, size, root, recorded) VALUES (1, 0, ?, 0)', [emptyRoot()]],
  ], 'write')
}
