import type { LogRecord, VersionRecord } from '../../shared/record/index.ts'
import { icons } from '../icons.ts'
import type { Look } from './look.ts'

export const RECORD_KINDS: Readonly<Record<LogRecord['kind'], Look>> = {
  version: { label: 'registry.log.kinds.version', icon: icons.version, color: 'neutral' },
  conflict: { label: 'registry.log.kinds.conflict', icon: icons.unreachable, color: 'error' },
  withdrawn: { label: 'registry.log.kinds.withdrawn', icon: icons.withdrawn, color: 'warning' },
  tags: { label: 'registry.log.kinds.tags', icon: icons.tags, color: 'neutral' },
  keys: { label: 'registry.log.kinds.keys', icon: icons.key, color: 'neutral' },
  head: { label: 'registry.log.kinds.head', icon: icons.head, color: 'neutral' },
  policy: { label: 'registry.log.kinds.policy', icon: icons.policy, color: 'neutral' },
  acknowledged: { label: 'registry.log.kinds.acknowledged', icon: icons.seen, color: 'neutral' },
}

/** How a version is known. What the record says of it is no verdict of the browser's, so none of it has a colour. */
export const EVIDENCE: Readonly<Record<VersionRecord['evidence'], Look>> = {
  signed: { label: 'registry.log.evidence.signed', icon: icons.signed, color: 'neutral' },
  fetched: { label: 'registry.log.evidence.fetched', icon: icons.download, color: 'neutral' },
  claimed: { label: 'registry.log.evidence.claimed', icon: icons.claimed, color: 'neutral' },
}
