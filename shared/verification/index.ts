/** What is known of a version, and how it is shown: the same words, shapes and colours in pages, badges and JSON. Pure. */
export { VERIFICATION_COLORS, VERIFICATION_STATES, type VerificationLook, type VerificationState } from './states.ts'
export { verificationStateOf, type VerificationFacts } from './state-of.ts'
