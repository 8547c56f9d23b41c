import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { directory, findKnown } from '../../../server/directory/index.ts'
import { parseDirectory } from '../../../server/directory/schema.ts'
import { NPM_DEFAULT_REGISTRY } from '../../../server/config/index.ts'

const folder = new URL('../../../server/directory/entries/', import.meta.url)
const ENTRY = { id: 'a', name: 'A', operator: 'A', kind: 'authority', region: 'here', links: {} }

it('has every file, named by its id', () => {
  expect(directory.map(({ id }) => `${id}.json`).toSorted()).toEqual(readdirSync(folder).toSorted())
  expect(directory.length).toBeGreaterThanOrEqual(8)
  expect(findKnown('npm')?.kind).toBe('authority')
  expect(findKnown('unheard-of')).toBeUndefined()
})

it('names no registry\'s host: only npm\'s own default has a URL, which npm\'s library knows', () => {
  const { hostname } = new URL(NPM_DEFAULT_REGISTRY)
  for (const { id, url, links } of directory) {
    expect(readFileSync(new URL(`${id}.json`, folder), 'utf8')).not.toContain(hostname)
    expect(url).toBe(id === 'npm' ? 'npm-default' : undefined)
    for (const link of Object.values(links)) expect(new URL(link!).hostname).not.toMatch(/^(?:npm|registry|mirrors?|repo)\./)
  }
})

it.each([
  [{ ...ENTRY, url: 'https://a.example/' }, /npm-default/],
  [{ ...ENTRY, links: { docs: 'http://a.example/' } }, /https/],
  [{ ...ENTRY, token: 'x' }, /token/],
  [{ ...ENTRY, kind: 'mirror' }, /must name an authority/],
  [{ ...ENTRY, of: 'a' }, /must name an authority/],
  [{ ...ENTRY, id: 'm', kind: 'mirror', of: 'nobody' }, /no authority/],
])('refuses %j', (entry, sentence) => {
  expect(() => parseDirectory([entry])).toThrow(sentence)
})

it('refuses an id twice', () => {
  expect(() => parseDirectory([ENTRY, ENTRY])).toThrow(/two entries "a"/)
})
