import type { Translate } from '../display/translate.ts'

/** A text with its values, before it is put into a language. */
export interface Sentence {
  /** Key of the text. */
  key: string
  values?: Record<string, string | number>
}

export function say({ key, values }: Sentence, t: Translate): string {
  return t(key, values ?? {})
}
