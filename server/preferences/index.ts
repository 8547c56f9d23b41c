/** The preferences room: what holders of a token choose among the operator's sources, and how a request gets their view. */
export { createPreferences, type Preferences } from './preferences.ts'
