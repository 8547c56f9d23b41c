/**
 * What is known of one version of a package, in one word:
 * - `verified`: recorded, after its registry's signature was checked or its bytes were hashed here
 * - `recorded`: recorded on the word of a registry that signs nothing
 * - `pending`: being looked up, or written down and not yet under a signed checkpoint
 * - `mismatch`: its own registry gave other contents for it later
 * - `withdrawn`: recorded, and gone from its registry since
 * - `not-recorded`: the log has no record of it, which says nothing for or against it
 * - `unavailable`: the log could not be asked, which says nothing for or against it either
 */
export type VerificationState
  = 'verified' | 'recorded' | 'pending' | 'mismatch' | 'withdrawn' | 'not-recorded' | 'unavailable'

/** How a state is shown: in pages, in SVG, in JSON. Label and icon carry the meaning, the colour only repeats it. */
export interface VerificationLook {
  /** Key of the text. */
  label: string
  /** The same in English, for what has no translations: a picture in a README. */
  english: string
  /** Path data in a square of 16, drawn as a line of width 1.5 with round ends, not filled. */
  icon: string
  color: 'success' | 'warning' | 'error' | 'neutral'
}

const CIRCLE = 'M8 1.75a6.25 6.25 0 1 1 0 12.5a6.25 6.25 0 0 1 0-12.5'

export const VERIFICATION_STATES: Readonly<Record<VerificationState, VerificationLook>> = {
  'verified': {
    label: 'registry.badge.states.verified', english: 'verified', color: 'success',
    icon: `${CIRCLE}M5.2 8.2l2 2l3.7-4.1`,
  },
  'recorded': {
    label: 'registry.badge.states.recorded', english: 'recorded, not verified', color: 'neutral',
    icon: 'M3.5 1.75h6l3 3v9.5h-9zM6 7h4M6 10h4',
  },
  'pending': {
    label: 'registry.badge.states.pending', english: 'pending', color: 'neutral',
    icon: `${CIRCLE}M8 4.5v3.6l2.4 1.4`,
  },
  'mismatch': {
    label: 'registry.badge.states.mismatch', english: 'mismatch', color: 'error',
    icon: 'M8 1.75l6.75 12.5H1.25zM8 6.25v3.5M8 12h.01',
  },
  'withdrawn': {
    label: 'registry.badge.states.withdrawn', english: 'withdrawn', color: 'warning',
    icon: 'M1.75 2.5h12.5v3H1.75zM3 5.5v8h10v-8M6.25 8.5h3.5',
  },
  'not-recorded': {
    label: 'registry.badge.states.notRecorded', english: 'not recorded', color: 'neutral',
    icon: `${CIRCLE}M5.25 8h5.5`,
  },
  'unavailable': {
    label: 'registry.badge.states.unavailable', english: 'unavailable', color: 'neutral',
    // The circle in dashes: nothing is known, so nothing is crossed out.
    icon: 'M6.4 1.95a6.25 6.25 0 0 1 3.2 0M12.4 3.6a6.25 6.25 0 0 1 1.7 2.9M14.1 9.5a6.25 6.25 0 0 1-1.7 2.9'
      + 'M9.6 14.05a6.25 6.25 0 0 1-3.2 0M3.6 12.4a6.25 6.25 0 0 1-1.7-2.9M1.9 6.5a6.25 6.25 0 0 1 1.7-2.9',
  },
}

/** Colours of states where no page brings its own: on white and on black each is read easily. */
export const VERIFICATION_COLORS: Readonly<Record<VerificationLook['color'], { light: string, dark: string }>> = {
  success: { light: '#116b39', dark: '#6fd79b' },
  warning: { light: '#7d4e00', dark: '#f0bd5c' },
  error: { light: '#b3201b', dark: '#ff9088' },
  neutral: { light: '#4e504c', dark: '#b9bab4' },
}
