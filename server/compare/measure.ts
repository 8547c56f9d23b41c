import { createHash } from 'node:crypto'
import { escapeName, type Summary } from '../packument/index.ts'
import { canonicalTarballUrl } from '../tarball/index.ts'
import type { Recorded } from './sample.ts'
import type { Probe } from './types.ts'
import { packumentProbe, type Looks } from './look.ts'
import { header, probeOf, type Visit } from './visit.ts'

/** Bytes. A download of this size measures the line, and is no burden. */
const LARGEST_TARBALL = 5 * 1024 * 1024

/** The bytes of a recorded version as a source sends them. */
export interface Download {
  recorded: Recorded
  sha512: string
  size: number
  url: string
}

export interface Measured {
  probes: Probe[]
  download?: Download
}

/** A sign of life. */
export async function ping(visit: Visit): Promise<Probe> {
  return probeOf('ping', await visit.ask({ url: '-/ping', headers: { accept: 'application/json' }, read: 0 }))
}

/**
 * What clients do most: a document, the same again if it changed, and tarballs. The document is asked for twice, because what is
 * measured is a warm cache; the largest tarball that is not too large is downloaded.
 */
export async function measure(looks: Looks, canaries: readonly Recorded[]): Promise<Measured> {
  const { visit } = looks
  const probes: Probe[] = []
  const offers: { recorded: Recorded, url: string, size: number }[] = []
  for (const recorded of canaries) {
    if (visit.isOver) break
    const { subject: { name, version } } = recorded.record
    const look = await looks.of(name)
    if (look.exchange.status === undefined || look.problem !== undefined) {
      probes.push(packumentProbe(look))
    } else {
      probes.push(...await measureDocument(visit, name))
    }
    if (!look.summary?.versions.has(version) || visit.isOver) continue
    const url = tarballUrl(visit, name, version, look.summary)
    const head = await visit.ask({ url, method: 'HEAD', headers: { 'accept-encoding': 'identity' }, read: 0 })
    probes.push(probeOf('tarball-head', head))
    const size = Number(header(head, 'content-length') ?? Number.NaN)
    if (head.status === 200 && size <= LARGEST_TARBALL) offers.push({ recorded, url, size })
  }
  const [largest] = offers.toSorted((a, b) => b.size - a.size)
  if (!largest || visit.isOver) return { probes }
  const exchange = await visit.ask({ url: largest.url, headers: { 'accept-encoding': 'identity' }, read: LARGEST_TARBALL })
  probes.push(probeOf('tarball', exchange))
  const { status, body } = exchange
  if (status !== 200 || !body) return { probes }
  const sha512 = `sha512-${createHash('sha512').update(body).digest('base64')}`
  return { probes, download: { recorded: largest.recorded, sha512, size: body.length, url: largest.url } }
}

async function measureDocument(visit: Visit, name: string): Promise<Probe[]> {
  const question = { url: escapeName(name), headers: { 'accept': 'application/json', 'accept-encoding': 'gzip' }, read: 0 }
  const document = await visit.ask(question)
  const etag = header(document, 'etag')
  const probes = [probeOf('packument', document)]
  if (document.status !== 200 || etag === undefined || visit.isOver) return probes
  const again = await visit.ask({ ...question, headers: { ...question.headers, 'if-none-match': etag } })
  return [...probes, probeOf('revalidation', again)]
}

/** Where a source itself has a tarball: what it names on another host says nothing about it. */
export function tarballUrl({ registry }: Visit, name: string, version: string, summary: Summary): string {
  const named = URL.parse(summary.versions.get(version)!.tarball, registry.url)
  return named?.origin === new URL(registry.url).origin ? named.href : canonicalTarballUrl(registry.url, name, version)
}
