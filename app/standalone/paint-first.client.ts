import { defineNuxtPlugin } from '#imports'

/** A page in the background is not painted; nor is it looked at (ms). */
const LONGEST = 100

/**
 * The page that the server rendered is on the screen before it comes alive: what makes it so keeps the browser busy for longer
 * than painting does.
 */
export default defineNuxtPlugin(async () => {
  await new Promise<void>((resolve) => {
    setTimeout(resolve, LONGEST)
    // What is set now runs after the frame that is about to be painted.
    requestAnimationFrame(() => setTimeout(resolve))
  })
})
