import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ProxyConfig, TlsConfig } from './types.ts'
import type { NpmSettings, Setting } from './npm.ts'
import { codeOf } from './credentials.ts'
import { show } from './show.ts'

/** How all registries are reached, by the operator's npm configuration. */
export interface Network {
  tls: Pick<TlsConfig, 'ca' | 'rejectUnauthorized'>
  proxy: ProxyConfig
}

/** `ca`, `cafile`, `strict-ssl`, `proxy`, `https-proxy`, `noproxy`, and the environment's proxy variables that npm honours. */
export async function readNetwork(
  settings: NpmSettings,
  { env, cwd, problems, notices }: { env: NodeJS.ProcessEnv, cwd: string, problems: string[], notices: string[] },
): Promise<Network> {
  const strict = settings.get('strict-ssl')
  if (strict && typeof strict.value !== 'boolean') {
    problems.push(`${strict.origin}: strict-ssl: ${show(strict.value)} is neither true nor false.`)
  }
  if (strict?.value === false) notices.push(`${strict.origin}: strict-ssl=false, so the certificates of registries are not checked.`)
  return {
    tls: { ca: await readCa(settings, cwd, problems), rejectUnauthorized: strict?.value !== false },
    proxy: readProxy(settings, env, problems),
  }
}

/** As in npm, these replace the certificates that Node.js brings, and a file wins over certificates in the setting itself. */
async function readCa(settings: NpmSettings, cwd: string, problems: string[]): Promise<string[] | undefined> {
  const file = settings.get('cafile')
  const inline = settings.get('ca')
  if (file) {
    const path = resolve(cwd, String(file.value))
    try {
      return certificates([await readFile(path, 'utf8')], `${file.origin}: cafile`, problems)
    } catch (error) {
      problems.push(`${file.origin}: cafile: ${show(path)} cannot be read (${codeOf(error)}). Correct the path, or the file's permissions.`)
      return undefined
    }
  }
  if (!inline) return undefined
  // A value without quotes keeps its \n as two characters.
  const texts = [inline.value].flat().map(value => String(value).replaceAll('\\n', '\n'))
  return certificates(texts, `${inline.origin}: ca`, problems)
}

function certificates(texts: string[], where: string, problems: string[]): string[] {
  const found = texts.flatMap(text => text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [])
  if (found.length === 0) problems.push(`${where}: holds no PEM certificate (-----BEGIN CERTIFICATE-----).`)
  found.forEach((pem, index) => {
    try {
      new X509Certificate(pem)
    } catch {
      problems.push(`${where}: certificate ${index + 1} of ${found.length} cannot be read. Export it again in PEM format.`)
    }
  })
  return found
}

/** The setting for one protocol serves the other too, where that has none: npm does so. */
function readProxy(settings: NpmSettings, env: NodeJS.ProcessEnv, problems: string[]): ProxyConfig {
  const proxy = settings.get('proxy')
  if (proxy?.value === false) return {}
  const configured = { http: proxy, https: settings.get('https-proxy') }
  const http = configured.http ?? configured.https ?? fromEnvironment(env, 'HTTP_PROXY')
  const https = configured.https ?? configured.http ?? fromEnvironment(env, 'HTTPS_PROXY')
  const none = settings.get('noproxy') ?? fromEnvironment(env, 'NO_PROXY')
  const noProxy = [none?.value].flat().filter(value => typeof value === 'string').join(',')
  const config: ProxyConfig = {
    http: proxyUrl(http, configured.http ? 'proxy' : configured.https ? 'https-proxy' : '', problems),
    https: proxyUrl(https, configured.https ? 'https-proxy' : configured.http ? 'proxy' : '', problems),
    ...(noProxy !== '' && { noProxy }),
  }
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined))
}

/** May hold credentials: it goes into no message but through `show`. */
function proxyUrl(setting: Setting | undefined, key: string, problems: string[]): string | undefined {
  if (!setting) return undefined
  const { value, origin } = setting
  if (typeof value === 'string' && /^https?:\/\//i.test(value) && URL.canParse(value)) return value
  const problem = `${origin}:${key && ` ${key}:`} ${show(value)} is not an http(s) URL of a proxy. Use http://host:port.`
  if (!problems.includes(problem)) problems.push(problem)
  return undefined
}

function fromEnvironment(env: NodeJS.ProcessEnv, name: string): Setting | undefined {
  const used = [name.toLowerCase(), name].find(variable => env[variable])
  return used === undefined ? undefined : { value: env[used], origin: `environment (${used})` }
}
