import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Locator, Page, Route } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSigner } from '../../server/log/signer.ts'
import { formatVkey, TYPE_ED25519 } from '../../shared/tlog/index.ts'
import type { IncidentPage } from '../../shared/types/incidents.ts'
import type { LogCheckpointPage, LogOverview } from '../../shared/types/log.ts'
import { createDemo, type Demo } from '../fixtures/demo.ts'
import { startServer, type TestServer } from '../fixtures/server.ts'
import { launchBrowser, PHONE, violations, visit, type VisitOptions } from './browser.ts'

const OTHER_KEY = formatVkey('localhost', TYPE_ED25519, new Uint8Array(randomBytes(32)))
/** Of a request that the test breaks. */
const BROKEN = /Failed to load resource/

let browser: Browser
let demo: Demo<TestServer>
let log: LogOverview
let sizes: number[]

beforeAll(async () => {
  browser = await launchBrowser()
  demo = await createDemo(startServer)
  log = await json<LogOverview>('api/log')
  sizes = (await json<LogCheckpointPage>('api/log/checkpoints')).checkpoints.map(({ size }) => size)
})

afterAll(async () => {
  await browser?.close()
  await demo?.server.stop()
  await demo?.close()
})

async function json<T>(path: string): Promise<T> {
  return await (await fetch(demo.server.url + path)).json() as T
}

const text = async (path: string) => (await fetch(demo.server.url + path)).text()
const open = (path: string, options: VisitOptions = {}) => visit(browser, demo.server.url, { path, ...options })

const width = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth)

/** Answers with the same bytes but for one bit. */
async function flipBit(route: Route) {
  const response = await route.fetch()
  const body = Buffer.from(await response.body())
  body[body.length >> 1]! ^= 1
  await route.fulfill({ response, body })
}

type Locked = Record<string, { version?: string, integrity?: string, resolved?: string }>

/** As npm would lock them. */
async function lockfile(names: readonly [name: string, version: string][], change: (packages: Locked) => void = () => {}) {
  const packages: Locked = { '': {} }
  for (const [name, version] of names) {
    const { versions } = await json<{ versions: Record<string, { dist: { integrity: string, tarball: string } }> }>(`npm/${name}`)
    const { integrity, tarball: resolved } = versions[version]!.dist
    packages[`node_modules/${name}`] = { version, resolved, integrity }
  }
  change(packages)
  return `${JSON.stringify({ name: 'mine', lockfileVersion: 3, requires: true, packages }, null, 2)}\n`
}

const HONEST: [string, string][] = [['tiny-color', '1.4.0'], ['JSONStream', '1.0.0'], ['@paper/ink', '1.1.0'], ['pkg-7', '1.2.0']]

async function drop(page: Page, ...files: [name: string, content: string][]) {
  await page.locator('input[type=file]').setInputFiles(files.map(([name, content]) =>
    ({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(content) })))
}

const start = (page: Page) => page.getByRole('button', { name: 'Look up and verify' }).click()
const rows = (page: Page) => page.getByRole('region', { name: 'Packages and their states' }).locator('tbody tr')
/** Says it by colour and icon that all is well. */
const green = (page: Page) => page.locator('main .notice.success')

describe('a lockfile', () => {
  it('of what the log has is verified, nothing of it leaves but lookups, and the results can be kept', async () => {
    const asked: string[] = []
    const { page, end } = await open('verify', {
      prepare: async page => void page.on('request', request => asked.push(`${request.method()} ${new URL(request.url()).pathname}`)),
    })
    await drop(page, ['package-lock.json', await lockfile(HONEST)])
    await page.getByText('names 4 packages. 4 of them will be looked up here').waitFor()
    expect(asked.join()).not.toContain('tiny-color')
    await start(page)
    await green(page).getByText('All 4 packages are recorded with the digest that the lockfile has').waitFor()
    expect(await rows(page).allInnerTexts()).toHaveLength(4)
    expect(asked.filter(request => !request.startsWith('GET '))).toEqual([])
    expect(asked.filter(request => request.includes('/lookup/'))).toHaveLength(4)

    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'JSON', exact: true }).click()])
    const saved = JSON.parse(await readFile(await download.path(), 'utf8')) as object
    expect(saved).toMatchObject({ lockfile: 'package-lock.json', kind: 'npm', counts: { verified: 4 }, log: { vkey: log.vkey } })
    const [csv] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV', exact: true }).click()])
    expect((await readFile(await csv.path(), 'utf8')).split('\r\n')[1]).toMatch(/^"tiny-color","1\.4\.0","verified","sha512-/)
    await end()
  })

  it('with another digest is a mismatch that names both, and nothing is green', async () => {
    const wrong = `sha512-${randomBytes(64).toString('base64')}`
    const { page, end } = await open('verify', { expected: BROKEN })
    await drop(page, ['package-lock.json', await lockfile(HONEST, (packages) => {
      packages['node_modules/tiny-color']!.integrity = wrong
      packages['node_modules/nobody-has-this'] = { version: '1.0.0', integrity: wrong, resolved: 'https://npm.example/x.tgz' }
      packages['node_modules/local'] = { version: '1.0.0', resolved: 'file:../local' }
      packages['node_modules/weak'] = { version: '1.0.0', resolved: 'https://npm.example/x.tgz' }
    })])
    await start(page)
    const alert = page.getByRole('alert').filter({ hasText: 'tiny-color@1.4.0 is not what was recorded' })
    await alert.waitFor()
    const { versions } = await json<{ versions: Record<string, { dist: { integrity: string } }> }>('npm/tiny-color')
    for (const said of [wrong, versions['1.4.0']!.dist.integrity, 'node_modules/tiny-color', 'Do not install it']) {
      expect(await alert.innerText()).toContain(said)
    }
    await page.getByText('One package differs from what the log recorded').waitFor()
    expect(await green(page).count()).toBe(0)
    const states = await rows(page).allInnerTexts()
    expect(states[0]).toMatch(/tiny-color@1\.4\.0\s+Mismatch/)
    expect(states.filter(row => /nobody-has-this@1\.0\.0\s+Missing/.test(row))).toHaveLength(1)
    expect(states.filter(row => /local@1\.0\.0\s+Skipped/.test(row))).toHaveLength(1)
    await page.getByRole('group', { name: 'Show' }).getByRole('button', { name: /^Verified/ }).click()
    expect(await rows(page).count()).toBe(3)
    await end()
  })

  it('keeps to itself what it is told to, also the next time', async () => {
    const asked: string[] = []
    const prepare = async (page: Page) => void page.on('request', request => asked.push(decodeURIComponent(request.url())))
    const { page, end } = await open('verify', { prepare })
    const text = await lockfile([...HONEST, ['@acme/button', '1.0.0']], (packages) => {
      packages['node_modules/@secret/plan'] = { version: '1.0.0', integrity: packages['node_modules/tiny-color']!.integrity! }
    })
    await drop(page, ['package-lock.json', text])
    await page.getByRole('button', { name: '@secret/*' }).click()
    await page.getByText('5 of them will be looked up here; 1 will not').waitFor()
    await page.getByLabel('Also accept packages of these registries').fill('npm.acme.example')
    await start(page)
    await page.getByText('5 of 6 packages are recorded').waitFor()
    expect(await green(page).count()).toBe(0)
    expect(asked.join()).not.toContain('secret')

    await page.reload({ waitUntil: 'networkidle' })
    await drop(page, ['package-lock.json', text])
    await page.getByText('5 of them will be looked up here; 1 will not').waitFor()
    expect(await page.getByRole('button', { name: '@secret/*' }).getAttribute('aria-pressed')).toBe('true')
    // Without a word about the other registry, its package is another one.
    await start(page)
    await page.getByText('4 of 6 packages are verified; 1 could not be').waitFor()
    expect((await rows(page).allInnerTexts())[0]).toMatch(/@acme\/button@1\.0\.0\s+Unproven/)
    await end()
  })

  it('is neither good nor bad if nobody answers', async () => {
    const { page, end } = await open('verify', { expected: BROKEN })
    await drop(page, ['package-lock.json', await lockfile(HONEST)])
    await page.route('**/sumdb/lookup/**', route => route.abort())
    await start(page)
    await page.getByText('The server stopped answering; not looked up: 4').waitFor()
    expect(await rows(page).allInnerTexts()).toEqual(Array.from({ length: 4 }, () => expect.stringMatching(/Unavailable/)))
    expect(await page.locator('main').innerText()).not.toContain('is not what was recorded')
    expect(await green(page).count()).toBe(0)
    await end()
  })

  it('is not verified by a log that shows tiles of another tree', async () => {
    const { page, end } = await open('verify', { prepare: page => page.route('**/sumdb/tile/0/**', flipBit) })
    await drop(page, ['package-lock.json', await lockfile(HONEST)])
    await start(page)
    await page.getByText('The log is not to be believed').waitFor()
    expect(await rows(page).allInnerTexts()).toEqual(Array.from({ length: 4 }, () => expect.stringMatching(/Unproven/)))
    expect(await green(page).count()).toBe(0)
    await end()
  })

  it('that is stopped keeps what it has', async () => {
    const { page, end } = await open('verify', { expected: BROKEN })
    let release = () => {}
    const held = new Promise<void>(resolve => (release = resolve))
    await page.route('**/sumdb/lookup/npm/pkg-7**', async (route) => {
      await held
      await route.abort()
    })
    await drop(page, ['package-lock.json', await lockfile(HONEST)])
    await start(page)
    await page.getByText('3 of 4').waitFor()
    await page.getByRole('button', { name: 'Stop' }).click()
    release()
    await page.getByText('Stopped before the end; not looked up: 1').waitFor()
    expect(await rows(page).count()).toBe(3)
    expect(await green(page).count()).toBe(0)
    await end()
  })

  it('of any client is read, and what is none is refused in a sentence', async () => {
    const { page, end } = await open('verify')
    for (const [file, client] of [['pnpm-v9/pnpm-lock.yaml', 'pnpm'], ['yarn-classic/yarn.lock', 'Yarn 1'], ['yarn-berry-v6/yarn.lock', 'Yarn 2+'], ['bun-v1/bun.lock', 'Bun']] as const) {
      await drop(page, [file.split('/')[1]!, await readFile(join(import.meta.dirname, '../unit/lockfile/samples', file), 'utf8')])
      await page.getByRole('heading', { name: `Lockfile of ${client}` }).waitFor()
    }
    await drop(page, ['photo.png', 'PNG'])
    await page.getByRole('alert').getByText('"photo.png" is no lockfile we know').waitFor()
    await end()
  })

  it('of 2,000 packages leaves the page alive, and shows them in parts', async () => {
    const { page, end } = await open('verify', { expected: BROKEN })
    await page.route('**/sumdb/lookup/**', route => route.fulfill({ status: 404, contentType: 'application/json', body: '{"error":"Nobody has it.","code":"NOT_FOUND"}' }))
    const { integrity } = JSON.parse(await lockfile([['tiny-color', '1.4.0']])).packages['node_modules/tiny-color'] as { integrity: string }
    const packages = Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`node_modules/none-${i}`, { version: '1.0.0', integrity }]))
    await page.getByLabel('Text of a proof').fill(JSON.stringify({ lockfileVersion: 3, packages: { '': {}, ...packages } }))
    await page.getByRole('button', { name: 'Read the text' }).click()
    await start(page)
    await page.getByText('0 of 2,000 packages are verified; 2,000 could not be').waitFor({ timeout: 60_000 })
    expect(await rows(page).count()).toBe(100)
    await page.getByRole('button', { name: 'Show 100 more' }).click()
    expect(await rows(page).count()).toBe(200)
    await end()
  })
})

describe('a proof', () => {
  const proof = () => text('sumdb/proof/npm/tiny-color@1.4.0')
  const record = async () => (await text('sumdb/lookup/npm/tiny-color@1.4.0')).split('\n\n')[0]!.replace(/^\d+\n/, '') + '\n'

  it('holds for the record that it is of, dropped with it or looked up', async () => {
    const { page, end } = await open('verify')
    await drop(page, ['x.tlog-proof', await proof()])
    await page.getByRole('button', { name: /^Look record \d+ up/ }).click()
    await green(page).getByText('The log has this record').waitFor()
    await drop(page, ['x.tlog-proof', await proof()], ['record.txt', await record()])
    await green(page).getByText('The log has this record').waitFor()
    expect(await page.getByRole('list', { name: 'What this browser checks' }).getByText('Checked here', { exact: true }).count()).toBe(3)
    await end()
  })

  it.each<[string, () => Promise<[string, string]>]>([
    ['another record', async () => [await proof(), (await record()).replace('evidence signed', 'evidence fetched')]],
    ['another index', async () => [(await proof()).replace(/^index \d+/m, 'index 1'), await record()]],
    ['a changed checkpoint', async () => [(await proof()).replace(/\nlocalhost\n\d+\n/, '\nlocalhost\n999999\n'), await record()]],
  ])('with %s does not', async (_, make) => {
    const [proven, said] = await make()
    const { page, end } = await open('verify')
    await drop(page, ['x.tlog-proof', proven], ['record.txt', said])
    await page.getByRole('alert').getByText('The proof does not hold').waitFor()
    expect(await green(page).count()).toBe(0)
    expect(await page.getByRole('list', { name: 'What this browser checks' }).getByText('Does not hold', { exact: true }).count()).toBe(1)
    await end()
  })

  it('holds for nobody who pinned another key, until they pin the right one', async () => {
    const { page, end } = await open('verify')
    const pin = async (key: string) => {
      await page.getByLabel('Verifier key').fill(key)
      await page.getByRole('button', { name: 'Let only this key count' }).click()
    }
    await drop(page, ['x.tlog-proof', await proof()], ['record.txt', await record()])
    await green(page).waitFor()
    await page.getByText('Pin another key').click()
    await pin('nonsense')
    await page.getByText('This key cannot be used.').waitFor()
    await pin(OTHER_KEY)
    await page.getByText('The server gives another key than this browser remembers').waitFor()
    await page.getByText('The proof does not hold').waitFor()
    expect(await green(page).count()).toBe(0)
    await pin(log.vkey)
    await green(page).getByText('The log has this record').waitFor()
    await end()
  })
})

describe('the bundle of an incident', () => {
  async function bundle(): Promise<string> {
    const { incidents } = await json<IncidentPage>('api/incidents')
    return text(`api/incidents/${incidents.find(({ source }) => source === 'npm')!.id}/bundle`)
  }

  it('is checked in the browser, without asking for anything', async () => {
    const file = await bundle()
    const { page, end } = await open('verify')
    const asked: string[] = []
    page.on('request', request => asked.push(new URL(request.url()).pathname))
    await drop(page, ['incident.json', file])
    await green(page).getByText('Nothing in the file contradicts the incident').waitFor()
    await page.getByText('The file is undamaged.').waitFor()
    await page.getByText(/^Key \S+ signed the digest that stands\.$/).waitFor()
    expect(asked.filter(path => !path.startsWith('/_nuxt/'))).toEqual([])
    await end()
  })

  it('that was changed proves nothing', async () => {
    const { page, end } = await open('verify')
    await drop(page, ['incident.json', (await bundle()).replace(/"source":"\w+"/, '"source":"innocent"')])
    await page.getByRole('alert').getByText('The file contradicts itself or the log').waitFor()
    await page.getByText('The file is damaged or was changed').waitFor()
    expect(await green(page).count()).toBe(0)
    await drop(page, ['incident.json', '{"format":"npmx-incident@v1"}\n'])
    await page.getByText('This bundle cannot be checked.').waitFor()
    expect(await green(page).count()).toBe(0)
    await end()
  })
})

describe('checkpoints', () => {
  const chosen = () => `checkpoints?from=${sizes[20]}&to=${sizes[0]}`
  const states = (page: Page) => page.getByRole('list', { name: 'What this browser checks' }).locator('.head .state').allInnerTexts()
  const remember = (note: string) => (page: Page) => page.addInitScript(([vkey, head]) => {
    localStorage.setItem('registry-log-vkey', vkey!)
    localStorage.setItem(`registry-log-head ${vkey}`, head!)
  }, [log.vkey, note])

  /** What the log's operator could sign, if they were dishonest. */
  async function forge(size: number): Promise<string> {
    const signer = createSigner((await readFile(join(demo.server.dataDir, 'sumdb.key'), 'utf8')).trim())
    return signer.sign(size, new Uint8Array(randomBytes(32)))
  }

  it('that are chosen by keyboard are shown to continue each other, step by step', async () => {
    const { page, end } = await open('checkpoints')
    await page.getByLabel(`From ${sizes[3]} records`, { exact: true }).focus()
    await page.keyboard.press('Space')
    await page.getByRole('button', { name: 'Check that one continues the other' }).focus()
    await page.keyboard.press('Enter')
    await green(page).getByText(`The log of ${sizes[0]} records continues that of ${sizes[3]}`).waitFor()
    expect(await states(page)).toEqual(Array.from({ length: 5 }, () => 'Checked here'))
    expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({ from: String(sizes[3]), to: String(sizes[0]) })
    await end()
  })

  it('do not with a tile of another tree', async () => {
    const { page, end } = await open(chosen(), { prepare: page => page.route('**/sumdb/tile/0/**', flipBit) })
    await page.getByRole('alert').getByText('What the server shows is not the log\'s').waitFor()
    expect(await states(page)).toEqual(['Checked here', 'Checked here', 'Does not hold', 'Not reached', 'Not reached'])
    expect(await green(page).count()).toBe(0)
    await end()
  })

  it('of another key are nobody\'s', async () => {
    const { page, end } = await open(chosen(), {
      prepare: page => page.addInitScript(key => localStorage.setItem('registry-log-vkey', key), OTHER_KEY),
    })
    await page.getByRole('alert').getByText('What the server shows is not the log\'s').waitFor()
    expect(await states(page)).toEqual(['Does not hold', 'Does not hold', 'Not reached', 'Not reached', 'Not reached'])
    expect(await green(page).count()).toBe(0)
    await end()
  })

  it('cannot be checked without the tiles', async () => {
    const { page, end } = await open(chosen(), { prepare: page => page.route('**/sumdb/tile/**', route => route.abort()), expected: BROKEN })
    await page.getByText('It could not be checked').waitFor()
    expect(await states(page)).toEqual(['Checked here', 'Checked here', 'Could not be checked', 'Not reached', 'Not reached'])
    expect(await green(page).count()).toBe(0)
    await end()
  })

  it('that the log does not have are not compared', async () => {
    const { page, end } = await open('checkpoints?from=1&to=999999', { expected: BROKEN })
    await page.getByText('The log has no checkpoint of').waitFor()
    expect(await green(page).count()).toBe(0)
    await end()
  })

  it('are remembered, and compared with the next ones', async () => {
    const { page, end } = await open('checkpoints')
    await page.getByRole('button', { name: 'Remember the newest checkpoint' }).click()
    await page.getByText(`This browser remembers a tree of ${sizes[0]} records`).waitFor()
    const older = (await json<LogCheckpointPage>('api/log/checkpoints')).checkpoints[9]!
    await page.evaluate(([vkey, note]) => localStorage.setItem(`registry-log-head ${vkey}`, note!), [log.vkey, older.checkpoint])
    await page.reload({ waitUntil: 'networkidle' })
    await page.getByRole('button', { name: 'Check the log against it' }).click()
    await green(page).getByText(`The log of ${sizes[0]} records continues that of ${older.size}`).waitFor()
    await page.getByText(`This browser remembers a tree of ${sizes[0]} records`).waitFor()
    await end()
  })

  it.each<[string, () => number, string]>([
    ['two histories', () => sizes[5]!, 'The log has two histories'],
    ['two histories of one size', () => sizes[0]!, 'The log has two histories'],
    ['fewer records than before', () => sizes[0]! + 10, 'The log shows fewer records than before'],
  ])('of a log with %s are an alert with both notes', async (_, size, title) => {
    const note = await forge(size())
    const { page, end } = await open('checkpoints', { prepare: remember(note), expected: BROKEN })
    await page.getByRole('button', { name: 'Check the log against it' }).click()
    const alert = page.getByRole('alert').filter({ hasText: title })
    await alert.waitFor()
    expect(await green(page).count()).toBe(0)
    const [download] = await Promise.all([page.waitForEvent('download'), alert.getByRole('button', { name: 'Download as evidence' }).click()])
    const evidence = JSON.parse(await readFile(await download.path(), 'utf8')) as { checkpoints: string[], vkey: string }
    expect(evidence.vkey).toBe(log.vkey)
    expect(evidence.checkpoints).toHaveLength(2)
    expect(evidence.checkpoints).toContain(note)
    // What was seen is not forgotten for what is shown now.
    expect(await page.evaluate(vkey => localStorage.getItem(`registry-log-head ${vkey}`), log.vkey)).toBe(note)
    await end()
  })
})

describe('tiles', () => {
  const verify = (page: Page) => page.getByRole('button', { name: 'Verify this tile' }).click()
  const states = (list: Locator) => list.locator('.head .state').allInnerTexts()
  const steps = (page: Page) => page.getByRole('list', { name: 'What this browser checks' })

  it('are a map, each with its files', async () => {
    const { page, end } = await open('tiles')
    const cells = page.locator('.cells a')
    expect(await cells.allInnerTexts()).toEqual([
      expect.stringContaining('Tile 0, 1 of 256, records 0 to 255'),
      expect.stringContaining('Tile 0, full, records 0 to 255'),
      expect.stringMatching(new RegExp(`Tile 1, ${log.size - 256} of 256, records 256 to ${log.size - 1}`)),
    ])
    await cells.nth(1).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Tile 0 of level 0' }).waitFor()
    const raw = await page.locator('.facts').getByRole('link', { name: 'tile/0/000', exact: true }).getAttribute('href')
    expect((await (await fetch(new URL(raw!, demo.server.url))).arrayBuffer()).byteLength).toBe(256 * 32)
    await end()
  })

  it('are verified by what is above them, or with the rest of the edge', async () => {
    const { page, end } = await open('tiles?level=0&index=0')
    await verify(page)
    await page.getByText('Both are the same').waitFor()
    await page.getByText('256 records, each with the hash').waitFor()
    expect(await states(steps(page))).toEqual(['Checked here', 'Checked here', 'Checked here', 'Checked here'])
    await page.goto(`${demo.server.url}tiles?level=1&index=0`, { waitUntil: 'networkidle' })
    await verify(page)
    await page.getByText('Folded with the rest of the right edge').waitFor()
    expect(await states(steps(page))).toEqual(['Checked here', 'Checked here', 'Checked here'])
    await end()
  })

  it.each([
    ['a tile', '**/sumdb/tile/0/000', ['Checked here', 'Checked here', 'Does not hold', 'Not reached']],
    ['a tile above', '**/sumdb/tile/1/**', ['Checked here', 'Checked here', 'Does not hold', 'Not reached']],
    ['records', '**/sumdb/tile/entries/000', ['Checked here', 'Checked here', 'Checked here', 'Does not hold']],
  ])('%s that was changed is seen to be', async (_, path, expected) => {
    const { page, end } = await open('tiles?level=0&index=0', { prepare: page => page.route(path, flipBit) })
    await verify(page)
    await steps(page).getByText('Does not hold', { exact: true }).waitFor()
    expect(await states(steps(page))).toEqual(expected)
    await end()
  })
})

describe('the pages', () => {
  const PAGES = ['verify', 'tiles', 'checkpoints', 'checkpoints?compare'] as const
  const pathOf = (page: typeof PAGES[number]) => page === 'checkpoints?compare' ? `checkpoints?from=${sizes[9]}&to=${sizes[0]}` : page

  it.each(PAGES.flatMap(path => (['light', 'dark'] as const).map(scheme => [path, scheme] as const)))('%s in %s are accessible, and nothing moves', async (path, colorScheme) => {
    const { page, shifts, end } = await open(pathOf(path), { colorScheme })
    if (path === 'verify') await page.getByText('believes the one that the server gives').waitFor()
    if (path === 'checkpoints?compare') await green(page).waitFor()
    expect(await shifts()).toEqual({ total: 0, moved: [] })
    if (path === 'verify') {
      await drop(page, ['package-lock.json', await lockfile(HONEST, (packages) => {
        packages['node_modules/tiny-color']!.integrity = `sha512-${randomBytes(64).toString('base64')}`
      })])
      await start(page)
      await page.getByText('One package differs').waitFor()
    }
    expect(await violations(page, { colorScheme })).toEqual([])
    await end()
  })

  it.each(PAGES)('%s fit on a phone', async (path) => {
    const { page, shifts, end } = await open(pathOf(path), { viewport: PHONE })
    if (path === 'verify') await page.getByText('believes the one that the server gives').waitFor()
    if (path === 'checkpoints?compare') await green(page).waitFor()
    expect(await shifts()).toEqual({ total: 0, moved: [] })
    if (path === 'verify') {
      await drop(page, ['package-lock.json', await lockfile(HONEST)])
      await start(page)
      await green(page).waitFor()
    }
    expect(await width(page)).toBe(PHONE.width)
    await end()
  })

  it('say without JavaScript what they have, and claim nothing', async () => {
    const { page, end } = await open(pathOf('checkpoints?compare'), { javaScriptEnabled: false })
    expect(await page.getByRole('row').count()).toBeGreaterThan(20)
    expect(await page.locator('main').innerText()).toContain('Nothing on this page was verified by your browser')
    expect(await green(page).count()).toBe(0)
    for (const path of ['tiles', 'verify']) {
      await page.goto(demo.server.url + path)
      expect(await page.locator('main').innerText()).toMatch(path === 'tiles' ? /Tile 1 of level 0/ : /npm run lockfile:verify/)
      expect(await page.getByRole('button', { name: /verify/i }).isVisible().catch(() => false)).toBe(false)
    }
    await end()
  })
})
