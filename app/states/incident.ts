import type { IncidentKind } from '../../shared/types/incidents.ts'
import { icons } from '../icons.ts'
import type { Look } from './look.ts'

/** How a broken rule is shown and explained; the other keys are of texts. */
interface IncidentLook extends Look {
  /** What it means, what it does not mean, and what to do. */
  means: string
  not: string
  todo: string
}

export const INCIDENT_KINDS: Readonly<Record<IncidentKind, IncidentLook>> = {
  'conflict': {
    label: 'registry.incidents.conflict.label', means: 'registry.incidents.conflict.means',
    not: 'registry.incidents.conflict.not', todo: 'registry.incidents.conflict.todo', icon: icons.conflict, color: 'error',
  },
  'invalid-signature': {
    label: 'registry.incidents.invalidSignature.label', means: 'registry.incidents.invalidSignature.means',
    not: 'registry.incidents.invalidSignature.not', todo: 'registry.incidents.invalidSignature.todo', icon: icons.invalidSignature, color: 'error',
  },
  'key-clash': {
    label: 'registry.incidents.keyClash.label', means: 'registry.incidents.keyClash.means',
    not: 'registry.incidents.keyClash.not', todo: 'registry.incidents.keyClash.todo', icon: icons.key, color: 'error',
  },
  'keys-vanished': {
    label: 'registry.incidents.keysVanished.label', means: 'registry.incidents.keysVanished.means',
    not: 'registry.incidents.keysVanished.not', todo: 'registry.incidents.keysVanished.todo', icon: icons.key, color: 'warning',
  },
  'manifest-mismatch': {
    label: 'registry.incidents.manifestMismatch.label', means: 'registry.incidents.manifestMismatch.means',
    not: 'registry.incidents.manifestMismatch.not', todo: 'registry.incidents.manifestMismatch.todo', icon: icons.manifest, color: 'error',
  },
  'attestation-mismatch': {
    label: 'registry.incidents.attestationMismatch.label', means: 'registry.incidents.attestationMismatch.means',
    not: 'registry.incidents.attestationMismatch.not', todo: 'registry.incidents.attestationMismatch.todo', icon: icons.invalidSignature, color: 'error',
  },
  'foreign-host': {
    label: 'registry.incidents.foreignHost.label', means: 'registry.incidents.foreignHost.means',
    not: 'registry.incidents.foreignHost.not', todo: 'registry.incidents.foreignHost.todo', icon: icons.foreign, color: 'warning',
  },
  'backdated': {
    label: 'registry.incidents.backdated.label', means: 'registry.incidents.backdated.means',
    not: 'registry.incidents.backdated.not', todo: 'registry.incidents.backdated.todo', icon: icons.lagging, color: 'warning',
  },
  'tag-moved-back': {
    label: 'registry.incidents.tagMovedBack.label', means: 'registry.incidents.tagMovedBack.means',
    not: 'registry.incidents.tagMovedBack.not', todo: 'registry.incidents.tagMovedBack.todo', icon: icons.movedBack, color: 'warning',
  },
}
