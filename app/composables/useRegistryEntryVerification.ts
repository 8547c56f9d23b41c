import { computed, onBeforeUnmount, onMounted, shallowRef, watch, type Ref } from 'vue'
import { pendingSteps, verifyEntry, type ShownEntry } from '../verification/entry.ts'
import { verdictOf } from '../verification/steps.ts'
import { useRegistryLog } from './useRegistryLog.ts'

/**
 * Verifies what a page shows of an entry, in the browser and as soon as it shows it. On the server all steps are pending.
 */
export function useRegistryEntryVerification(entry: Ref<ShownEntry | undefined>) {
  const steps = shallowRef(pendingSteps())
  /** Of the latest run: an older one has nothing to say any more. */
  let turn = 0

  async function verify() {
    const mine = ++turn
    steps.value = pendingSteps()
    if (!entry.value) return
    for await (const found of verifyEntry(useRegistryLog().open, entry.value)) {
      if (mine !== turn) return
      steps.value = found
      // What changed is drawn before the next step: each of them keeps the browser busy.
      await new Promise(resolve => setTimeout(resolve))
    }
  }

  onMounted(verify)
  watch(entry, verify)
  onBeforeUnmount(() => turn++)
  return { steps, verdict: computed(() => verdictOf(steps.value)), verify }
}
