import { expect, it } from 'vitest'
import type { RegistryConfig } from '../../../server/config/types.ts'
import { createForeignHosts } from '../../../server/verify/foreign-hosts.ts'
import { claim, createBench, summary, upstream, type Bench } from './bench.ts'

const mirror: RegistryConfig = { ...upstream().registry, id: 'm1', url: 'https://m1.example:8443/npm/', role: 'mirror', of: 'npm' }
const bench = (): Bench => createBench({
  stepsOf: ({ incidents, observer }) =>
    ({ rules: [createForeignHosts({ registries: [upstream().registry, mirror], incidents, observer })] }),
})
const document = (...tarballs: string[]) =>
  summary(Object.fromEntries(tarballs.map((tarball, n) => [`1.0.${n}`, claim(String(n), { tarball })])))

it.each([
  'https://npm.example/x/-/x-1.0.0.tgz', 'http://npm.example/x/-/x-1.0.0.tgz', 'https://npm.example:443/x.tgz', 'https://m1.example:8443/npm/x.tgz', '/x/-/x.tgz', 'x.tgz',
])('%s is where a configured registry lives', async (tarball) => {
  const { judge, incidents } = bench()
  expect((await judge(upstream(), document(tarball))).withheld.size).toBe(0)
  expect(incidents).toEqual([])
})

it.each([
  ['https://cdn.example/x.tgz', 'cdn.example'], ['http://169.254.169.254/latest/meta-data', '169.254.169.254'], ['//evil.example/x', 'evil.example'],
  ['https://npm.example.evil.example/x', 'npm.example.evil.example'], ['https://npm.example@evil.example/x', 'evil.example'], ['https://m1.example/npm/x.tgz', 'm1.example'],
  ['file:///etc/passwd', 'file:'], ['data:,x', 'data:'], ['http://', 'no URL'],
])('%s is an incident of %s, and the version is served', async (tarball, host) => {
  const { judge, incidents } = bench()
  expect((await judge(upstream(), document('https://npm.example/x.tgz', tarball))).withheld.size).toBe(0)
  expect(incidents).toMatchObject([{
    kind: 'foreign-host', cause: `foreign-host pkg:npm/x ${host} npm`, subject: 'pkg:npm/x', source: 'npm', isPrivate: false,
    sentence: expect.stringContaining(`the tarball of x@1.0.1 is at "${host}"`),
    evidence: { claimed: { tarball }, details: { version: '1.0.1', host }, asked: { source: 'npm' } },
  }])
})

it('many versions at one host are one incident, and many hosts are only some', async () => {
  const { judge, incidents } = bench()
  await judge(upstream(), document(...Array.from({ length: 50 }, (_, n) => `https://cdn.example/${n}.tgz`)))
  expect(incidents).toHaveLength(1)
  await judge(upstream(), document(...Array.from({ length: 50 }, (_, n) => `https://cdn${n}.example/x.tgz`)))
  await judge(upstream(), document(...Array.from({ length: 50 }, (_, n) => `https://more${n}.example/x.tgz`)))
  expect(incidents).toHaveLength(10)
})
