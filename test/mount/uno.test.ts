import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser, violations, visit, type VisitOptions } from '../browser/browser.ts'
import { CHANGED, createDemo, WITHDRAWN, type Demo } from '../fixtures/demo.ts'
import { startServer, type TestServer } from '../fixtures/server.ts'
import { openWorkshop, type Workshop } from './pack.ts'
import { builtStyles, servedStyles } from './styles.ts'

const PACKAGE = '/package/tiny-color/v/1.0.0'

let workshop: Workshop
let alone: string
let browser: Browser
let demo: Demo<TestServer>

beforeAll(async () => {
  workshop = await openWorkshop()
  alone = await workshop.buildAlone('uno')
  const app = await workshop.build('uno')
  browser = await launchBrowser()
  demo = await createDemo(setup => startServer({ ...setup, entry: join(app, '.output/server/index.mjs') }))
})

afterAll(async () => {
  await browser?.close()
  await demo?.server.stop()
  await demo?.close()
  await workshop?.close()
})

const open = (path: string, options?: VisitOptions) => visit(browser, demo.server.url, { path, ...options })
const face = (page: Page) => page.locator('.registry-badge button[popovertarget]')

/** What all elements of a page look like under these style sheets. */
async function looks(body: string, sheets: readonly string[]): Promise<Record<string, string>[]> {
  const page = await browser.newPage()
  await page.setContent(`${sheets.map(text => `<style>${text}</style>`).join('')}${body}`)
  const found = await page.evaluate(() => [document.documentElement, document.body, ...document.body.querySelectorAll('*')].map((element) => {
    const style = getComputedStyle(element)
    return Object.fromEntries([...style].filter(name => !name.startsWith('--')).map(name => [name, style.getPropertyValue(name)]))
  }))
  await page.close()
  return found
}

describe('a host with UnoCSS', () => {
  // UnoCSS makes a class of every word of a template that it knows, of ours too: sheets are not the same, pages are.
  it.each(['/', '/many'])('has a page %s that looks as it does without us; beside its CSS only that of the badge', async (path) => {
    const html = await readFile(join(alone, '.output/public', path, 'index.html'), 'utf8')
    const [before, after] = [await builtStyles(alone, path), await servedStyles(demo.server.url, path)]
    expect(before.join('')).toContain('.panel')
    const main = /<main[^]*<\/main>/.exec(html)![0]
    expect(await looks(main, after)).toEqual(await looks(main, before))
    const added = after.filter(text => !before.includes(text) && !text.includes('.panel')).join('')
    const selectors = added.replaceAll(/@supports[^{]+\{|@media[^{]+\{/g, '').match(/[^{}]+(?=\{)/g) ?? []
    expect(selectors.filter(rule => !/\.registry-badge|\[data-outcome|\.metrics/.test(rule))).toEqual([])
  })

  it('shows its own facts of a package, and ours after them', async () => {
    const { page, end } = await open(PACKAGE)
    expect(await page.locator('.metrics').innerText()).toBe('ESM')
    expect(await page.locator('.metrics + .registry-badge').count()).toBe(1)
    await end()
  })
})

describe('the badge', () => {
  it.each([
    ['tiny-color', '1.0.0', 'Verified', 'checked the registry\'s signature'],
    [CHANGED.name, CHANGED.version, 'Mismatch', 'gave other contents'],
    [WITHDRAWN.name, WITHDRAWN.version, 'Withdrawn', 'no longer has it'],
    ['tiny-color', '9.9.9', 'Not recorded', 'nothing for or against'],
    ['@acme/button', '1.0.0', 'Recorded, not verified', 'the registry\'s word'],
    // A mirror's lie, noticed or not yet, is no fault of the version.
    ['chalk-lines', '1.0.0', 'Verified', 'checked the registry\'s signature'],
  ])('of %s@%s says %s and why, as it comes from the server', async (name, version, label, why) => {
    const path = `/package/${name}/v/${version}`
    const html = await (await fetch(new URL(path, demo.server.url))).text()
    expect(html).toContain(`>${label}</span>`)
    const { page, shifts, end } = await open(path)
    expect(await face(page).innerText()).toContain(label)
    await face(page).click()
    expect(await page.getByRole('dialog').innerText()).toContain(why)
    expect((await shifts()).total).toBe(0)
    await end()
  })

  it('is opened, walked through and closed by keyboard', async () => {
    const { page, end } = await open(PACKAGE)
    await page.keyboard.press('Tab')
    expect(await face(page).evaluate(button => button === document.activeElement)).toBe(true)
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Registry log, tiny-color@1.0.0' })
    await dialog.waitFor()
    for (const text of ['Recorded', 'Checkpoint', 'does not say that the code is good', 'This is what the server says.']) {
      expect(await dialog.innerText()).toContain(text)
    }
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    expect(await face(page).evaluate(button => button === document.activeElement)).toBe(true)
    await end()
  })

  it('says that this browser checked it only if it did, and loads what that takes only then', async () => {
    const { page, end } = await open(PACKAGE)
    const asked: string[] = []
    await face(page).getByText('Verified').waitFor()
    page.on('request', request => asked.push(new URL(request.url()).pathname))
    await face(page).click()
    const dialog = page.getByRole('dialog')
    expect(await dialog.innerText()).not.toContain('in this browser:')
    expect(asked.filter(path => !path.startsWith('/_nuxt/builds/'))).toEqual([])
    await dialog.getByRole('button', { name: 'Check it in this browser' }).click()
    await dialog.getByText(/^Checked in this browser: record \d+ is in the log .+ of \d+ records, and has this digest\.$/).waitFor()
    expect(asked).toContain('/sumdb/lookup/npm/tiny-color@1.0.0')
    await end()
  })

  it('never says so of a record that was tampered with', async () => {
    const { page, end } = await open(PACKAGE, {
      prepare: page => page.route('**/sumdb/lookup/**', async (route) => {
        const response = await route.fetch()
        const body = (await response.text()).replace(/^integrity sha512-..../m, 'integrity sha512-AAAA')
        await route.fulfill({ response, body })
      }),
    })
    await face(page).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Check it in this browser' }).click()
    await dialog.getByText('is not what the log has signed').waitFor()
    expect(await dialog.locator('[data-outcome="same"]').count()).toBe(0)
    await end()
  })

  it('is unavailable, which does not look bad, where nothing answers', async () => {
    const { page, end } = await open('/', { expected: /503/, prepare: page => page.route('**/api/badges', route => route.fulfill({ status: 503, json: {} })) })
    await page.getByRole('link', { name: 'JSONStream' }).click()
    await face(page).getByText('Unavailable').waitFor()
    await face(page).click()
    expect(await page.getByRole('dialog').innerText()).toContain('nothing for or against')
    await end()
  })

  it('shares one request with all others of a page', async () => {
    const { page, end } = await open('/')
    const asked: string[] = []
    page.on('request', request => request.url().endsWith('/api/badges') && asked.push(request.postData()!))
    await page.getByRole('link', { name: 'Many versions' }).click()
    await face(page).nth(4).getByText('Verified').waitFor()
    expect(asked.map(body => (JSON.parse(body) as { packages: string[] }).packages.length)).toEqual([5])
    await end()
  })

  it.each(['light', 'dark'] as const)('has no violations in %s, and fits a narrow window', async (colorScheme) => {
    const { page, end } = await open(PACKAGE, { colorScheme, viewport: { width: 360, height: 740 } })
    await face(page).click()
    expect(await violations(page, { inside: '.registry-badge' })).toEqual([])
    const box = (await page.getByRole('dialog').boundingBox())!
    expect(box.x).toBeGreaterThanOrEqual(0)
    expect(box.x + box.width).toBeLessThanOrEqual(360)
    await end()
  })
})
