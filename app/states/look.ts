import type { IconName } from '../icons.ts'

/** How a state is shown everywhere. The label and the icon carry the meaning, the colour only repeats it. */
export interface Look {
  label: string
  icon: IconName
  color: 'success' | 'warning' | 'error' | 'neutral'
}
