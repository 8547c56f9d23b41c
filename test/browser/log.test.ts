import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSigner, generateSignerKey } from '../../server/log/signer.ts'
import { parseCheckpoint } from '../../shared/tlog/index.ts'
import { parseNote } from '../../shared/tlog/note.ts'
import type { LogCheckpointPage, LogEntryDetail, LogEntryPage, LogOverview } from '../../shared/types/log.ts'
import { createDemo, type Demo } from '../fixtures/demo.ts'
import { startServer, type TestServer } from '../fixtures/server.ts'
import { launchBrowser, PHONE, violations, visit } from './browser.ts'

/** Rows in the document, however long the list is: a screen and what is around it. */
const MOST_ROWS = 70

let demo: Demo<TestServer>
let browser: Browser
let size: number
let url: string

const api = async <T>(path: string) => await (await fetch(`${url}api/log${path}`)).json() as T
const rowsOf = (page: Page) => page.locator('[data-row]')
const indexesOf = async (page: Page) => (await page.locator('[data-row] .index').allInnerTexts()).map(Number)
/** Asks until it is so; a busy machine takes its time. */
const eventually = <T>(read: () => Promise<T>) => expect.poll(read, { timeout: 15_000, interval: 25 })
const width = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth)
const verdict = (page: Page, what: string) => page.locator(`[data-verdict="${what}"]`).waitFor({ timeout: 30_000 })

beforeAll(async () => {
  demo = await createDemo(startServer)
  browser = await launchBrowser()
  url = demo.server.url
  size = (await api<LogOverview>('')).size
})

afterAll(async () => {
  await browser?.close()
  await demo?.server.stop()
  await demo?.close()
})

describe('the list', () => {
  it('has the newest records first, and every filter in the address', async () => {
    const { page, end } = await visit(browser, url, { path: 'log' })
    expect((await indexesOf(page)).slice(0, 3)).toEqual([size - 1, size - 2, size - 3])
    const form = page.getByRole('form', { name: 'Filters' })
    await form.getByLabel('Kind').selectOption('Conflict')
    await form.getByRole('button', { name: 'Filter' }).click()
    await page.waitForURL(/\?kind=conflict$/)
    const conflicts = (await api<LogEntryPage>('/entries?kind=conflict')).entries.map(({ index }) => index)
    await eventually(() => indexesOf(page)).toEqual(conflicts)
    expect(conflicts.length).toBeGreaterThan(0)

    await form.getByLabel('Kind').selectOption('Any')
    await form.getByLabel('Evidence').selectOption('Claimed')
    await form.getByLabel('Registry').selectOption('npm.acme.example')
    await form.getByLabel('Name begins with').fill('@acme/b')
    await form.getByRole('button', { name: 'Filter' }).click()
    await page.waitForURL(/\?evidence=claimed&registry=npm.acme.example&q=(?:@|%40)acme(?:\/|%2F)b$/)
    await eventually(async () => (await rowsOf(page).allInnerTexts()).map(text => text.includes('@acme/button'))).toEqual([true, true])

    await page.goBack()
    await eventually(() => indexesOf(page)).toEqual(conflicts)
    expect(await form.getByLabel('Kind').inputValue()).toBe('conflict')
    await page.reload({ waitUntil: 'networkidle' })
    expect(await indexesOf(page)).toEqual(conflicts)

    await form.getByLabel('Package').fill('no-such-package')
    await form.getByRole('button', { name: 'Filter' }).click()
    await page.getByText('No record is like that').waitFor()
    await page.getByRole('link', { name: 'Remove all filters' }).first().click()
    await eventually(async () => (await indexesOf(page))[0]).toBe(size - 1)
    await end()
  })

  it('says what is wrong with an address', async () => {
    const { page, end } = await visit(browser, url, { path: 'log?kind=nothing', expected: /400/ })
    await page.getByText('The parameter kind must be one of').waitFor()
    await end()
  })

  it('is scrolled through to the first record, with few rows in the document', async () => {
    const { page, end } = await visit(browser, url, { path: 'log' })
    const seen = new Set<number>()
    let most = 0
    await eventually(async () => {
      const indexes = await page.evaluate(async () => {
        const indexes = [...document.querySelectorAll<HTMLElement>('[data-row] .index')].map(({ innerText }) => Number(innerText))
        // Not further than a screen and the rows around it; what comes into view is there two frames later.
        scrollBy({ top: 1_000, behavior: 'instant' })
        await new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))
        return indexes
      })
      for (const index of indexes) seen.add(index)
      most = Math.max(most, indexes.length)
      return seen.has(0)
    }).toBe(true)
    expect(most).toBeLessThanOrEqual(MOST_ROWS)
    expect(seen.size).toBe(size)
    await page.getByText(`${size} records, down to the oldest.`).waitFor()

    // Whoever opens a record and comes back finds the list where it was.
    const top = await page.evaluate(() => scrollY)
    await page.getByRole('link', { name: 'Record 3', exact: true }).click()
    await page.waitForURL(/\/log\/3$/)
    await verdict(page, 'verified')
    await page.goBack()
    await page.getByRole('link', { name: 'Record 3', exact: true }).waitFor()
    await eventually(() => page.evaluate(() => scrollY)).toBeGreaterThan(top / 2)
    await end()
  })

  it('keeps the row that the keyboard is in, and goes on with Tab', async () => {
    const { page, end } = await visit(browser, url, { path: 'log' })
    const second = page.getByRole('link', { name: `Record ${size - 2}`, exact: true })
    // The server renders a whole page of rows, the browser those around the screen: from then on it listens.
    await eventually(() => rowsOf(page).count()).toBeLessThan(50)
    await second.focus()
    await page.mouse.move(600, 600)
    await page.mouse.wheel(0, 4_000)
    await eventually(async () => (await indexesOf(page)).some(index => index < size - 60)).toBe(true)
    expect(await second.evaluate(link => link === document.activeElement)).toBe(true)
    for (let n = 0; n < 20; n++) await page.keyboard.press('Tab')
    expect(await page.evaluate(() => Number(document.activeElement?.closest<HTMLElement>('[data-row]')?.dataset.row))).toBeGreaterThan(5)
    await end()
  })

  it('works without JavaScript: filters, pages, a link to each record', async () => {
    const { page, end } = await visit(browser, url, { path: 'log', javaScriptEnabled: false })
    expect(await rowsOf(page).count()).toBe(50)
    await page.getByRole('link', { name: 'Older' }).click()
    await page.waitForURL(new RegExp(`before=${size - 50}$`))
    expect((await indexesOf(page))[0]).toBe(size - 51)
    await page.getByRole('navigation', { name: 'Pages of records' }).getByRole('link', { name: 'Newest' }).click()
    const form = page.getByRole('form', { name: 'Filters' })
    await form.getByLabel('Kind').selectOption('Withdrawn')
    await form.getByRole('button', { name: 'Filter' }).click()
    await page.waitForURL(/kind=withdrawn/)
    expect(await rowsOf(page).count()).toBe(1)
    expect(await rowsOf(page).innerText()).toContain('tiny-color')
    await end()
  })

  it('is there as JSON and as CSV, with the same filters', async () => {
    const { page, end } = await visit(browser, url, { path: 'log?registry=npm.acme.example&kind=version' })
    const href = (name: string) => page.getByRole('main').getByRole('link', { name, exact: true }).getAttribute('href')
    const read = async (path: string | null) => fetch(new URL(path!, url))
    const { entries } = await (await read(await href('JSON'))).json() as LogEntryPage
    const csv = await read(await href('CSV'))
    expect(csv.headers.get('content-type')).toMatch(/^text\/csv/)
    expect(csv.headers.get('content-disposition')).toContain('log.csv')
    const [header, ...lines] = (await csv.text()).trimEnd().split('\r\n')
    expect(header).toMatch(/^index,kind,subject/)
    expect(lines.map(line => Number(line.split(',')[0]))).toEqual(entries.map(({ index }) => index))
    expect(lines[0]).toContain(',\'@acme/')
    expect(await page.locator('.curl').innerText()).toContain('/api/log/entries?kind=version&registry=npm.acme.example')
    await end()
  })

  it('notices that the log has grown', async () => {
    const { page, end } = await visit(browser, url, {
      path: 'log',
      async prepare(page) {
        await page.clock.install()
        await page.route('**/api/log', async route => route.fulfill({ json: { ...await api<LogOverview>(''), size: size + 7 } }))
      },
    })
    await page.clock.fastForward('00:10')
    await page.getByRole('button', { name: '7 newer: show' }).waitFor()
    await end()
  })
})

describe('a record', () => {
  it('is verified in the browser, step by step', async () => {
    const { page, shifts, end } = await visit(browser, url, { path: 'log/300' })
    await verdict(page, 'verified')
    expect(await page.locator('[data-step]').evaluateAll(steps => steps.map(step => (step as HTMLElement).dataset.state)))
      .toEqual(['assumed', ...Array(6).fill('passed')])
    const { proof, leafHash } = await api<LogEntryDetail>('/entries/300')
    const text = (step: string) => page.locator(`[data-step="${step}"]`).innerText()
    expect(await text('record')).toContain(leafHash)
    expect(await text('root')).toContain(proof.root)
    for (const hash of proof.hashes) expect(await text('inclusion')).toContain(hash)
    expect(await shifts()).toEqual({ total: 0, moved: [] })

    // The second time the browser remembers the key and the tree.
    await page.getByRole('link', { name: 'Older: 299' }).click()
    await page.getByRole('heading', { level: 1, name: '299' }).waitFor()
    await verdict(page, 'verified')
    expect(await page.locator('[data-step="consistency"]').innerText()).toContain(String(size))
    await page.reload()
    await verdict(page, 'verified')
    expect(await page.locator('[data-step="key"]').getAttribute('data-state')).toBe('passed')

    for (const name of ['Bundle of records', 'Tile of hashes']) {
      const path = await page.getByRole('link', { name }).getAttribute('href')
      expect((await fetch(new URL(path!, url))).status).toBe(200)
    }
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download the proof' }).click()])
    expect(download.suggestedFilename()).toBe('299.tlog-proof')
    await end()
  })

  it('says without JavaScript that nothing was verified, and how to do it', async () => {
    const { page, end } = await visit(browser, url, { path: 'log/300', javaScriptEnabled: false })
    const text = await page.getByRole('main').innerText()
    expect(text).toContain('Nothing was verified here')
    expect(text).toContain('npm run log:verify')
    expect(text).not.toContain('Checked here')
    expect(await page.locator('[data-color="success"]').count()).toBe(0)
    expect(await page.getByRole('treeitem').count()).toBeGreaterThan(8)
    await end()
  })

  it('that is not there is said to be missing', async () => {
    const { page, end } = await visit(browser, url, { path: 'log/99999', expected: /404/ })
    await page.getByText(`The log has ${size} entries, and none with index 99999.`).waitFor()
    await end()
  })

  it('has a way to the root that is walked by keyboard', async () => {
    const { page, end } = await visit(browser, url, { path: 'log/300' })
    await verdict(page, 'verified')
    const { proof } = await api<LogEntryDetail>('/entries/300')
    const focused = () => page.evaluate(() => document.activeElement!.querySelector('title')!.textContent)
    await page.locator('[data-node="path-0"]').focus()
    expect(await focused()).toMatch(/^The record itself, number 300\. Its hash was computed here\./)
    for (let level = 1; level <= proof.hashes.length; level++) await page.keyboard.press('ArrowUp')
    expect(await focused()).toBe(`The root, level ${proof.hashes.length}: records 0 to ${size - 1}. Its hash was computed here. ${proof.root}`)
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('End')
    await page.keyboard.press('ArrowRight')
    expect(await focused()).toContain(proof.hashes[0])
    expect(await page.getByRole('tree').locator('[tabindex="0"]').count()).toBe(1)
    expect(await page.getByRole('treeitem', { name: (await focused())!, exact: true }).count()).toBe(1)
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowLeft')
    expect(await focused()).toContain(`the neighbour on the left: records 0 to 255. Its hash is in the signed tree. ${proof.hashes.at(-1)}`)
    await end()
  })
})

describe('whoever tampers is noticed, and nothing is green', () => {
  const INDEX = 300
  const OTHER = createSigner(generateSignerKey('localhost'))

  async function isRed(page: Page, ...sentences: string[]) {
    await verdict(page, 'failed')
    for (const sentence of sentences) await page.getByRole('alert').filter({ hasText: sentence }).waitFor()
    expect(await page.getByRole('main').locator('[data-color="success"]').count()).toBe(0)
    expect(await page.getByRole('main').innerText()).not.toContain('Its hash was computed here')
  }

  /** Loads a page while somebody changes what the log answers. */
  async function tampered(pattern: string, change: (body: Buffer) => Buffer | string) {
    return visit(browser, url, {
      path: `log/${INDEX}`,
      prepare: page => page.route(pattern, async (route) => {
        const response = await route.fetch()
        await route.fulfill({ response, body: change(await response.body()) })
      }),
    })
  }

  const flip = (body: Buffer) => {
    body[10]! ^= 1
    return body
  }

  it('in a tile', async () => {
    const { page, end } = await tampered('**/sumdb/tile/0/**', flip)
    await isRed(page, 'A tile does not belong to the signed tree', 'tile/0/')
    await end()
  })

  it('in the log\'s own text', async () => {
    const { page, end } = await tampered('**/sumdb/tile/entries/**', body => Buffer.from(body.toString('latin1').replaceAll('evidence signed', 'evidence seeded'), 'latin1'))
    await isRed(page, 'The log has another text for this record', 'Expected', 'Found')
    await end()
  })

  it('in the record that is shown, and in its proof', async () => {
    let change: (entry: LogEntryDetail) => LogEntryDetail
    const { page, end } = await visit(browser, url, {
      path: `log/${INDEX + 1}`,
      prepare: page => page.route(`**/api/log/entries/${INDEX}`, async (route) => {
        const response = await route.fetch()
        await route.fulfill({ response, json: change(await response.json() as LogEntryDetail) })
      }),
    })
    /** Comes to the record from its neighbour, so that the browser asks for it, and somebody changes the answer. */
    async function come() {
      await verdict(page, 'verified')
      await page.getByRole('link', { name: `Older: ${INDEX}` }).click()
      await page.waitForURL(new RegExp(`/log/${INDEX}$`))
    }

    change = entry => ({ ...entry, text: entry.text.replace(/\d\dZ$/m, '99Z') })
    await come()
    await isRed(page, 'The leaf hash is not that of this text', 'Expected', 'Found')
    await page.goBack()
    change = entry => ({ ...entry, proof: { ...entry.proof, hashes: entry.proof.hashes.with(0, Buffer.alloc(32).toString('base64')) } })
    await come()
    await isRed(page, 'The server\'s proof is wrong', Buffer.alloc(32).toString('base64'))
    await end()
  })

  it('in a checkpoint\'s signature', async () => {
    const { page, end } = await tampered('**/sumdb/checkpoint', body => body.toString().replace(/.{8}(.{4}\n)$/, 'AAAAAAAA$1'))
    await isRed(page, 'The log\'s key did not sign this checkpoint')
    await end()
  })

  it('with a checkpoint of another key', async () => {
    const { page, end } = await tampered('**/sumdb/checkpoint', (body) => {
      const { size, root } = parseCheckpoint(parseNote(body.toString()).text)
      return OTHER.sign(size, root)
    })
    await isRed(page, 'The log\'s key did not sign this checkpoint', 'carries no signature of a trusted key')
    await end()
  })

  it('with another key, or an older checkpoint, than this browser saw', async () => {
    const { page, end } = await visit(browser, url, { path: `log/${INDEX}` })
    await verdict(page, 'verified')
    const { vkey } = await api<LogOverview>('')
    await page.route('**/sumdb/vkey', route => route.fulfill({ body: `${OTHER.vkey}\n` }))
    await page.reload()
    await isRed(page, 'This log has another key than this browser remembers', vkey, OTHER.vkey)
    await page.unroute('**/sumdb/vkey')

    const { checkpoints } = await api<LogCheckpointPage>('/checkpoints?limit=200')
    const old = checkpoints.find(({ size }) => size < checkpoints[0]!.size && size > 10)!
    await page.route('**/sumdb/checkpoint', route => route.fulfill({ body: old.checkpoint }))
    await page.reload()
    await isRed(page, 'The log has become smaller', `shows a tree of size ${old.size} and had shown one of size ${size}`)
    await end()
  })

  it('but no answer is no lie', async () => {
    const { page, end } = await visit(browser, url, {
      path: `log/${INDEX}`, expected: /404|Failed to load/,
      prepare: page => page.route('**/sumdb/vkey', route => route.fulfill({ status: 404, body: '' })),
    })
    await verdict(page, 'unavailable')
    expect(await page.getByRole('main').innerText()).toContain('Nothing is known now, and nobody lied.')
    expect(await page.getByRole('main').locator('[data-color="success"]').count()).toBe(0)
    await page.unroute('**/sumdb/vkey')
    await page.getByRole('button', { name: 'Try again' }).click()
    await verdict(page, 'verified')
    await end()
  })
})

describe('for everybody', () => {
  for (const path of ['log', 'log/300']) {
    it(`no accessibility violations, in light and dark (${path})`, async () => {
      const { page, end } = await visit(browser, url, { path, colorScheme: 'light', reducedMotion: 'reduce' })
      if (path !== 'log') await verdict(page, 'verified')
      expect(await violations(page)).toEqual([])
      // The same document in other colours.
      await page.emulateMedia({ colorScheme: 'dark' })
      await page.locator('html.dark').waitFor({ state: 'attached' })
      expect(await violations(page, { colorScheme: 'dark' })).toEqual([])
      await end()
    })
  }

  it('fits a phone, from right to left too, and nothing moves while it loads', async () => {
    for (const path of ['log', 'log/300']) {
      const { page, shifts, end } = await visit(browser, url, { path, viewport: PHONE })
      if (path !== 'log') await verdict(page, 'verified')
      expect(await shifts()).toEqual({ total: 0, moved: [] })
      expect(await width(page)).toBe(PHONE.width)
      await page.evaluate(() => document.documentElement.setAttribute('dir', 'rtl'))
      expect(await width(page)).toBe(PHONE.width)
      await end()
    }
  })
})
