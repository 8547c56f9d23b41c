import { gzipSync } from 'node:zlib'
import { launchBrowser } from '../../../test/fixtures/chromium.ts'

/** Bytes of JavaScript that the first load of a page takes, gzipped, by page. */
export type Weights = Record<string, number>

/**
 * Each page is loaded in a browser without a cache. What a page loads later, for what somebody does there, does not count.
 * @param root the server's URL with a trailing slash
 * @param pages path by title
 */
export async function measureWeights(root: string, pages: Readonly<Record<string, string>>): Promise<Weights> {
  const browser = await launchBrowser()
  const weights: Weights = {}
  for (const [title, path] of Object.entries(pages)) {
    const context = await browser.newContext()
    const page = await context.newPage()
    const scripts: Promise<number>[] = []
    page.on('response', (response) => {
      if (response.request().resourceType() === 'script') scripts.push(response.body().then(body => gzipSync(body, { level: 9 }).length))
    })
    await page.goto(root + path, { waitUntil: 'networkidle' })
    weights[title] = (await Promise.all(scripts)).reduce((sum, size) => sum + size, 0)
    await context.close()
  }
  await browser.close()
  return weights
}
