import type { IconName } from '../icons.ts'

/** How a state is shown everywhere. The label and the icon carry the meaning, the colour only repeats it. */
export interface Look {
  /** Key of the text. */
  label: string
  icon: IconName
  color: 'success' | 'warning' | 'error' | 'neutral'
}
