/** Milliseconds that a browser may take to begin with the file. */
const PATIENCE = 10_000

/** Gives a text that was made in the browser to its user, as a file. */
export function saveFile(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), PATIENCE)
}
