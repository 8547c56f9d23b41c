/** Takes the pictures of `docs/screenshots/`: every page of the demo, light, dark and on a phone. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { launchBrowser } from '../test/fixtures/chromium.ts'
import { createDemo } from '../test/fixtures/demo.ts'
import { DEMO_PAGES } from '../test/fixtures/pages.ts'
import { startServer } from '../test/fixtures/server.ts'

const folder = fileURLToPath(new URL('../docs/screenshots/', import.meta.url))
const SHOTS = {
  light: { colorScheme: 'light', viewport: { width: 1280, height: 860 } },
  dark: { colorScheme: 'dark', viewport: { width: 1280, height: 860 } },
  phone: { colorScheme: 'light', viewport: { width: 360, height: 740 } },
} as const
/** Milliseconds for what a page does after it came alive: verify an entry, for example. */
const PATIENCE = 1_500

await mkdir(folder, { recursive: true })
const demo = await createDemo(startServer)
const browser = await launchBrowser()
for (const [look, options] of Object.entries(SHOTS)) {
  const context = await browser.newContext(options)
  for (const [title, path] of Object.entries(DEMO_PAGES)) {
    const page = await context.newPage()
    await page.goto(demo.server.url + path, { waitUntil: 'networkidle' })
    await page.waitForTimeout(PATIENCE)
    await page.screenshot({ path: join(folder, `${title}-${look}.png`) })
    await page.close()
    console.log(`${title}-${look}.png`)
  }
  await context.close()
}
await browser.close()
await demo.server.stop()
await demo.close()
process.exit()
