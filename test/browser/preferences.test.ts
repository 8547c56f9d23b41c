import { readFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDemo, type Demo } from '../fixtures/demo.ts'
import { startServer, type TestServer } from '../fixtures/server.ts'
import { askRaw } from '../integration/raw.ts'
import { launchBrowser, PHONE, violations, visit as visitPage, type VisitOptions } from './browser.ts'

const TOKEN = /npmx_[\w-]{43}/
const CLIENTS = ['npm', 'pnpm', 'Yarn 1', 'Yarn 2+', 'Bun']

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

const visit = (options: VisitOptions = {}) => visitPage(browser, demo.server.url, { path: 'preferences', ...options })
const sources = (page: Page) => page.getByRole('list', { name: 'Packages of npm' })
const order = (page: Page) => sources(page).locator('li code').allTextContents()
const effect = (page: Page) => page.getByRole('region', { name: 'What this does' }).getByRole('listitem').allInnerTexts()
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

async function create(page: Page): Promise<string> {
  await button(page, 'Create a token').click()
  const notice = page.getByText('Copy your token now: it is not shown again')
  await notice.waitFor()
  return TOKEN.exec(await page.getByRole('region', { name: 'Your token' }).innerText())![0]
}

/** Whether the browser keeps a token for long, and for this tab. */
function keptIn(page: Page, token: string): Promise<boolean[]> {
  return page.evaluate(secret => [localStorage, sessionStorage].map(kept => JSON.stringify(kept).includes(secret)), token)
}

/** Who is asked for the bytes when the holder of a token installs. Not on the mirrors' own host: there, bytes come through us. */
async function redirected(token: string, path = '/npm/pkg-1/-/pkg-1-1.0.0.tgz'): Promise<string | undefined> {
  const { status, headers } = await askRaw(demo.server.url.replace('127.0.0.1', 'localhost'), path, {
    headers: { host: new URL(demo.server.url).host.replace('127.0.0.1', 'localhost'), authorization: `Bearer ${token}` },
  })
  expect(status).toBe(302)
  const { north, south, east, npm } = demo
  return Object.entries({ north, south, east, npm }).find(([, { url }]) => headers.location!.startsWith(url))?.[0]
}

describe('the order of sources', () => {
  it('is changed by keyboard: the place is said, the focus stays, and the effect follows', async () => {
    const { page, end } = await visit()
    expect(await order(page)).toEqual(['npm', 'north', 'south', 'east'])
    const up = button(page, 'Move south up')
    await up.focus()
    await page.keyboard.press('Enter')
    expect(await order(page)).toEqual(['npm', 'south', 'north', 'east'])
    expect(await page.getByRole('status').allTextContents()).toContain('south is now 2 of 4.')
    await page.keyboard.press('Space')
    expect(await order(page)).toEqual(['south', 'npm', 'north', 'east'])
    expect(await up.evaluate(one => one === document.activeElement)).toBe(true)
    // At the end it says so, and keeps the focus.
    await page.keyboard.press('Enter')
    expect(await page.getByRole('status').allTextContents()).toContain('south is the first already.')
    expect(await up.evaluate(one => one === document.activeElement)).toBe(true)
    expect((await effect(page))[0]).toBe('Tarballs of packages of npm come from south first, then from npm, north, east.')
    await end()
  })

  it('is changed by dragging, and Escape takes it back', async () => {
    const { page, end } = await visit()
    const handle = (id: string) => sources(page).getByRole('listitem').filter({ hasText: id }).getByTitle('Drag to another place')
    const drag = async (from: string, to: string) => {
      const [start, target] = [await handle(from).boundingBox(), await handle(to).boundingBox()]
      await page.mouse.move(start!.x + 5, start!.y + 10)
      await page.mouse.down()
      await page.mouse.move(target!.x + 5, target!.y + 20, { steps: 6 })
    }
    await drag('east', 'npm')
    await page.mouse.up()
    expect(await order(page)).toEqual(['east', 'npm', 'north', 'south'])
    expect(await page.getByRole('status').allTextContents()).toContain('east is now 1 of 4.')
    await drag('east', 'south')
    expect(await order(page)).toEqual(['npm', 'north', 'south', 'east'])
    await page.keyboard.press('Escape')
    expect(await order(page)).toEqual(['east', 'npm', 'north', 'south'])
    await page.mouse.up()
    expect(await order(page)).toEqual(['east', 'npm', 'north', 'south'])
    await end()
  })

  it('keeps one source: the last one cannot be switched off', async () => {
    const { page, end } = await visit()
    for (const id of ['npm', 'south', 'east']) await page.getByRole('checkbox', { name: `Ask ${id} for tarballs` }).uncheck()
    const last = page.getByRole('checkbox', { name: 'Ask north for tarballs' })
    await last.focus()
    await page.keyboard.press('Space')
    expect(await last.isChecked()).toBe(true)
    expect(await page.getByRole('status').allTextContents()).toContain('The last source of npm cannot be switched off: somebody has to deliver.')
    expect(await effect(page)).toContain('Tarballs of packages of npm come from north only.')
    await end()
  })
})

describe('a draft', () => {
  it('stays in the browser, moves nothing when it comes back, and can be reset', async () => {
    const { page, shifts, end } = await visit()
    await button(page, 'Move north up').click()
    await page.getByRole('radio', { name: 'This registry’s' }).check()
    const field = page.getByLabel('Scope, exact name or pattern')
    await field.fill('@paper*')
    await field.press('Enter')
    await page.getByRole('alert').filter({ hasText: '“@paper*” is no scope, package name or pattern' }).waitFor()
    await field.fill('@paper')
    await field.press('Enter')
    await page.getByRole('region', { name: '@paper' }).getByRole('button', { name: 'Move east up' }).click()
    await page.getByRole('region', { name: '@paper' }).getByLabel('Strategy').selectOption('spread')
    const said = await effect(page)
    expect(said).toContain('Documents name this registry’s addresses for tarballs.')
    expect(said.join('\n')).toContain('@paper (if of npm)')

    await page.reload({ waitUntil: 'networkidle' })
    await page.getByText('A draft in this browser, not in effect yet.').waitFor()
    expect(await effect(page)).toEqual(said)
    expect(await order(page)).toEqual(['north', 'npm', 'south', 'east'])
    expect(await shifts()).toEqual({ total: 0, moved: [] })

    await button(page, 'Reset').click()
    await page.getByText('As everybody has it: nothing is chosen.').waitFor()
    expect(await page.evaluate(() => localStorage.getItem('registry-preferences-draft'))).toBeNull()
    await end()
  })

  it('is exported and imported, and a hostile file changes nothing', async () => {
    const { page, end } = await visit()
    await button(page, 'Move south up').click()
    await page.getByRole('radio', { name: 'Fastest' }).check()
    const said = await effect(page)
    const [file] = await Promise.all([page.waitForEvent('download'), button(page, 'Export').click()])
    const text = await readFile(await file.path(), 'utf8')
    expect(JSON.parse(text)).toMatchObject({ content: { strategy: 'fastest' } })
    await button(page, 'Reset').click()
    const give = (body: string) => page.locator('input[type=file]').setInputFiles({ name: 'x.json', mimeType: 'application/json', buffer: Buffer.from(body) })
    for (const [body, sentence] of [
      ['<script>alert(1)</script>', 'This file is not JSON.'], ['{"content": {"mirrors": ["<img src=x onerror=alert(1)>"]}}', 'content.mirrors names “<img src=x onerror=alert(1)>”'],
      ['{"content": {"__proto__": {"strategy": "spread"}}}', 'content has the key “__proto__”'], [`"${'x'.repeat(20_000)}"`, 'larger than 16 kB'],
    ] as const) {
      await give(body)
      await page.getByRole('alert').filter({ hasText: sentence }).waitFor()
      expect(await order(page)).toEqual(['npm', 'north', 'south', 'east'])
    }
    await give(text)
    await page.getByText('Imported. Nothing is saved yet.').waitFor()
    expect(await effect(page)).toEqual(said)
    await end()
  })
})

describe('a test before saving', () => {
  it('says who answers and who agrees with the log', async () => {
    await demo.north.down()
    try {
      const { page, end } = await visit()
      await page.getByRole('checkbox', { name: 'Ask npm for tarballs' }).uncheck()
      await button(page, 'Test now').click()
      await page.getByText('1 of 4 sources answer and agree with the log.').waitFor()
      const row = (id: string) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: id, exact: true }) }).innerText()
      expect(await row('npm')).toContain('Not asked')
      expect(await row('north')).toContain('Does not answer')
      expect(await row('south')).toMatch(/Answers[\s\S]*chalk-lines@1\.3\.0[\s\S]*Absent[\s\S]*1 of 5 recorded versions are not there/)
      expect(await row('east')).toMatch(/Answers[\s\S]*Differs[\s\S]*3 of 5 recorded versions have another digest/)
      expect(await row('acme')).toMatch(/Answers[\s\S]*Equal[\s\S]*recorded versions are equal/)
      expect(await violations(page)).toEqual([])
      await end()
    } finally {
      await demo.north.up()
    }
  })
})

describe('a token', () => {
  it('is made, shown once, used in every client\'s settings, and decides who delivers; then changed and revoked', async () => {
    const { page, end } = await visit({ permissions: ['clipboard-read', 'clipboard-write'], expected: /40[01]/ })
    const urls: string[] = []
    page.on('request', request => urls.push(request.url()))
    await button(page, 'Move north up').click()
    const token = await create(page)
    expect(await redirected(token)).toBe('north')
    await button(page, 'Copy the token').click()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(token)
    const [file] = await Promise.all([page.waitForEvent('download'), button(page, 'Download').click()])
    expect(await readFile(await file.path(), 'utf8')).toBe(`${token}\n`)

    const use = page.getByRole('region', { name: 'Use it' })
    const lines = () => use.getByRole('tabpanel').locator('code').allInnerTexts()
    const host = demo.server.npmUrl.replace('http:', '')
    expect((await lines()).map(text => text.trim())).toEqual([`registry=${demo.server.npmUrl}\n${host}:_authToken=\${NPM_TOKEN}`, `export NPM_TOKEN=${token}`])
    await use.getByRole('radio', { name: 'In the file' }).check()
    for (const client of CLIENTS) {
      await use.getByRole('tab', { name: client, exact: true }).click()
      expect((await lines()).join('\n')).toContain(token)
    }

    // The next visit in this tab has it still, and does not show it.
    await page.reload({ waitUntil: 'networkidle' })
    await page.getByText('Saved, and in effect with your token.').waitFor()
    expect(await page.getByText('Copy your token now').count()).toBe(0)
    expect(await order(page)).toEqual(['north', 'npm', 'south', 'east'])
    expect(await keptIn(page, token)).toEqual([false, true])

    await button(page, 'Move south up').click()
    await button(page, 'Move south up').click()
    await page.getByText('Changed, and not saved yet.').waitFor()
    expect(await redirected(token)).toBe('north')
    await button(page, 'Save changes').click()
    await page.getByText('Saved, and in effect with your token.').waitFor()
    expect(await redirected(token)).toBe('south')

    await button(page, 'Revoke').click()
    await button(page, 'Cancel').click()
    expect(await redirected(token)).toBe('south')
    await button(page, 'Revoke').click()
    await page.getByRole('dialog', { name: 'Revoke this token?' }).getByRole('button', { name: 'Revoke for good' }).click()
    await page.getByText('The token is revoked.').waitFor()
    expect((await askRaw(demo.server.url, '/npm/pkg-1', { headers: { authorization: `Bearer ${token}` } })).status).toBe(401)
    expect(await keptIn(page, token)).toEqual([false, false])
    // Nothing was lost with it.
    expect(await order(page)).toEqual(['south', 'north', 'npm', 'east'])
    expect(urls.filter(url => url.includes(token))).toEqual([])
    expect(demo.server.stdout() + demo.server.stderr()).not.toContain(token)
    await end()
  })

  it('that somebody has is opened, and kept only if they say so', async () => {
    const made = await askRaw(demo.server.url, '/api/preferences', { method: 'POST', body: JSON.stringify({ content: { mirrors: ['east'], disabled: ['south'] } }) })
    const { token } = made.json as { token: string }
    const { page, end } = await visit({ expected: /401/ })
    const field = page.getByLabel('Token', { exact: true })
    await field.fill(`npmx_${'x'.repeat(43)}`)
    await field.press('Enter')
    await page.getByRole('alert').filter({ hasText: 'No preferences have this token' }).waitFor()
    await field.fill(token)
    await page.getByRole('checkbox', { name: 'Keep the token in this browser' }).check()
    await field.press('Enter')
    await page.getByText('These are the preferences of your token.').waitFor()
    expect(await order(page)).toEqual(['east', 'npm', 'north', 'south'])
    expect(await keptIn(page, token)).toEqual([true, false])
    // Rendered on the server, the page knows nothing of it.
    expect(await (await fetch(`${demo.server.url}preferences`)).text()).not.toMatch(TOKEN)
    await button(page, 'Close, and forget the token here').click()
    await page.getByText('The token is forgotten in this browser.').waitFor()
    expect(await keptIn(page, token)).toEqual([false, false])
    await end()
  })

  it('says when to try again where the server has had enough', async () => {
    const { page, end } = await visit({ expected: /429/, prepare: page => page.route('**/api/preferences', route => route.fulfill({
      status: 429, contentType: 'application/json', headers: { 'retry-after': '1800' },
      body: JSON.stringify({ error: 'More than 10 profiles an hour were made from your address; try again in 1800 seconds.', code: 'RATE_LIMITED' }),
    })) })
    await button(page, 'Create a token').click()
    await page.getByRole('alert').filter({ hasText: 'try again in 1800 seconds' }).waitFor()
    await end()
  })
})

describe('the page', () => {
  it.each(['light', 'dark'] as const)('is accessible in the %s, before and after a token is made', async (colorScheme) => {
    const { page, shifts, end } = await visit({ colorScheme })
    expect(await violations(page, { colorScheme })).toEqual([])
    expect(await shifts()).toEqual({ total: 0, moved: [] })
    await end()
  })

  it('fits a phone, with all that can be on it', async () => {
    const { page, end } = await visit({ viewport: PHONE })
    await page.getByLabel('Scope, exact name or pattern').fill('@a-scope-with-a-long-name/and-a-package-with-a-longer-one')
    await button(page, 'Add').click()
    await create(page)
    await button(page, 'Test now').click()
    await page.getByText(/sources answer and agree/).waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(PHONE.width)
    expect(await violations(page)).toEqual([])
    await end()
  })

  it('works by keyboard alone, from the order to the copied token', async () => {
    const { page, end } = await visit()
    const tabTo = async (name: string) => {
      for (let n = 0; n < 80; n++) {
        await page.keyboard.press('Tab')
        if (await page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent?.trim()) === name) return
      }
      throw new Error(`Nothing called "${name}" can be reached.`)
    }
    await tabTo('Move north up')
    await page.keyboard.press('Enter')
    await tabTo('Test now')
    await page.keyboard.press('Enter')
    await page.getByText(/sources answer and agree/).waitFor()
    await tabTo('Create a token')
    await page.keyboard.press('Enter')
    await page.getByText('The token was created. Copy it now.').waitFor()
    // The button is gone; the focus is where the answer is.
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('registry-preferences-token')
    await tabTo('Copy the token')
    await tabTo('Revoke')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Revoke this token?' }).waitFor()
    await page.keyboard.press('Escape')
    expect(await page.getByRole('dialog').count()).toBe(0)
    await end()
  })

  it('says without JavaScript what there is to choose, and how it is done by curl', async () => {
    const { page, end } = await visit({ javaScriptEnabled: false })
    const text = await page.getByRole('main').innerText()
    for (const id of ['npm', 'north', 'south', 'east', 'acme']) expect(text).toContain(id)
    expect(text).toContain(`curl -X POST '${demo.server.url}api/preferences/test'`)
    expect(text).toContain('Each source gets its share')
    expect(await page.getByRole('button').count()).toBe(1)
    expect(await page.getByRole('checkbox').count()).toBe(0)
    await end()
  })
})
