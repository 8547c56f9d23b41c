import { onBeforeUnmount, ref } from 'vue'

/** How long the feedback of a copy stays, in milliseconds. */
const FEEDBACK = 2_000

export type CopyState = 'idle' | 'done' | 'selected'

/**
 * Copies text with feedback. Browsers hide the clipboard on plain HTTP addresses other than localhost,
 * where a registry in a local network often lives: there the older command is tried, and if that is
 * refused too, the text is left selected for the keyboard (`selected`).
 */
export function useRegistryCopy() {
  const state = ref<CopyState>('idle')
  let timer: ReturnType<typeof setTimeout> | undefined

  async function copy(text: string, source: HTMLElement | null | undefined) {
    const isCopied = await writeClipboard(text) || copySelection(source)
    state.value = isCopied ? 'done' : 'selected'
    clearTimeout(timer)
    timer = setTimeout(() => (state.value = 'idle'), FEEDBACK)
  }

  onBeforeUnmount(() => clearTimeout(timer))
  return { state, copy }
}

async function writeClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    // No clipboard in an insecure context, or no permission: both have the same next step.
    return false
  }
}

function copySelection(source: HTMLElement | null | undefined): boolean {
  const selection = getSelection()
  if (!source || !selection) return false
  selection.selectAllChildren(source)
  const isCopied = document.execCommand('copy')
  if (isCopied) selection.removeAllRanges()
  return isCopied
}
