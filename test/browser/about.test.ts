import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { QUESTIONS } from '../../app/about/texts.ts'
import { ENDPOINTS } from '../../app/about/endpoints.ts'
import { createFixtureRegistry, type FixtureRegistry } from '../fixtures/registry/index.ts'
import { startServer, type TestServer } from '../fixtures/server.ts'
import { launchBrowser, violations, visit } from './browser.ts'

let browser: Browser
let registry: FixtureRegistry
let server: TestServer

beforeAll(async () => {
  browser = await launchBrowser()
  registry = await createFixtureRegistry({ sign: true })
  await registry.publish({ name: 'name', version: '1.0.0' })
  server = await startServer({ config: { registries: [{ id: 'npm', url: registry.url, role: 'authority' }] } })
  await (await fetch(`${server.npmUrl}name`)).arrayBuffer()
})

afterAll(async () => {
  await browser?.close()
  await server?.stop()
  await registry?.close()
})

it('answers every question, each under an address of its own', async () => {
  expect(QUESTIONS.reduce((sum, { items }) => sum + items.length, 0)).toBe(35)
  const { page, end } = await visit(browser, server.url, { path: 'about', javaScriptEnabled: false })
  expect(await page.getByRole('heading', { level: 4 }).count()).toBe(35)
  const broken = await page.locator('main a[href^="#"]').evaluateAll(links =>
    links.map(link => link.getAttribute('href')!).filter(href => !document.getElementById(href.slice(1))))
  expect(broken).toEqual([])
  const ids = await page.locator('[id]').evaluateAll(elements => elements.map(({ id }) => id))
  expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([])
  expect(await page.getByRole('main').innerText()).not.toContain('registry.about')
  await end()
})

it('leads from its contents to its sections, by keyboard', async () => {
  const { page, end } = await visit(browser, server.url, { path: 'about' })
  await page.getByRole('navigation', { name: 'On this page' }).getByRole('link', { name: 'Who can lie about what' }).focus()
  await page.keyboard.press('Enter')
  await page.waitForURL('**/about#liars')
  const isSeen = () => page.locator('#liars').evaluate(element => element.getBoundingClientRect().top < innerHeight / 2)
  await expect.poll(isSeen, { timeout: 20_000 }).toBe(true)
  await end()
})

it('names endpoints that there are', async () => {
  for (const { path } of ENDPOINTS.flatMap(({ lines }) => [...lines])) {
    const { status } = await fetch(new URL(path, server.url))
    // There is no incident, and no full tile yet.
    const isRare = path.includes('/incidents/1') || path.includes('/tile/')
    expect([path, status]).toEqual([path, isRare ? 404 : 200])
  }
})

for (const colorScheme of ['light', 'dark'] as const) {
  it(`has no accessibility violations, fits a phone, and moves nothing (${colorScheme})`, async () => {
    const { page, shifts, end } = await visit(browser, server.url, { path: 'about', colorScheme, viewport: { width: 360, height: 740 } })
    expect(await violations(page, { colorScheme })).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360)
    expect(await shifts()).toEqual({ total: 0, moved: [] })
    await end()
  })
}
