import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createRoom, createUpstream, eventually, httpSource, MiB, sourceOf, sri, temporaryDirectory } from './fixture.ts'

test('a stalled reader of 200 MB costs no memory and stops nobody', { timeout: 60_000 }, async () => {
  const size = 200 * MiB
  const { downloads } = await createRoom({ maxTarballSize: size })
  const chunk = Buffer.alloc(MiB, 7)
  const hash = createHash('sha512')
  for (let sent = 0; sent < size; sent += MiB) hash.update(chunk)
  const upstream = await createUpstream((response) => {
    response.setHeader('content-length', size)
    let left = size
    const more = () => {
      if (left === 0) return response.end()
      left -= MiB
      response.write(chunk, more)
    }
    more()
  })

  const before = process.memoryUsage.rss()
  let peak = 0
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss() - before)
  }, 5)
  const download = downloads.fetch(`sha512-${hash.digest('base64')}`, [httpSource(upstream.url)], 'x@1.0.0')
  const stalled = download.reader()
  await once(stalled, 'readable')
  expect(await download.done).toMatchObject({ size })
  clearInterval(watch)
  expect(stalled.readableLength).toBeLessThanOrEqual(128 * 1024)
  expect(peak).toBeLessThan(120 * MiB)

  // It still gets all of it, though the file has lost its name long ago.
  let got = 0
  for await (const part of stalled) got += part.length
  expect(got).toBe(size)
})

test('nothing partial is visible after a kill, and its leftovers are removed', { timeout: 20_000 }, async () => {
  const dir = await temporaryDirectory()
  const child = spawn(process.execPath, [fileURLToPath(new URL('killed.ts', import.meta.url)), dir], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  const data = Buffer.alloc(3 * MiB, 1)
  child.kill('SIGKILL')
  await once(child, 'exit')

  expect((await readdir(`${dir}/tmp`)).filter(name => name.endsWith('.part'))).toHaveLength(1)
  const { store, downloads, spooled } = await createRoom({ dir })
  await store.scanned
  expect(store.stats()).toEqual({ count: 0, bytes: 0 })
  expect(await store.find(sri(data))).toBeUndefined()
  await eventually(async () => (await spooled()).length === 0)
  expect((await buffer(downloads.fetch(sri(data), [sourceOf([data])], 'x@1.0.0').reader())).equals(data)).toBe(true)
})
