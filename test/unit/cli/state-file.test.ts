import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { defaultStatePath, openStateFile, stateDirectory, vkeyOf } from '../../../cli/state-file.ts'
import { StateError } from '../../../shared/sumdb/index.ts'
import { formatVkey } from '../../../shared/tlog/index.ts'

const VKEY = formatVkey('sum.example', 1, new Uint8Array(32))
const OTHER = formatVkey('sum.example', 1, new Uint8Array(32).fill(1))

let path: string
beforeEach(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'state-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  path = join(directory, 'below', 'log.json')
})

describe('the state directory', () => {
  it('is the user\'s', () => {
    expect(stateDirectory({ XDG_STATE_HOME: '/state' })).toBe('/state/npmx-registry')
    expect(stateDirectory({ XDG_STATE_HOME: 'state' })).toMatch(/^\/.*\/\.local\/state\/npmx-registry$/)
    expect(stateDirectory({})).toMatch(/\/\.local\/state\/npmx-registry$/)
  })

  it('has a file for each origin and key', () => {
    const paths = [VKEY, OTHER, formatVkey('../../etc/sum', 1, new Uint8Array(32))].map(vkey => defaultStatePath(vkey, '/s'))
    expect(new Set(paths).size).toBe(3)
    expect(paths.map(dirname)).toEqual(['/s', '/s', '/s'])
    expect(paths[0]).toMatch(/^\/s\/sum\.example\+[0-9a-f]{8}\.json$/)
  })
})

describe('a state file', () => {
  it('remembers, for its owner only', async () => {
    const { heads, ...state } = openStateFile(path, VKEY)
    expect(await heads.read()).toBeUndefined()
    expect(await state.verified()).toBe(0)
    expect(await heads.replace(undefined, 'one\n')).toBe(true)
    await state.setVerified(7)
    expect(await heads.replace('one\n', 'two\n')).toBe(true)

    const again = openStateFile(path, VKEY)
    expect(await again.heads.read()).toBe('two\n')
    expect(await again.verified()).toBe(7)
    expect(await vkeyOf(path)).toBe(VKEY)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readdir(dirname(path))).toEqual(['log.json'])
  })

  it('does not lose what another program saw', async () => {
    const [one, other] = [openStateFile(path, VKEY), openStateFile(path, VKEY)]
    await one.heads.replace(undefined, 'one\n')
    expect(await other.heads.replace(undefined, 'other\n')).toBe(false)
    expect(await other.heads.read()).toBe('one\n')
  })

  it('is not another log\'s', async () => {
    await openStateFile(path, VKEY).heads.replace(undefined, 'one\n')
    const other = openStateFile(path, OTHER)
    await expect(other.heads.read()).rejects.toThrow(StateError)
    await expect(other.heads.replace(undefined, 'other\n')).rejects.toThrow(`${path} remembers another log`)
    await expect(other.setVerified(1)).rejects.toThrow(StateError)
    expect(await readFile(path, 'utf8')).toContain(VKEY)
  })

  it.each(['', '{', '[]', 'null', '{}', '{"vkey":1}', '{"vkey":"x","checkpoint":1}', '{"vkey":"x","verified":-1}', '{"vkey":"x","verified":"1"}'])(
    'that holds %j is not taken for an empty one', async (content) => {
      await openStateFile(path, VKEY).setVerified(1)
      await writeFile(path, content)
      await expect(openStateFile(path, VKEY).heads.read()).rejects.toThrow(`${path} is damaged. Restore it, or delete it`)
      await expect(vkeyOf(path)).rejects.toThrow(StateError)
    },
  )
})
