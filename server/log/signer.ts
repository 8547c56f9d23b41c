import { createPrivateKey, createPublicKey, randomBytes, sign, verify, type KeyObject } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import {
  createVerifier, formatCheckpoint, formatGoTree, formatSignerKey, formatVkey, keyIdOf, openNote, parseSignerKey, parseVkey,
  signNote, type Hash, type NoteSigner, type NoteVerifier,
} from '../../shared/tlog/index.ts'

/** Signs states of one log. Ed25519 is deterministic: whoever has the key writes the same bytes for the same state. */
export interface Signer {
  origin: string
  vkey: string
  /** Verifies this log's checkpoints. */
  verifier: NoteVerifier
  /** The C2SP checkpoint. */
  sign(size: number, root: Hash): string
  /** The same tree as Go's clients want it signed. */
  signForGo(size: number, root: Hash): string
  /** Signs which registry the log calls its own. */
  signNamespace(namespace: string): string
}

const ED25519 = 0x01
/** What stands before a raw key in the DER of PKCS #8 and SPKI (RFC 8410). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

/**
 * @param key Go's note format, `PRIVATE+KEY+…`
 * @throws TlogError for a key that is not one, or whose id is not its own
 */
export function createSigner(key: string): Signer {
  const { name: origin, seed, keyId } = parseSignerKey(key.trim())
  const privateKey = privateKeyOf(seed)
  const publicKey = publicKeyOf(privateKey)
  const vkey = formatVkey(origin, ED25519, publicKey)
  if (keyIdOf(origin, ED25519, publicKey) !== keyId) throw new Error('The signer key\'s id does not belong to its name and secret; it was damaged.')

  const signerNamed = (name: string): NoteSigner => ({
    name, keyId: keyIdOf(name, ED25519, publicKey), sign: message => sign(null, message, privateKey),
  })
  const signer = signerNamed(origin)
  const goSigner = signerNamed(goNameOf(origin))
  return {
    origin,
    vkey,
    verifier: createVerifier(vkey, verifyEd25519),
    sign: (size, root) => signNote(formatCheckpoint({ origin, size, root, extensions: [] }), [signer]),
    signForGo: (size, root) => signNote(formatGoTree(size, root), [goSigner]),
    signNamespace: namespace => signNote(namespaceText(origin, namespace), [signer]),
  }
}

/** No checkpoint can say this: the second line of one is a number. */
function namespaceText(origin: string, namespace: string): string {
  return `${origin}\nnamespace ${namespace}\n`
}

/**
 * Whether a log's key signed that this is the registry whose packages carry no `repository_url`.
 * @throws TlogError for a note that is none, or of another key
 */
export function isSignedNamespace(statement: string, namespace: string, verifier: NoteVerifier): boolean {
  return openNote(statement, [verifier]).text === namespaceText(verifier.name, namespace)
}

/**
 * What Go's clients verify with: the same key under another name, because notes of another text under one name could be taken
 * for forks.
 */
export function goVkeyOf(vkey: string): string {
  const { name, type, publicKey } = parseVkey(vkey)
  return formatVkey(goNameOf(name), type, publicKey)
}

function goNameOf(origin: string): string {
  return `${origin}/go`
}

/** OpenSSL's verdict: the one that Go agrees with. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' })
  return verify(null, message, key, signature)
}

/** A new key for a log of this name. */
export function generateSignerKey(origin: string): string {
  const seed = randomBytes(32)
  return formatSignerKey(origin, seed, publicKeyOf(privateKeyOf(seed)))
}

/** The key in a file; undefined if there is none. */
export async function readSignerKey(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
}

/** Keeps a new key where only we can read it. Of several processes that do so at once, the first one's key stands. */
export async function writeSignerKey(file: string, key: string): Promise<string> {
  // Whole before it has its name: nobody reads half a key, also not after this process was killed.
  const temporary = `${file}.${randomBytes(6).toString('hex')}`
  try {
    await writeFile(temporary, `${key}\n`, { mode: 0o600, flag: 'wx', flush: true })
    await link(temporary, file)
    return key
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return await readSignerKey(file) ?? key
  } finally {
    await rm(temporary, { force: true })
  }
}

function privateKeyOf(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' })
}

function publicKeyOf(privateKey: KeyObject): Uint8Array {
  const der = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  return new Uint8Array(der.subarray(SPKI_PREFIX.length))
}
