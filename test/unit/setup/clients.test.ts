import { expect, it } from 'vitest'
import { tokenSetups } from '../../../app/setup/clients.ts'

const TOKEN = 'npmx_0123'
const of = (id: string, place: 'file' | 'environment', url = 'https://registry.example/npm/') =>
  tokenSetups(url, TOKEN, place).find(client => client.id === id)!.snippets

it('puts a token into the file', () => {
  const npmrc = ['registry=https://registry.example/npm/', `//registry.example/npm/:_authToken=${TOKEN}`]
  expect(of('npm', 'file')).toEqual([{ file: '~/.npmrc', lines: npmrc }])
  expect(of('pnpm', 'file')).toEqual([{ file: '~/.npmrc', lines: npmrc }])
  expect(of('yarn1', 'file')).toEqual([{ file: '~/.npmrc', lines: [...npmrc, 'always-auth=true'] }])
  expect(of('yarn', 'file')[0]!.lines).toEqual(['npmRegistryServer: "https://registry.example/npm/"', `npmAuthToken: "${TOKEN}"`, 'npmAlwaysAuth: true'])
  // Where it looks whatever XDG_CONFIG_HOME says: its own file for all projects is elsewhere then.
  expect(of('bun', 'file')).toEqual([{ file: '~/.npmrc', lines: npmrc }])
})

it('keeps it out of the file', () => {
  for (const id of ['npm', 'pnpm', 'yarn1', 'yarn', 'bun']) {
    const [file, shell] = of(id, 'environment')
    expect(file!.lines.join('\n')).not.toContain(TOKEN)
    expect(file!.lines.join('\n')).toContain('${NPM_TOKEN}')
    expect(shell).toEqual({ lines: [`export NPM_TOKEN=${TOKEN}`] })
  }
})

it('allows plain HTTP where Yarn has to be told', () => {
  expect(of('yarn', 'file', 'http://127.0.0.1:3000/npm/')[0]!.lines).toContain('unsafeHttpWhitelist: ["127.0.0.1"]')
})
