/**
 * Whether text can stand in a signed note or a Go record: it has a UTF-8 form (no lone surrogate) and holds no ASCII control
 * character but newline.
 *
 * Beware when decoding bytes: `TextDecoder` swallows a byte order mark unless told `ignoreBOM: true`, and replaces invalid UTF-8
 * unless told `fatal: true`.
 */
export function isPlainText(text: string): boolean {
  if (!text.isWellFormed()) return false
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x20 && unit !== 0x0A) return false
  }
  return true
}

/** A piece of hostile text for an error's sentence: short, and without line breaks or control characters. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}
