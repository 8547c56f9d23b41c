import { formatPurl } from '../../shared/record/index.ts'
import type { RegistryConfig } from '../config/types.ts'
import { RegistryError } from '../errors.ts'
import { json, type About, type HttpResponse } from '../http/index.ts'
import type { IncidentReport } from '../incidents/index.ts'
import { escapeName } from '../packument/index.ts'
import { label } from '../registry/index.ts'
import { misattested, type Misattested } from '../verify/index.ts'
import { ask, type Forwarded } from './forward.ts'
import type { NpmServices } from './types.ts'
import type { View } from './view.ts'

/**
 * A version's attestations, if they are about its recorded bytes: with other ones it has none. The authority's answer is asked
 * for; while it is out of reach its mirrors may give it.
 */
export async function serveAttestations(
  name: string, version: string, view: View, services: NpmServices, about: About,
): Promise<HttpResponse> {
  const authority = await services.owners.of(name, services.upstream)
  const url = `-/npm/v1/attestations/${escapeName(name)}@${encodeURIComponent(version)}`
  let failure: unknown
  for (const source of [authority, ...view.routes.mirrorsOf(authority)]) {
    try {
      const answer = await ask(source, services, { url })
      if (answer.status === 200) await assertAbout(answer, name, version, { authority, source }, view, services)
      return json(answer.status, answer.value, about)
    } catch (error) {
      // What the authority answers is final, and a mirror's answer counts if it is a good one.
      if (source === authority && !isOutage(error)) throw error
      failure ??= error
    }
  }
  throw failure
}

function isOutage(error: unknown): boolean {
  return error instanceof RegistryError && error.code === 'UPSTREAM_UNAVAILABLE'
}

interface Asked {
  authority: RegistryConfig
  source: RegistryConfig
}

/** @throws RegistryError `ATTESTATION_MISMATCH`, or why the version is withheld */
async function assertAbout(
  { value }: Forwarded, name: string, version: string, asked: Asked, view: View, services: NpmServices,
): Promise<void> {
  const integrity = await recordedDigest(name, version, asked.authority, services)
  // What is not recorded cannot be installed from here either.
  if (integrity === undefined) return
  const wrong = misattested(value, name, version, integrity)
  const [first] = wrong
  if (!first) return
  const report = reportOf(first, wrong, name, version, integrity, asked, view, services)
  await services.incidents.report([report])
    .catch((error: unknown) => services.trouble('noting an attestation of other bytes', error, name))
  throw new RegistryError('ATTESTATION_MISMATCH', `${report.sentence} It counts as no provenance: nothing vouches for how ${name}@${version} was built.`)
}

/** The sha512 that stands for a version; undefined: it is not listed. @throws RegistryError why it is withheld */
async function recordedDigest(
  name: string, version: string, authority: RegistryConfig, { packuments, upstream }: NpmServices,
): Promise<string | undefined> {
  const contents = await packuments.contents(name, upstream(authority)).catch((error: unknown) => {
    if (error instanceof RegistryError && error.code === 'NOT_FOUND') return undefined
    throw error
  })
  if (!contents) return undefined
  const { summary, judgement: { verdict } } = contents
  const withheld = verdict.withheld.get(version)
  if (withheld) throw withheld
  return verdict.digests.get(version) ?? summary.versions.get(version)?.integrity
}

function reportOf(
  first: Misattested, wrong: readonly Misattested[], name: string, version: string, integrity: string,
  { authority, source }: Asked, view: View, { subjectOf }: NpmServices,
): IncidentReport {
  const purl = formatPurl(subjectOf(name, version, authority))
  const { subject } = first
  const said = subject ? `${subject.name} with the sha512 ${subject.sha512.slice(0, 16)}...` : 'nothing that can be read'
  return {
    kind: 'attestation-mismatch', cause: `attestation-mismatch ${purl} ${source.id}`, subject: purl, source: source.id,
    isPrivate: view.routes.isPrivate(name),
    sentence: `The attestation that registry ${label(source)} gives for ${name}@${version} is about ${said.replace(/[^\x20-\x7e]+/g, '?')}, and not about its recorded bytes.`,
    evidence: {
      claimed: { integrity },
      details: { attestations: wrong.slice(0, 10) },
      asked: { source: source.id, registry: source.url, at: new Date().toISOString() },
    },
  }
}
