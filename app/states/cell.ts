import type { CellState } from '../../shared/types/packages.ts'
import { icons } from '../icons.ts'
import type { Look } from './look.ts'

/** What a registry has of a version. Found by the server, so that nothing of it is green. */
export const CELL_STATES: Readonly<Record<CellState, Look>> = {
  equal: { label: 'registry.package.cells.equal', icon: icons.equal, color: 'neutral' },
  differs: { label: 'registry.package.cells.differs', icon: icons.differs, color: 'error' },
  listed: { label: 'registry.package.cells.listed', icon: icons.listed, color: 'neutral' },
  lagging: { label: 'registry.package.cells.lagging', icon: icons.lagging, color: 'warning' },
  absent: { label: 'registry.package.cells.absent', icon: icons.absent, color: 'warning' },
  unclear: { label: 'registry.package.cells.unclear', icon: icons.unknown, color: 'neutral' },
  error: { label: 'registry.package.cells.error', icon: icons.unreachable, color: 'neutral' },
}
