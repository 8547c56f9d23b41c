import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { IncidentPage } from '../../shared/types/incidents.ts'
import type { LogCheckpointPage, LogEntryDetail, LogOverview } from '../../shared/types/log.ts'
import type { SearchAnswer } from '../../shared/types/search.ts'
import { createDemo, type Demo } from '../fixtures/demo.ts'
import { startServer, type TestServer } from '../fixtures/server.ts'
import { launchBrowser, PHONE, violations, visit } from './browser.ts'

let browser: Browser
let demo: Demo<TestServer>
let url: string

beforeAll(async () => {
  browser = await launchBrowser()
  demo = await createDemo(startServer)
  ;({ url } = demo.server)
})

afterAll(async () => {
  await browser?.close()
  await demo?.server.stop()
  await demo?.close()
})

const get = async <T>(path: string) => await (await fetch(url + path)).json() as T
const box = (page: Page) => page.getByRole('search').getByRole('combobox')
const pathOf = (address: string) => decodeURIComponent(new URL(address).pathname)

/** Queries and the pages they lead to. */
async function meanings(): Promise<[string, RegExp][]> {
  const { finds: [find] } = await get<SearchAnswer>('api/search?q=tiny-color@1.20.0')
  const index = find && 'entry' in find ? find.entry.index : -1
  const { record, leafHash } = await get<LogEntryDetail>(`api/log/entries/${index}`)
  const { root } = await get<LogOverview>('api/log')
  const { incidents: [incident] } = await get<IncidentPage>('api/incidents')
  if (record.kind !== 'version') throw new Error('No version')
  const entry = new RegExp(`/log/${index}$`)
  return [
    ['@paper/ink', /\/package\/@paper\/ink$/],
    ['https://pages.example/package/JSONStream', /\/package\/JSONStream$/],
    ['tiny-color@1.20.0', entry],
    ['pkg:npm/tiny-color@1.20.0', entry],
    [record.integrity, entry],
    [Buffer.from(record.integrity.slice('sha512-'.length), 'base64').toString('hex'), entry],
    [leafHash, entry],
    [`record ${index}`, entry],
    [root, /^\/checkpoints$/],
    [record.signature!.keyid, /\/log\/\d+$/],
    [`#${incident!.id}`, new RegExp(`/incidents/${incident!.id}$`)],
  ]
}

describe('a query', () => {
  it('with one meaning goes straight to its page, by the server\'s redirect', async () => {
    for (const [q, page] of await meanings()) {
      const answer = await fetch(`${url}search?q=${encodeURIComponent(q)}`, { redirect: 'manual' })
      expect([q, answer.status]).toEqual([q, 302])
      expect(pathOf(new URL(answer.headers.get('location')!, url).href), q).toMatch(page)
    }
  })

  it('goes there from the box as well, and back does not come by the search again', async () => {
    const { page, end } = await visit(browser, url, { path: 'about' })
    await box(page).fill('record 3')
    await box(page).press('Enter')
    await page.waitForURL('**/log/3')
    await page.goBack()
    await page.waitForURL('**/about')
    await end()
  })

  it('with several meanings says why each is one', async () => {
    const { checkpoints: [, before] } = await get<LogCheckpointPage>('api/log/checkpoints?limit=2')
    const { page, end } = await visit(browser, url, { path: `search?q=${before!.size}` })
    await page.getByRole('heading', { name: '2 found' }).waitFor()
    await page.getByText('the record at this place, counted from 0').waitFor()
    await page.getByText('the log when it had so many records').waitFor()
    await page.goto(`${url}search?q=pkg-1`)
    await page.waitForURL('**/package/pkg-1')
    await page.goto(`${url}search?q=pkg-`)
    await page.getByRole('heading', { name: 'The first 20, there are more' }).waitFor()
    expect(await page.getByText('its name begins so').count()).toBe(20)
    await end()
  })

  it('with none says what was tried, and offers to look it up', async () => {
    const { page, end } = await visit(browser, url, { path: 'search?q=no-such-thing%401.0.0' })
    await page.getByRole('heading', { name: 'Nothing found' }).waitFor()
    await page.getByText('a recorded version of a package').waitFor()
    expect(await page.getByRole('link', { name: /Look up no-such-thing/ }).getAttribute('href')).toBe('/sumdb/lookup/npm/no-such-thing@1.0.0')
    await end()
  })

  it('that is hostile is text and nothing else', async () => {
    for (const q of ['<img src=x onerror=alert(1)>', '{{ 7 * 7 }}', '%00%ff', '\u202Etxt', 'a'.repeat(3_000), '../../etc/passwd']) {
      const { page, end } = await visit(browser, url, { path: `search?q=${encodeURIComponent(q)}`, viewport: PHONE })
      await page.getByRole('heading', { name: 'Nothing found' }).waitFor()
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(PHONE.width)
      await end()
    }
  })

  it('works without JavaScript, from the form', async () => {
    const { page, end } = await visit(browser, url, { javaScriptEnabled: false })
    await page.getByRole('search').getByRole('textbox').fill('@paper/ink')
    await page.getByRole('button', { name: 'Search' }).click()
    await page.waitForURL('**/package/@paper/ink')
    await end()
  })
})

describe('suggestions', () => {
  it('are walked through and taken by keyboard', async () => {
    const { page, shifts, end } = await visit(browser, url)
    await box(page).pressSequentially('tiny')
    await page.getByRole('option', { name: 'tiny-color' }).waitFor()
    expect(await box(page).getAttribute('aria-expanded')).toBe('true')
    await box(page).press('ArrowDown')
    expect(await page.getByRole('option', { selected: true }).innerText()).toBe('tiny-color')
    expect(await violations(page)).toEqual([])
    await box(page).press('Escape')
    expect(await page.getByRole('option').count()).toBe(0)
    await box(page).pressSequentially('-')
    await page.getByRole('option', { name: 'tiny-color' }).waitFor()
    await box(page).press('ArrowUp')
    // The list lies above the page.
    expect(await shifts()).toEqual({ total: 0, moved: [] })
    await box(page).press('Enter')
    await page.waitForURL('**/package/tiny-color')
    await end()
  })

  it('are taken by mouse, and their failure stops nobody', async () => {
    const { page, end } = await visit(browser, url, { path: 'search', expected: /Failed to load resource/ })
    await box(page).pressSequentially('@pa')
    await page.getByRole('option', { name: '@paper/ink' }).click()
    await page.waitForURL('**/package/@paper/ink')
    await page.route('**/api/search/names*', route => route.fulfill({ status: 500, body: 'broken' }))
    await box(page).fill('record 1')
    await box(page).press('Enter')
    await page.waitForURL('**/log/1')
    await end()
  })
})

describe('for everyone', () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has no accessibility violations and fits a phone (${colorScheme})`, async () => {
      for (const path of ['search', 'search?q=pkg-', 'search?q=no-such-thing']) {
        const { page, shifts, end } = await visit(browser, url, { path, colorScheme, viewport: PHONE })
        expect(await violations(page, { colorScheme })).toEqual([])
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(PHONE.width)
        expect(await shifts()).toEqual({ total: 0, moved: [] })
        await end()
      }
    })
  }
})
