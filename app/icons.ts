/**
 * Every icon our pages show. They are built into the client bundle (`modules/ui.ts`), so no page asks
 * for an icon at run time, neither here nor anywhere else.
 */
export const icons = {
  copy: 'lucide:copy',
  done: 'lucide:check',
  selected: 'lucide:text-select',
  up: 'lucide:circle-check',
  down: 'lucide:circle-x',
  unknown: 'lucide:circle-dashed',
  live: 'lucide:radio',
  loading: 'lucide:ellipsis',
  unreachable: 'lucide:triangle-alert',
  offline: 'lucide:wifi-off',
  info: 'lucide:info',
  clock: 'lucide:clock',
  conflict: 'lucide:git-compare-arrows',
  invalidSignature: 'lucide:shield-x',
  lagging: 'lucide:clock-alert',
  key: 'lucide:key-round',
  manifest: 'lucide:file-diff',
  foreign: 'lucide:globe-lock',
  movedBack: 'lucide:undo-2',
  equal: 'lucide:equal',
  differs: 'lucide:equal-not',
  search: 'lucide:search',
  light: 'lucide:sun',
  dark: 'lucide:moon',
  download: 'lucide:download',
  file: 'lucide:file-up',
  missing: 'lucide:circle-question-mark',
  skipped: 'lucide:circle-minus',
  unproven: 'lucide:shield-x',
  verify: 'lucide:shield-check',
  version: 'lucide:package',
  withdrawn: 'lucide:package-x',
  tags: 'lucide:tag',
  seen: 'lucide:eye',
  absent: 'lucide:minus',
  listed: 'lucide:file-plus',
} as const

export type IconName = typeof icons[keyof typeof icons]
