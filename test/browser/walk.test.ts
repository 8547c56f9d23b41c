import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { createProject } from '../clients/harness.ts'
import { CLIENTS } from '../clients/tools/clients.ts'
import { createDemo, type Demo } from '../fixtures/demo.ts'
import { startServer, type TestServer } from '../fixtures/server.ts'
import { launchBrowser, visit } from './browser.ts'

const NPM = CLIENTS.find(({ id }) => id === 'npm-11')!
/** More stops than any page of ours has. */
const STOPS = 250

let browser: Browser
let demo: Demo<TestServer>

beforeAll(async () => {
  [browser, demo] = await Promise.all([launchBrowser(), createDemo(startServer)])
})

afterAll(async () => {
  await browser?.close()
  await demo?.server.stop()
  await demo?.close()
})

/**
 * The version of `chalk-lines` that a new project installs.
 * @param lines of its `.npmrc`; without them it uses us and sends no token
 */
async function install(lines?: string): Promise<string> {
  const project = await createProject(NPM, { registry: demo.server.npmUrl, retries: false }, { dependencies: { 'chalk-lines': '^1.0.0' } })
  onTestFinished(project.remove)
  if (lines !== undefined) await project.write('.npmrc', lines)
  await project.expectRun(['install'])
  return (JSON.parse(await project.read('node_modules/chalk-lines/package.json')) as { version: string }).version
}

/** Goes on with Tab until the focus is there, and shown. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor()
  for (let stop = 0; stop < STOPS; stop++) {
    await page.keyboard.press('Tab')
    if (!await target.evaluate(element => element === document.activeElement)) continue
    expect(await target.evaluate(element => element.matches(':focus-visible'))).toBe(true)
    return
  }
  throw new Error(`${String(target)} cannot be reached.`)
}

async function press(page: Page, target: Locator, key = 'Enter'): Promise<void> {
  await tabTo(page, target)
  await page.keyboard.press(key)
}

it('leads a newcomer by keyboard from the start page to the package just installed, its proof, what differs, and a mirror of choice', async () => {
  const version = await install()
  const { page, end } = await visit(browser, demo.server.url, { permissions: ['clipboard-read', 'clipboard-write'] })
  await press(page, page.getByRole('main').locator('input[name=q]'), 'c')
  await page.keyboard.type('halk-lines')
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/package\/chalk-lines$/)

  const row = page.getByRole('region', { name: 'Versions in the log' }).getByRole('row')
    .filter({ has: page.getByText(version, { exact: true }) })
  await press(page, row.getByRole('link', { name: /^entry \d+$/ }))
  await page.waitForURL(/\/log\/\d+$/)
  await page.locator('[data-step="inclusion"][data-state="passed"]').waitFor()

  await press(page, page.getByRole('main').getByRole('link', { name: 'chalk-lines', exact: false }).first())
  await page.waitForURL(/\/package\/chalk-lines/)
  const other = page.getByRole('combobox', { name: 'Other' })
  await tabTo(page, other)
  await page.keyboard.type('east')
  expect(await other.inputValue()).toBe('east')
  await press(page, page.getByRole('button', { name: 'Compare', exact: true }))
  await page.getByText(/^npm and east differ in \d of the \d versions that both have\.$/).waitFor()

  await press(page, page.getByRole('banner').getByRole('link', { name: 'Preferences' }))
  await page.waitForURL(/\/preferences$/)
  await press(page, page.getByRole('button', { name: 'Move north up' }))
  await press(page, page.getByRole('button', { name: 'Create a token' }))
  await page.getByText('The token was created. Copy it now.').waitFor()
  await press(page, page.getByRole('radio', { name: 'In the environment' }), 'ArrowRight')
  await press(page, page.getByRole('region', { name: 'Use it' }).getByRole('tabpanel').getByRole('button', { name: /^Copy/ }).first())
  await page.getByRole('button', { name: 'Copied' }).waitFor()
  const lines = await page.evaluate(() => navigator.clipboard.readText())
  await end()

  demo.north.reset()
  demo.npm.reset()
  expect(await install(lines)).toBe(version)
  expect(demo.north.count('GET', /\.tgz$/)).toBe(2)
  expect(demo.npm.count('GET', /\.tgz$/)).toBe(0)
})
