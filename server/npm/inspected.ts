import type { Passing } from '../inspect/index.ts'
import type { Tarballs } from '../tarball/index.ts'
import type { Wanted } from './bytes.ts'
import type { NpmServices } from './types.ts'

/**
 * Has the bytes that pass through us looked into: behind the answer where a difference is only noted, and before it where it
 * is refused.
 * @returns where the bytes come from
 * @throws RegistryError `MANIFEST_MISMATCH`, or why the bytes cannot be had, or looked into, now
 */
export async function inspected(
  passing: Passing, { what, integrity, sources }: Wanted, { tarballs, inspections }: Pick<NpmServices, 'tarballs' | 'inspections'>,
): Promise<Tarballs> {
  const { store, downloads } = tarballs
  const stored = await store.find(integrity)
  if (inspections.isAwaited) {
    if (!stored) await downloads.fetch(integrity, sources, what).done
    const refusal = await inspections.verdict(passing)
    if (refusal) throw refusal
    return tarballs
  }
  if (stored) inspections.passed(passing)
  return {
    ...tarballs,
    downloads: {
      ...downloads,
      fetch(...wanted) {
        const download = downloads.fetch(...wanted)
        download.done.then(() => inspections.passed(passing), () => {
          // Whoever reads the download is told.
        })
        return download
      },
    },
  }
}
