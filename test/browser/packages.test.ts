import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDemo, type Demo } from '../fixtures/demo.ts'
import { startServer, type TestServer } from '../fixtures/server.ts'
import { launchBrowser, PHONE, violations, visit, type VisitOptions } from './browser.ts'

let browser: Browser
let demo: Demo<TestServer>

beforeAll(async () => {
  browser = await launchBrowser()
  demo = await createDemo(startServer)
})

afterAll(async () => {
  await browser?.close()
  await demo?.server.stop()
  await demo?.close()
})

const open = (path: string, options: VisitOptions = {}) => visit(browser, demo.server.url, { ...options, path: `package/${path}` })

const versions = (page: Page) => page.getByRole('region', { name: 'Versions in the log' })
const matrix = (page: Page) => page.getByRole('region', { name: 'The same versions at each registry' })
const row = (page: Page, version: string) => versions(page).getByRole('row').filter({ has: page.getByText(version, { exact: true }) })

/** The words of a version's cells, by registry. */
async function cellsOf(page: Page, version: string): Promise<Record<string, string>> {
  const cells = matrix(page).getByRole('row').filter({ has: page.getByText(version, { exact: true }) }).locator('[data-cell]')
  await cells.first().waitFor()
  const words = await cells.allInnerTexts()
  const sources = await matrix(page).getByRole('columnheader').locator('bdi').allInnerTexts()
  return Object.fromEntries(sources.map((source, n) => [source, words[n]!]))
}

/** From now on the page gets other answers than the server gave. */
const lie = (path: string, change: (text: string) => string) => (page: Page) => page.route(path, async (route) => {
  const response = await route.fetch()
  const body = Buffer.from(change((await response.body()).toString('latin1')), 'latin1')
  await route.fulfill({ status: 200, headers: { 'content-type': response.headers()['content-type']! }, body })
})
const lyingRecord = lie('**/sumdb/lookup/**', text => text.replace(/^integrity sha512-.{4}/m, 'integrity sha512-AAAA'))
const lyingTree = lie('**/sumdb/tile/0/**', text => `${text.slice(0, -1)}x`)

async function findLie(page: Page) {
  await page.getByRole('button', { name: 'Verify here: 1.3.0' }).click()
  await page.getByRole('alert').filter({ hasText: 'What this page shows is not what the log signed' }).waitFor()
  await row(page, '1.3.0').getByText('Mismatch').waitFor()
}

describe('what is known of a package', () => {
  it('shows versions, what became of them, and leads to their records', async () => {
    const { page, shifts, end } = await open('tiny-color?order=record')
    await page.getByText('50 versions in the log, 1 of them withdrawn since.').waitFor()
    expect(await versions(page).getByRole('row').count()).toBe(21)
    // One record of a package's tags in a minute: the log may not say yet where the tag went.
    await row(page, '1.37.0').or(row(page, '1.49.0')).getByText('latest', { exact: true }).waitFor()
    await row(page, '1.49.0').getByText('Signed').waitFor()
    await row(page, '1.49.0').getByText('3 of 3 agree').waitFor()
    const link = row(page, '1.49.0').getByRole('link', { name: /^entry \d+$/ })
    expect(await link.getAttribute('href')).toMatch(/\/log\/\d+$/)
    await page.getByText('1.3.0 is gone from its registry.').waitFor()
    await page.getByText('38 versions were recorded, from 1.0.0 to 1.37.0.').waitFor()
    expect(await shifts()).toEqual({ total: 0, moved: [] })

    await page.getByRole('navigation', { name: 'Pages of versions' }).getByRole('link', { name: 'Older' }).click()
    await page.waitForURL(/skip=20/)
    await row(page, '1.29.0').waitFor()
    await page.goBack()
    await row(page, '1.49.0').waitFor()
    await end()
  })

  it('says in words what is withdrawn', async () => {
    const { page, end } = await open('tiny-color?skip=40')
    await row(page, '1.3.0').getByText('Withdrawn').waitFor()
    expect((await cellsOf(page, '1.3.0')).npm).toContain('Absent')
    await page.getByText('In the log, and no longer at npm: 1.').waitFor()
    await end()
  })

  it('alerts of other contents, with both digests, by whom and since when, and what to do', async () => {
    const { page, end } = await open('chalk-lines')
    const alert = await page.getByRole('alert').filter({ hasText: 'Its own registry gave other contents' }).innerText()
    for (const said of [
      /do not install it/, /chalk-lines@1\.2\.0/, /Recorded\s+sha512-/, /Given by npm\s+sha512-/, /First seen\s+.*ago/, /entry \d+/, /incident \d+/,
    ]) expect(alert).toMatch(said)
    await row(page, '1.2.0').getByText('Mismatch').waitFor()
    await end()
  })

  it('knows whose a package is', async () => {
    const { page, end } = await open('@acme/button')
    await page.getByText('acme:@acme/button').waitFor()
    await page.getByText('of the registry at npm.acme.example.').waitFor()
    await row(page, '1.0.0').getByText('Bytes hashed here').or(row(page, '1.0.0').getByText('The registry\'s word')).waitFor()
    await page.getByText('Only acme has this package here, so there is nothing to compare it with.').waitFor()
    await page.getByRole('button', { name: 'Verify here: 1.0.0' }).click()
    await row(page, '1.0.0').getByText('Verified here').waitFor()
    await end()
  })

  it('says that a package is not in the log, and records what is looked up', async () => {
    await demo.npm.publish({ name: 'brand-new', version: '0.1.0' })
    const { page, end } = await open('brand-new')
    await page.getByText('This package is not in the log yet').waitFor()
    await page.getByRole('textbox', { name: 'Version', exact: true }).fill('0.1.0')
    await page.keyboard.press('Enter')
    await row(page, '0.1.0').waitFor()
    await page.getByRole('button', { name: 'Verify here: 0.1.0' }).click()
    await row(page, '0.1.0').getByText('Verified here').waitFor()
    await end()
  })

  it('has a clear answer to a version, and a name, that there is not', async () => {
    const unknown = await open('never-published', { expected: /Failed to load resource/ })
    await unknown.page.getByRole('textbox', { name: 'Version', exact: true }).fill('1.0.0')
    await unknown.page.getByRole('button', { name: 'Look up and record' }).click()
    await unknown.page.getByText('Could not be checked').waitFor()
    await unknown.end()

    const hostile = await open('%3Cimg%20src=x%3E', { expected: /404/ })
    await hostile.page.getByText('is not the name of an npm package').waitFor()
    expect((await fetch(`${demo.server.url}package/%3Cimg%20src=x%3E`)).status).toBe(404)
    expect((await fetch(`${demo.server.url}package/tiny-color?skip=x`)).status).toBe(400)
    await hostile.end()
  })
})

describe('verification in this browser', () => {
  it('is green for what the log signed', async () => {
    const { page, end } = await open('chalk-lines')
    await page.getByText('Nothing was verified in this browser yet.').waitFor()
    expect(await page.locator('[data-check="verified"]').count()).toBe(0)
    await page.getByRole('button', { name: 'Verify these versions here' }).press('Enter')
    await page.getByText('5 looked at, 5 verified in this browser: in the log, and as shown here.').waitFor()
    expect(await page.locator('[data-check="verified"]').count()).toBe(5)
    await end()
  })

  it('says so when the record, or the tree, is another one', async () => {
    for (const prepare of [lyingRecord, lyingTree]) {
      const { page, end } = await open('chalk-lines', { prepare })
      await findLie(page)
      expect(await page.locator('[data-check="verified"]').count()).toBe(0)
      await end()
    }
  })

  it('takes silence for silence', async () => {
    const { page, end } = await open('chalk-lines', {
      expected: /Failed to load resource/, prepare: page => page.route('**/sumdb/**', route => route.abort()),
    })
    await page.getByRole('button', { name: 'Verify here: 1.3.0' }).click()
    await row(page, '1.3.0').getByText('Could not be checked').waitFor()
    await page.getByText('which says nothing for or against the version').waitFor()
    expect(await page.locator('[data-check="unavailable"]').getAttribute('data-color')).toBe('neutral')
    await end()
  })
})

describe('registries side by side', () => {
  it('goes on where one of them does not answer', async () => {
    await demo.south.down()
    try {
      const { page, end } = await open('JSONStream')
      expect(await cellsOf(page, '1.3.5')).toEqual({ npm: 'Equal', north: 'Equal', south: 'No answer', east: 'Equal' })
      await page.getByText('south could not be asked').waitFor()
      await end()
    } finally {
      await demo.south.up()
    }
  })

  it('says what each has of each version, and lays two documents side by side, without what means nothing', async () => {
    const { page, end } = await open('chalk-lines')
    expect(await cellsOf(page, '1.3.0')).toEqual({ npm: 'Equal', north: 'Equal', south: 'Lagging', east: 'Equal' })
    expect(await cellsOf(page, '1.2.0')).toMatchObject({ npm: 'Differs', north: 'Equal' })
    expect(await cellsOf(page, '1.0.0')).toMatchObject({ npm: 'Equal', east: 'Differs' })
    await row(page, '1.0.0').getByText('3 of 4 agree').waitFor()

    await page.getByRole('combobox', { name: 'Other' }).selectOption('east')
    await page.getByRole('button', { name: 'Compare' }).click()
    await page.waitForURL(/left=npm&right=east/)
    await page.getByText('npm and east differ in 4 of the 5 versions that both have.').waitFor()
    const table = page.getByRole('region', { name: 'Differences, field by field' })
    expect(await table.getByText('dist.integrity', { exact: true }).count()).toBe(4)
    expect(await table.getByText('dist.tarball').count()).toBe(0)
    await page.getByText(/^\d+ differences without meaning$/).click()
    await page.getByText('dist.tarball').waitFor()
    await end()
  })
})

describe('for everyone', () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has no accessibility violations (${colorScheme})`, async () => {
      const { page, end } = await open('chalk-lines?left=npm&right=east', { colorScheme, prepare: lyingRecord })
      await cellsOf(page, '1.0.0')
      await findLie(page)
      expect(await violations(page, { colorScheme })).toEqual([])
      await end()
    })
  }

  it('fits a phone, and nothing moves while registries answer', async () => {
    for (const path of ['chalk-lines?left=npm&right=east', 'pkg-1', 'never-published']) {
      const { page, shifts, end } = await open(path, { viewport: PHONE })
      if (!path.startsWith('never')) await matrix(page).locator('[data-cell]').first().waitFor()
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(PHONE.width)
      expect(await shifts()).toEqual({ total: 0, moved: [] })
      await end()
    }
  })

  it('is whole without JavaScript', async () => {
    const { page, end } = await open('chalk-lines', { javaScriptEnabled: false })
    await page.getByRole('alert').filter({ hasText: 'Its own registry gave other contents' }).waitFor()
    expect(await page.getByRole('main').innerText()).not.toContain('Asking the registries')
    await page.getByRole('link', { name: 'Ask the registries now' }).click()
    expect(await cellsOf(page, '1.3.0')).toMatchObject({ npm: 'Equal', south: 'Lagging' })
    await page.getByRole('combobox', { name: 'Other' }).selectOption('south')
    await page.locator('form').filter({ hasText: 'Other' }).getByRole('button').click()
    expect(page.url()).toMatch(/compare=1&left=npm&right=south/)
    await page.getByText(/^npm and south differ in \d of the 4 versions/).waitFor()
    await end()
  })
})
