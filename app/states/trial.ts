import type { TriedPackage } from '../../shared/types/preferences.ts'
import { icons } from '../icons.ts'
import type { Look } from './look.ts'

/** Whether a source answered when preferences were tested. */
export const ANSWERS = {
  untried: { label: 'registry.preferences.trial.untried', icon: icons.unknown, color: 'neutral' },
  reachable: { label: 'registry.preferences.trial.reachable', icon: icons.up, color: 'success' },
  unreachable: { label: 'registry.preferences.trial.unreachable', icon: icons.down, color: 'error' },
} as const satisfies Record<string, Look>

/** What a source has of the package it was tested with, beside the log. */
export const AGREEMENTS: Readonly<Record<TriedPackage['state'], Look>> = {
  equal: { label: 'registry.preferences.trial.equal', icon: icons.up, color: 'success' },
  differs: { label: 'registry.preferences.trial.differs', icon: icons.down, color: 'error' },
  unclear: { label: 'registry.preferences.trial.unclear', icon: icons.unknown, color: 'neutral' },
  absent: { label: 'registry.preferences.trial.absent', icon: icons.unreachable, color: 'warning' },
}
