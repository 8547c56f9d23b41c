import { createHash } from 'node:crypto'
import type { RecordDraft } from '../../shared/record/index.ts'
import { randomFrom } from '../common/random.ts'
import { versionList, WORDS } from '../common/upstream/documents.ts'

export type VersionDraft = Extract<RecordDraft, { kind: 'version' }>

/** How many versions a package has: 20 on average. */
const [FEWEST, MOST] = [8, 32]

/** Bytes that an ECDSA signature in DER mostly has. */
const SIGNATURE = 71
const KEYID = `SHA256:${createHash('sha256').update('key').digest('base64').slice(0, 43)}`

/**
 * Packages without end, each as the drafts of its versions, with everything that a registry which signs gives them. The same ones
 * for every run of one world, and others for every other.
 */
export function* packagesOf(world: string): Generator<VersionDraft[], never> {
  const random = randomFrom(world)
  for (let n = 0; ; n += 1) {
    const scope = random.chance(0.25) ? `@${random.pick(WORDS)}-${random.pick(WORDS)}/` : ''
    const name = `${scope}${random.pick(WORDS)}-${random.pick(WORDS)}-${n.toString(36)}`
    let published = Date.UTC(2016, 0, 4) + random.between(0, 1e11)
    yield versionList(random, random.between(FEWEST, MOST)).map((version) => {
      published += random.between(3_600_000, 2e9)
      return versionDraft(world, name, version, published)
    })
  }
}

function versionDraft(world: string, name: string, version: string, published: number): VersionDraft {
  const bytes = createHash('sha512').update(`${world} ${name}@${version}`).digest()
  const digest = createHash('sha256').update(bytes).digest()
  return {
    kind: 'version',
    subject: { name, version },
    integrity: `sha512-${bytes.toString('base64')}`,
    manifest: `sha256-${digest.toString('base64')}`,
    published: new Date(published).toISOString(),
    evidence: 'signed',
    signature: { keyid: KEYID, signature: createHash('shake256', { outputLength: SIGNATURE }).update(bytes).digest('base64') },
  }
}

/** Whole packages with at least so many versions. */
export function takePackages(packages: Iterator<VersionDraft[], never>, versions: number): VersionDraft[][] {
  const taken: VersionDraft[][] = []
  for (let count = 0; count < versions;) {
    const { value } = packages.next()
    taken.push(value)
    count += value.length
  }
  return taken
}
