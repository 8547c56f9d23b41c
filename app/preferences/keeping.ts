import { createMemory, type Memory } from '../verification/memory.ts'

const DRAFT = 'registry-preferences-draft'
const TOKEN = 'registry-preferences-token'

interface Kept {
  /** As it was formatted, or as somebody wrote it. */
  draft?: string
  token?: string
  /** The token is kept beyond this tab. */
  isKept: boolean
}

/** What this browser keeps: a draft until it is saved, and a token for this tab, or for longer if its holder says so. */
export interface Keeping {
  read(): Kept
  draft(text: string | undefined): void
  token(token: string, isForLong: boolean): void
  forgetToken(): void
}

/** Only for the browser. Where it keeps nothing, everything is forgotten with the page. */
export function createKeeping(): Keeping {
  const tab = storage(() => sessionStorage)
  const device = storage(() => localStorage)
  return {
    read() {
      const kept = device.getItem(TOKEN)
      return { draft: device.getItem(DRAFT) ?? undefined, token: kept ?? tab.getItem(TOKEN) ?? undefined, isKept: kept !== null }
    },
    draft(text) {
      if (text === undefined) device.removeItem(DRAFT)
      else write(device, DRAFT, text)
    },
    token(token, isForLong) {
      this.forgetToken()
      write(isForLong ? device : tab, TOKEN, token)
    },
    forgetToken() {
      tab.removeItem(TOKEN)
      device.removeItem(TOKEN)
    },
  }
}

function storage(of: () => Memory): Memory {
  try {
    of().getItem(DRAFT)
    return of()
  } catch {
    // Blocked by the browser's settings.
    return createMemory()
  }
}

function write(memory: Memory, key: string, value: string) {
  try {
    memory.setItem(key, value)
  } catch {
    // Full. What is on the page stays there.
  }
}
