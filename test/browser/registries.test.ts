import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RegistrySeries } from '../../shared/types/registries.ts'
import { createDemo, probe, type Demo } from '../fixtures/demo.ts'
import { startServer, type TestServer } from '../fixtures/server.ts'
import { launchBrowser, PHONE, violations, visit, type VisitOptions } from './browser.ts'

let browser: Browser
let demo: Demo<TestServer>
let url: string

beforeAll(async () => {
  browser = await launchBrowser()
  demo = await createDemo(setup => startServer(setup))
  url = demo.server.url
  // What is sampled is drawn: a mirror that lies about everything is caught.
  for (const [name, { versions }] of demo.east.contents()) {
    if (!name.startsWith('pkg-')) continue
    for (const version of versions.keys()) {
      demo.east.editManifest(name, version, ({ dist }) => {
        dist.integrity = `sha512-${Buffer.alloc(64, 9).toString('base64')}`
      })
    }
  }
  await probe(demo.server)
  for (let n = 0; n < 3; n++) await fetch(`${demo.server.npmUrl}pkg-1/-/pkg-1-1.0.0.tgz`, { redirect: 'manual' })
}, 120_000)

afterAll(async () => {
  await browser?.close()
  await demo?.server.stop()
  await demo?.close()
})

const open = (path: string, options: VisitOptions = {}) => visit(browser, url, { path, ...options })
const table = (page: Page) => page.getByRole('region', { name: 'Registries and mirrors' })
const sources = (page: Page) => table(page).locator('th[scope=row] a').allInnerTexts()

describe('the comparison', () => {
  it('says of every source how it stands and why, those out of step first', async () => {
    const { page, shifts, end } = await open('registries')
    const text = (id: string) => table(page).getByRole('row').filter({ has: page.getByRole('link', { name: id, exact: true }) }).innerText()
    expect(await text('npm')).toMatch(/Authority[\s\S]*Conflict[\s\S]*gave another digest than the recorded one/)
    expect(await text('south')).toMatch(/Mirror of npm[\s\S]*Lagging[\s\S]*new versions of the last 24 hours are missing[\s\S]*≥ /)
    expect(await text('east')).toMatch(/Conflict[\s\S]*another digest than the recorded one/)
    expect(await text('north')).toMatch(/In step[\s\S]*contradicts nothing/)
    expect((await sources(page)).slice(-2).toSorted()).toEqual(['acme', 'north'])
    // Signs nothing: there is nothing to count, which is not 0.
    expect(await text('acme')).toMatch(/not measured\s+0 of 0/)
    expect(await page.getByRole('main').innerText()).toContain('(mean lag in hours + mean latency in seconds')
    expect(await shifts()).toEqual({ total: 0, moved: [] })
    await end()
  })

  it('sorts and changes its window by links, so that both are in the address', async () => {
    const { page, shifts, end } = await open('registries')
    await table(page).getByRole('link', { name: 'Source' }).click()
    await page.waitForURL(/sort=source/)
    expect(await table(page).getByRole('columnheader', { name: 'Source' }).getAttribute('aria-sort')).toBe('ascending')
    expect(await sources(page)).toEqual(['east', 'npm', 'south', 'acme', 'north'])
    await table(page).getByRole('link', { name: 'Source' }).click()
    await page.waitForURL(/order=desc/)
    expect(await sources(page)).toEqual(['south', 'npm', 'east', 'north', 'acme'])
    await page.getByRole('link', { name: '7 days' }).click()
    await page.waitForURL(/window=7d/)
    expect(await page.getByRole('link', { name: '7 days' }).getAttribute('aria-current')).toBe('true')
    expect(await sources(page)).toEqual(['south', 'npm', 'east', 'north', 'acme'])
    await page.goBack()
    await page.waitForURL(address => !address.searchParams.has('window'))
    expect(await shifts()).toEqual({ total: 0, moved: [] })
    await end()
  })

  it('is the same without JavaScript: sorted, with charts as tables, keys and capabilities', async () => {
    const { page, end } = await open('registries?sort=source&order=desc&window=7d', { javaScriptEnabled: false })
    expect(await sources(page)).toEqual(['south', 'npm', 'east', 'north', 'acme'])
    await table(page).getByRole('link', { name: 'Score' }).click()
    expect(page.url()).toContain('sort=score')
    expect(page.url()).toContain('window=7d')
    const chart = page.getByRole('figure').first()
    await chart.getByText('The same as a table').click()
    expect(await chart.getByRole('row').count()).toBeGreaterThan(1)
    expect(await page.getByRole('main').getByRole('button').count()).toBe(0)
    const keys = await page.getByRole('region', { name: 'Signing keys' }).innerText()
    for (const mirror of ['north', 'south', 'east']) expect(keys).toContain(`${mirror}: the same key`)
    expect(await page.getByText('Signs nothing, as far as it says: acme.').count()).toBe(1)
    const capabilities = page.getByRole('region', { name: 'Capabilities of each source' })
    expect(await capabilities.getByRole('row', { name: /Signing keys/ }).innerText()).toMatch(/Yes[\s\S]*No/)
    await end()
  })

  it('measures from the browser when asked to, and says what', async () => {
    const { page, shifts, end } = await open('registries')
    await page.getByRole('button', { name: 'Measure now' }).click()
    await page.getByText(/ms from your browser to this server and back: the median of 5/).waitFor()
    expect(await shifts()).toEqual({ total: 0, moved: [] })
    await end()
  })
})

describe('a registry', () => {
  it('has its numbers with formulas, charts equal to their tables, redirects and raw probes', async () => {
    const { page, shifts, end } = await open('registries/south')
    await page.getByRole('heading', { level: 1, name: 'Registry south' }).waitFor()
    const text = await page.getByRole('main').innerText()
    expect(text).toMatch(/Lagging\s+\d+ of \d+ new versions of the last 24 hours are missing/)
    expect(text).toMatch(/\b0\s% \(0 of 3\) since this process started/)
    expect(text).toContain('First seen at the mirror − first seen at its authority')
    const series = await (await fetch(`${url}api/registries/south/series`)).json() as RegistrySeries
    const chart = page.getByRole('figure').filter({ hasText: 'Latency of south' })
    await chart.getByText('The same as a table').click()
    const measured = series.buckets.filter(({ latency }) => latency.p50 !== null)
    const rows = await chart.locator('tbody tr').allInnerTexts()
    expect(rows).toHaveLength(measured.length)
    expect(rows.map(row => Number(row.split('\t').at(-1)))).toEqual(measured.map(({ latency }) => latency.count))
    expect(await chart.getByRole('img').getAttribute('aria-label')).toContain(`${measured.length} of ${series.buckets.length} spans measured`)
    expect(await chart.locator('path.line').getAttribute('d')).toMatch(/^M/)
    expect(await page.getByRole('figure').count()).toBe(4)

    const probes = page.getByRole('region', { name: 'Raw probes' })
    const first = await probes.locator('tbody').innerText()
    await page.getByRole('link', { name: 'Older' }).click()
    await page.waitForURL(/before=\d+/)
    await expect.poll(() => probes.locator('tbody').innerText()).not.toBe(first)
    await page.getByRole('link', { name: 'Sign of life' }).click()
    await page.waitForURL(/kind=ping/)
    await expect.poll(async () => new Set(await probes.locator('tbody td:nth-child(2)').allInnerTexts())).toEqual(new Set(['Sign of life']))
    expect(await shifts()).toEqual({ total: 0, moved: [] })
    await end()
  })

  it('has the incidents that it caused', async () => {
    const { page, end } = await open('registries/npm')
    expect(await page.getByRole('main').innerText()).toMatch(/\b100\s% \(3 of 3\) since this process started/)
    await page.getByRole('link', { name: 'All incidents of this source' }).click()
    await page.waitForURL(/incidents\?source=npm/)
    await page.getByRole('cell', { name: 'chalk-lines@1.2.0', exact: true }).waitFor()
    await end()
  })

  it('that is not there is said not to be', async () => {
    const { page, end } = await open('registries/nobody', { expected: /404/ })
    await page.getByRole('heading', { level: 1, name: 'There is no registry called nobody here' }).waitFor()
    expect((await fetch(`${url}registries/nobody`, { headers: { accept: 'text/html' } })).status).toBe(404)
    await end()
  })
})

describe('incidents', () => {
  it('are filtered by the address, with and without JavaScript', async () => {
    for (const javaScriptEnabled of [true, false]) {
      const { page, end } = await open('incidents', { javaScriptEnabled })
      const list = page.getByRole('region', { name: 'Incidents, newest first' })
      expect(await list.locator('tbody tr').count()).toBeGreaterThan(1)
      await page.getByLabel('Source').selectOption('npm')
      await page.getByLabel('Kind').selectOption('conflict')
      await page.getByLabel('Package', { exact: true }).fill('chalk-lines')
      await page.getByRole('button', { name: 'Filter' }).click()
      await page.waitForURL(/source=npm/)
      await expect.poll(() => list.locator('tbody tr').count()).toBe(1)
      expect(await page.getByText(/curl '.*\/api\/incidents\?kind=conflict&source=npm&package=chalk-lines/).count()).toBe(1)
      await end()
    }
  })

  it('that do not exist are nothing, in words', async () => {
    const { page, end } = await open('incidents?kind=backdated')
    await page.getByText('No incident matches these filters').waitFor()
    await page.getByRole('main').getByRole('link', { name: 'Show all' }).last().click()
    await page.getByRole('region', { name: 'Incidents, newest first' }).waitFor()
    await end()
    const wrong = await open('incidents?kind=nonsense', { expected: /400/ })
    await wrong.page.getByText('The parameter kind must be one of').waitFor()
    await wrong.end()
    const missing = await open('incidents/9999', { expected: /404/ })
    await missing.page.getByRole('heading', { level: 1, name: 'There is no incident 9999 here' }).waitFor()
    await missing.end()
  })

  it('have a page with both digests, what it means, and the file that proves it', async () => {
    const { page, shifts, end } = await open('incidents/1')
    const { evidence, record } = await (await fetch(`${url}api/incidents/1`)).json() as {
      record: number
      evidence: { recorded: { index: number, text: string }, claimed: { sha512: string } }
    }
    const standing = /^integrity (.+)$/m.exec(evidence.recorded.text)![1]!
    const alert = page.getByRole('alert').filter({ hasText: 'Two digests for one version' })
    expect(await alert.innerText()).toContain(standing)
    expect(await alert.innerText()).toContain(evidence.claimed.sha512)
    const row = page.getByRole('region', { name: 'What stands, beside what was claimed' }).getByRole('row', { name: /sha512/ })
    expect(await row.innerText()).toContain('differs')
    expect(await row.locator('mark').count()).toBe(2)
    for (const heading of ['What it means', 'What it does not mean', 'What to do']) await page.getByRole('heading', { name: heading }).waitFor()
    for (const index of [evidence.recorded.index, record]) {
      expect(await page.getByRole('link', { name: `record ${index}`, exact: true }).getAttribute('href')).toMatch(new RegExp(`/${index}$`))
    }
    expect(await shifts()).toEqual({ total: 0, moved: [] })
    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Download the evidence' }).click()
    expect((await download).suggestedFilename()).toBe('incident-1.json')
    await end()
  })
})

describe('for everyone', () => {
  const PATHS = ['registries', 'registries/south', 'incidents', 'incidents/1']

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has no accessibility violations (${colorScheme})`, async () => {
      for (const path of PATHS) {
        const { page, end } = await open(path, { colorScheme })
        expect(await violations(page, { colorScheme })).toEqual([])
        await end()
      }
    })
  }

  it('fits a phone without scrolling sideways, and nothing moves while it loads', async () => {
    for (const path of PATHS) {
      const { page, shifts, end } = await open(path, { viewport: PHONE })
      expect([path, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([path, PHONE.width])
      expect(await shifts()).toEqual({ total: 0, moved: [] })
      await end()
    }
  })

  it('leads by keyboard from the comparison to an incident', async () => {
    const { page, end } = await open('registries')
    const press = async (name: string | RegExp) => {
      const link = page.getByRole('main').getByRole('link', { name }).first()
      await link.focus()
      expect(await link.evaluate(element => element === document.activeElement && element.matches(':focus-visible'))).toBe(true)
      await page.keyboard.press('Enter')
    }
    await press('npm')
    await page.getByRole('heading', { level: 1, name: 'Registry npm' }).waitFor()
    await press(/Conflict/)
    await page.getByRole('heading', { level: 1, name: 'Incident 1' }).waitFor()
    await end()
  })
})
