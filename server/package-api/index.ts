/** Packages as the web pages read them: what the log has, what each source has, and where two of them differ. */
import { createClientLimit, type ClientLimit } from '../http/index.ts'
import type { PackageDifferences, PackageRegistries, PackageReport } from '../../shared/types/packages.ts'
import type { SideBySide } from '../compare/index.ts'
import type { Incidents } from '../incidents/index.ts'
import type { Conflicts } from '../verify/index.ts'
import { compareDocuments } from './differences.ts'
import type { PackageRooms } from './packages.ts'
import { parsePackagePath } from './path.ts'
import { compareRegistries } from './registries.ts'
import { describePackage } from './report.ts'

export interface PackagePages {
  /**
   * @param path below `/api/packages/`, decoded
   * @param address of the client
   * @throws RegistryError `BAD_NAME`, `BAD_REQUEST`, `NOT_FOUND`, `RATE_LIMITED`, `UPSTREAM_UNAVAILABLE`
   */
  answer(
    path: string, query: URLSearchParams, address: string | undefined,
  ): Promise<PackageReport | PackageRegistries | PackageDifferences>
}

interface PackagePagesOptions extends PackageRooms {
  incidents: Pick<Incidents, 'list'>
  sideBySide: SideBySide
  conflicts: Conflicts
  trouble(what: string, error: unknown, name: string): void
  limit?: ClientLimit
}

/** How often one client may have registries asked, in so many seconds. What was asked a moment ago is not counted. */
const LOOKS = { points: 30, period: 60, tooMany: 'More than 30 comparisons of registries a minute were asked for' }

export function createPackagePages({ limit = createClientLimit(LOOKS), ...rooms }: PackagePagesOptions): PackagePages {
  return {
    async answer(path, query, address) {
      const { name, part } = parsePackagePath(path)
      if (part === 'report') return describePackage(name, query, rooms)
      const asking = { ...rooms, limit }
      return part === 'registries' ? compareRegistries(name, query, address, asking) : compareDocuments(name, query, address, asking)
    },
  }
}
