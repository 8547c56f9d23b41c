import { expect, it } from 'vitest'
import { parsePackument } from '../../../server/packument/parse.ts'
import { render } from '../../../server/packument/render.ts'
import type { Rendering } from '../../../server/packument/types.ts'

const dist = { tarball: 'https://npm.example/x.tgz', integrity: `sha512-${Buffer.alloc(64).toString('base64')}` }
const theirs = { keyid: 'SHA256:theirs', sig: 'AAAA' }
const document = {
  name: 'x', versions: {
    '1.0.0': { name: 'x', version: '1.0.0', dist },
    '1.1.0': { name: 'x', version: '1.1.0', dist: { ...dist, signatures: [theirs] } },
    '1.2.0': { name: 'x', version: '1.2.0', dist: { ...dist, signatures: 'none' } },
    '1.3.0': { name: 'x', version: '1.3.0', dist },
  },
}
const { packument } = parsePackument(Buffer.from(JSON.stringify(document)), 'x')
const added = new Map(['1.0.0', '1.1.0', '1.2.0'].map(version => [version, { keyid: 'SHA256:ours', signature: `sig of ${version}` }]))
const ours = (version: string) => ({ keyid: 'SHA256:ours', sig: `sig of ${version}` })
const tarballs: Rendering['tarballs'] = { base: 'http://proxy.example/', keep: 'https://npm.example' }

interface Rendered { versions: Record<string, { dist: object }> }

it.each(['full', 'corgi'] as const)('are appended in %s documents; none is replaced', (form) => {
  const { versions } = JSON.parse(render(packument, { form, tarballs }, undefined, added).toString()) as Rendered
  expect(versions['1.0.0']!.dist).toEqual({ ...dist, signatures: [ours('1.0.0')] })
  expect(versions['1.1.0']!.dist).toEqual({ ...dist, signatures: [theirs, ours('1.1.0')] })
  expect(versions['1.2.0']!.dist).toEqual({ ...dist, signatures: 'none' })
  expect(versions['1.3.0']!.dist).toEqual(dist)
})

it('are appended in manifests, and beside what is left out', () => {
  const manifest = render(packument, { form: 'manifest', version: '1.1.0', tarballs }, undefined, added)
  expect(JSON.parse(manifest.toString())).toEqual({ name: 'x', version: '1.1.0', dist: { ...dist, signatures: [theirs, ours('1.1.0')] } })
  const omissions = { versions: new Set(['1.0.0']), tags: {} }
  const { versions } = JSON.parse(render(packument, { form: 'full', tarballs }, omissions, added).toString()) as Rendered
  expect(Object.keys(versions)).toEqual(['1.1.0', '1.2.0', '1.3.0'])
})

it('leave the document itself as it was', () => {
  render(packument, { form: 'full', tarballs }, undefined, added)
  expect(JSON.parse(render(packument, { form: 'full', tarballs }).toString())).toMatchObject({ versions: document.versions })
})
