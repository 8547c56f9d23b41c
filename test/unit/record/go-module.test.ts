import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RecordError, goLookupPath, goModulePath, parseGoLookup } from '../../../shared/record/index.ts'
import { packageName, packageVersion } from './arbitraries.ts'

const hex = (name: string) => `hex.npm.npmx.dev/${Buffer.from(name).toString('hex')}`

describe('goModulePath', () => {
  it.each([
    ['is-number', 'npm.npmx.dev/is-number'],
    ['@nuxt/ui', 'npm.npmx.dev/nuxt/ui'],
    ['JSONStream', 'npm.npmx.dev/JSONStream'],
    ['lodash.merge', 'npm.npmx.dev/lodash.merge'],
    ['v2', 'npm.npmx.dev/v2'],
    ['v8', 'npm.npmx.dev/v8'],
    ['v10', 'npm.npmx.dev/v10'],
    ['v', 'npm.npmx.dev/v'],
    ['v1x', 'npm.npmx.dev/v1x'],
    ['v0', hex('v0')],
    ['v01', hex('v01')],
    ['v1', hex('v1')],
    ['v1.2', hex('v1.2')],
    ['@s/v1', hex('@s/v1')],
    ['@v1/s', 'npm.npmx.dev/v1/s'],
    ['_x', 'npm.npmx.dev/_x'],
    ['-x', 'npm.npmx.dev/-x'],
    ['a..b', 'npm.npmx.dev/a..b'],
    ['0', 'npm.npmx.dev/0'],
    ['~', 'npm.npmx.dev/~'],
    ['a~b', 'npm.npmx.dev/a~b'],
    ['a~1', hex('a~1')],
    ['a~1.js', hex('a~1.js')],
    ['a.b~1', 'npm.npmx.dev/a.b~1'],
    ['nul', hex('nul')],
    ['NUL', hex('NUL')],
    ['nul.js', hex('nul.js')],
    ['@con/x', hex('@con/x')],
    ['com1', hex('com1')],
    ['com0', 'npm.npmx.dev/com0'],
    ['console', 'npm.npmx.dev/console'],
    ['x.', hex('x.')],
    ['@.x/y', hex('@.x/y')],
    ['hey!', hex('hey!')],
    ['@s/it\'s', hex('@s/it\'s')],
  ])('%s is %s', (name, path) => {
    expect(goModulePath(name)).toBe(path)
  })

  it('refuses what is no name', () => {
    for (const name of ['', '..', '@s', 'a/b', 'é']) expect(() => goModulePath(name)).toThrow(RecordError)
  })
})

describe('goLookupPath and parseGoLookup', () => {
  it.each([
    ['is-number', '7.0.0', 'npm.npmx.dev/is-number@7.0.0'],
    ['JSONStream', '1.3.5', 'npm.npmx.dev/!j!s!o!n!stream@1.3.5'],
    ['x', '1.0.0-RC1+Build', 'npm.npmx.dev/x@1.0.0-!r!c1+!build'],
    ['hey!', '1.0.0', 'hex.npm.npmx.dev/68657921@1.0.0'],
  ])('%s %s is %s', (name, version, path) => {
    expect(goLookupPath(name, version)).toBe(path)
    expect(parseGoLookup(path)).toStrictEqual({ name, version })
  })

  it.each([
    ['nothing', ''],
    ['no version', 'npm.npmx.dev/is-number'],
    ['an empty version', 'npm.npmx.dev/is-number@'],
    ['no name', 'npm.npmx.dev/@1.0.0'],
    ['a tag', 'npm.npmx.dev/is-number@latest'],
    ['another host', 'github.com/x/y@1.0.0'],
    ['a capital that is not escaped', 'npm.npmx.dev/JSONStream@1.3.5'],
    ['a capital host', 'NPM.npmx.dev/x@1.0.0'],
    ['an escaped host', '!n!p!m.npmx.dev/x@1.0.0'],
    ['an escape of nothing', 'npm.npmx.dev/x!@1.0.0'],
    ['an escaped digit', 'npm.npmx.dev/x!1@1.0.0'],
    ['a double escape', 'npm.npmx.dev/!!x@1.0.0'],
    ['percent-encoding', 'npm.npmx.dev/%69s-number@7.0.0'],
    ['hexadecimal that is not needed', 'hex.npm.npmx.dev/69732d6e756d626572@7.0.0'],
    ['capital hexadecimal', 'hex.npm.npmx.dev/6865792!A@1.0.0'],
    ['half a byte', 'hex.npm.npmx.dev/6865792@1.0.0'],
    ['hexadecimal of no name', 'hex.npm.npmx.dev/2e2e@1.0.0'],
    ['no hexadecimal', 'hex.npm.npmx.dev/zz@1.0.0'],
    ['a name that needs hexadecimal', 'npm.npmx.dev/nul@1.0.0'],
    ['three segments', 'npm.npmx.dev/a/b/c@1.0.0'],
    ['an empty segment', 'npm.npmx.dev//a@1.0.0'],
    ['a scope\'s sign', 'npm.npmx.dev/@a/b@1.0.0'],
    ['two versions', 'npm.npmx.dev/a@1.0.0@1.0.0'],
    ['a go.mod', 'npm.npmx.dev/a@1.0.0/go.mod'],
  ])('%s is no path of a version', (_, path) => {
    expect(parseGoLookup(path)).toBeUndefined()
  })

  it('know every name and version', () => {
    fc.assert(fc.property(packageName, packageVersion, (name, version) => {
      const path = goLookupPath(name, version)
      expect(parseGoLookup(path)).toStrictEqual({ name, version })
      // Go cannot keep capitals apart on every disk; our paths have none.
      expect(path).toMatch(/^(?:hex\.)?npm\.npmx\.dev\/[\da-z!._~/-]+@[\da-z!.+_-]+$/)
    }), { numRuns: 3_000 })
  })

  it('give no two names one path, not even where case does not count', () => {
    fc.assert(fc.property(packageName, packageName, (one, other) => {
      fc.pre(one !== other)
      expect(goLookupPath(one, '1.0.0')).not.toBe(goLookupPath(other, '1.0.0'))
    }), { numRuns: 3_000 })
  })

  it('accept one path only', () => {
    const element = fc.string({ unit: fc.constantFrom(...'aA!~.1@/-%v'), maxLength: 6 })
    const path = fc.tuple(fc.constantFrom('npm.npmx.dev/', 'hex.npm.npmx.dev/'), element, element).map(([host, name, version]) => `${host}${name}@1${version}`)
    fc.assert(fc.property(fc.oneof(path, fc.string()), (path) => {
      const found = parseGoLookup(path)
      if (found) expect(goLookupPath(found.name, found.version)).toBe(path)
    }), { numRuns: 5_000 })
  })
})
