import { expect, it } from 'vitest'
import { linkTargets } from '../../../server/packument/links.ts'
import type { Manifest } from '../../../server/packument/types.ts'

const manifest = (json: string) => JSON.parse(`{ "name": "x", "version": "1.0.0", "dist": { "tarball": "" }, ${json} }`) as Manifest
const targetOf = (name: string, spec: unknown) => linkTargets(manifest(`"dependencies": ${JSON.stringify({ [name]: spec })}`))

it.each(['^1.0.0', '1.x || >=2.0.0 <3', '', '*', 'latest', 'next-7', ' ^1', 1, null, {}, ['1.0.0']])('%j is resolved by a registry under its own name', (spec) => {
  expect(targetOf('dep', spec)).toEqual(['dep'])
})

it.each([
  ['npm:other', 'other'], ['npm:other@^1.0.0', 'other'], ['npm:@s/other@latest', '@s/other'], ['npm:@s/other', '@s/other'], ['npm:other@', 'other'],
  ['npm:__proto__@1', '__proto__'],
])('%s leads to %s', (spec, target) => {
  expect(targetOf('dep', spec)).toEqual([target])
})

it.each([
  'git+https://git.example/x.git', 'git://git.example/x', 'https://host.example/x.tgz', 'http://host.example/x', 'user/repo', 'github:user/repo', 'gist:11081aaa281',
  'git@git.example:x.git', 'file:../x', '../x', './x', '.', '/x', '~/x', '..\\x', 'C:\\x', 'x.tgz', 'x.TAR.GZ', 'x.tar', 'jsr:@s/x@1', 'workspace:*', 'link:../x',
  'npm:other@https://host.example/x', 'npm:a/b', 'npm:', 'npm:npm:x', 'NPM:other', 'npm: @s/x',
])('%s is nothing that a registry resolves', (spec) => {
  expect(targetOf('dep', spec)).toEqual([`!dep@${spec}`])
})

it('names each target once, of everything that an installation follows', () => {
  const targets = linkTargets(manifest(`
    "dependencies": { "a": "1", "b": "npm:c@1" }, "optionalDependencies": { "a": "1", "d": "1" }, "peerDependencies": { "c": "1", "e": "1" },
    "devDependencies": { "f": "1" }
  `))
  expect(targets).toEqual(['a', 'c', 'd', 'e'])
})

it('takes names of JavaScript for names, and nonsense for nothing', () => {
  expect(linkTargets(manifest('"dependencies": { "__proto__": "1", "constructor": "2", "toString": "git://x" }'))).toEqual(['__proto__', 'constructor', '!toString@git://x'])
  for (const nonsense of ['null', '[]', '"x"', '7']) expect(linkTargets(manifest(`"dependencies": ${nonsense}`))).toEqual([])
  expect(targetOf('dep', `https://${'x'.repeat(5_000)}`)[0]).toHaveLength(200)
})
