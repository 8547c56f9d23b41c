import { describe, expect, it } from 'vitest'
import { parseContent } from '../../../server/preferences/content.ts'
import { CHOOSABLE } from './fixture.ts'

const parse = (value: unknown, known: string[] = []) => parseContent(value, { choosable: CHOOSABLE, known: new Set(known) })

describe('a profile', () => {
  it.each([
    [{}],
    [{ mirrors: [], disabled: [] }],
    [{ mirrors: ['m2', 'npm', 'acme'], disabled: ['m1'], strategy: 'spread', tarballs: 'self', keys: ['npm', 'acme'] }],
    [{ disabled: ['npm', 'm1', 'm2'] }],
    [{ scopes: { '@acme': { mirrors: ['acme'] }, '@types/*': { strategy: 'fastest' }, 'is-number': { disabled: ['npm'] }, 'acme-*': {}, '*': {}, 'constructor': {} } }],
  ])('may be %j', (content) => {
    expect(parse(content)).toEqual(content)
  })

  it.each<[value: unknown, sentence: string | RegExp]>([
    [undefined, 'content: is missing.'],
    [null, 'content: must be an object.'],
    [[], 'content: must be an object.'],
    [{ mirors: [] }, 'content: "mirors" is an unknown key. Did you mean "mirrors"?'],
    [{ delivery: 'serve' }, 'content: "delivery" is an unknown key. Known are mirrors, disabled, strategy, tarballs, scopes, keys.'],
    [{ policy: {} }, /"policy" is an unknown key/],
    [JSON.parse('{"__proto__":{"mirrors":["m1"]}}'), /"__proto__" is an unknown key/],
    [{ constructor: 1 }, /"constructor" is an unknown key/],
    [{ mirrors: 'm1' }, 'content.mirrors: must be a list of ids.'],
    [{ mirrors: ['m1', 7] }, 'content.mirrors[1]: must be an id.'],
    [{ mirrors: ['m1', 'm1'] }, 'content.mirrors: names an id twice.'],
    [{ mirrors: ['mirror-tree'] }, 'content.mirrors[0]: "mirror-tree" is no registry here. Did you mean "mirror-three"?'],
    [{ disabled: ['elsewhere'] }, 'content.disabled[0]: "elsewhere" is no registry here. There are npm, m1, m2, mirror-three, acme.'],
    [{ mirrors: ['https://other.example/'] }, /is no registry here/],
    [{ mirrors: ['__proto__'] }, /is no registry here/],
    [{ disabled: ['acme'] }, 'content.disabled: would leave nobody to deliver what is at "acme". Leave one of acme.'],
    [{ disabled: ['mirror-three', 'm2', 'm1', 'npm'] }, 'content.disabled: would leave nobody to deliver what is at "npm". Leave one of npm, m1, m2, mirror-three.'],
    [{ strategy: 'random' }, 'content.strategy: "random" is not possible. Use "priority" or "fastest" or "spread".'],
    [{ tarballs: ['self'] }, 'content.tarballs: a list is not possible. Use "auto" or "upstream" or "self".'],
    [{ keys: [] }, 'content.keys: is empty. Leave it out to receive the keys of all.'],
    [{ keys: ['m1'] }, 'content.keys[0]: "m1" is a mirror and has no keys of its own. Name "npm".'],
    [{ keys: ['acmee'] }, 'content.keys[0]: "acmee" is no registry here. Did you mean "acme"?'],
    [{ scopes: [] }, 'content.scopes: must be an object of names and what is chosen for them.'],
    [{ scopes: { '@acme': { tarballs: 'self' } } }, 'content.scopes["@acme"]: "tarballs" is an unknown key. Known are mirrors, disabled, strategy.'],
    [{ scopes: { '@acme': null } }, 'content.scopes["@acme"]: must be an object.'],
    [{ scopes: { '@acme': { mirrors: ['m9'] } } }, /^content\.scopes\["@acme"\]\.mirrors\[0\]: "m9" is no registry here\. Did you mean "m[12]"\?$/],
    [{ scopes: { '@acme': { disabled: ['acme'] } } }, /^content\.scopes\["@acme"\]\.disabled: would leave nobody/],
    [{ scopes: { '@acme': {}, '@acme/*': {} } }, 'content.scopes["@acme/*"]: is the same as "@acme". Remove one of them.'],
    [{ scopes: { '@acme*': {} } }, /^content\.scopes\["@acme\*"\]: .*would match other scopes too/],
    [{ scopes: { '../x': {} } }, /is not a name pattern/],
    [JSON.parse('{"scopes":{"__proto__":{"mirrors":["m1"]}}}'), /is not a name pattern/],
  ])('may not be %j', (value, sentence) => {
    expect(() => parse(value)).toThrow(expect.objectContaining({
      code: 'BAD_REQUEST', message: typeof sentence === 'string' ? sentence : expect.stringMatching(sentence) as string,
    }) as Error)
  })

  it.each<[what: string, value: unknown, sentence: string]>([
    ['ids', { mirrors: Array.from({ length: 101 }, (_, n) => `m${n}`) }, 'content.mirrors: has more than 100 ids.'],
    ['names', { scopes: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`x${n}`, {}])) }, 'content.scopes: has more than 100 names.'],
    ['text', { scopes: Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`${'x'.repeat(190)}${n}`, {}])) }, 'content: is larger than 16384 bytes.'],
  ])('has no endless %s', (_, value, sentence) => {
    expect(() => parse(value)).toThrow(sentence)
  })

  it('cannot find out what only operators know of, and may keep it once it has it', () => {
    for (const content of [{ mirrors: ['vault'] }, { disabled: ['vault-copy'] }, { keys: ['vault'] }, { scopes: { '@vault': { mirrors: ['vault-copy'] } } }]) {
      expect(() => parse(content)).toThrow(/is no registry here/)
      expect(parse(content, ['vault', 'vault-copy'])).toEqual(content)
    }
    // Neither do suggestions tell of it.
    for (const content of [{ mirrors: ['vaul'] }, { disabled: ['vault-cop'] }, { keys: ['vaul'] }]) {
      expect(() => parse(content)).toThrow(/no registry here\. There are npm(?:, m1, m2, mirror-three)?, acme\.$/)
    }
    expect(parse({ mirrors: ['gone'], keys: ['gone'] }, ['gone'])).toEqual({ mirrors: ['gone'], keys: ['gone'] })
  })
})
