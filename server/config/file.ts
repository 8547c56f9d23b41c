import { stat } from 'node:fs/promises'
import { extname } from 'node:path'
import { SUPPORTED_EXTENSIONS, loadConfig } from 'c12'
import * as v from 'valibot'
import { codeOf } from './credentials.ts'
import { type FileConfig, fileSchema } from './schema.ts'

/**
 * Reads and checks a `REGISTRY_CONFIG` file: JSON, JSONC, JSON5, YAML, TOML, TypeScript or JavaScript.
 * Returns undefined after pushing problems, each beginning with `shown` and the path of the bad value.
 */
export async function readConfigFile(path: string, shown: string, problems: string[]): Promise<FileConfig | undefined> {
  const missing = await whyUnreadable(path)
  if (missing !== undefined) {
    problems.push(`REGISTRY_CONFIG: ${shown} ${missing}`)
    return undefined
  }
  let content: unknown
  try {
    content = await load(path)
  } catch (error) {
    problems.push(`${shown}: ${whyNotLoaded(error)}`)
    return undefined
  }
  const result = v.safeParse(fileSchema, content)
  if (result.success) return result.output
  for (const issue of result.issues) {
    const path = pathOf(issue)
    problems.push(`${shown}: ${path === '' ? '' : `${path}: `}${issue.message}`)
  }
  return undefined
}

async function whyUnreadable(path: string): Promise<string | undefined> {
  try {
    if (!(await stat(path)).isFile()) return 'is not a file. Name a file.'
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? 'does not exist. Name a file that does, or unset the variable.' : `cannot be read (${codeOf(error)}).`
  }
  const extensions = [...SUPPORTED_EXTENSIONS]
  return extensions.includes(extname(path)) ? undefined : `has an unknown extension. Use one of ${extensions.join(' ')}.`
}

async function load(configFile: string): Promise<unknown> {
  const { layers } = await loadConfig({
    configFile,
    configFileRequired: true,
    // One file is the whole configuration: nothing is inherited, fetched or merged.
    extend: false,
    giget: false,
    rcFile: false,
    globalRc: false,
    packageJson: false,
    dotenv: false,
    envName: false,
    // Node.js reads TypeScript by itself, and no compiled copy of a file that may hold a token is left in a cache.
    jitiOptions: { tryNative: /\.[cm]?[jt]s$/.test(configFile), fsCache: false },
  })
  // As it was read: the merged configuration has lost its nulls.
  return layers?.[0]?.config
}

/** Parsers quote what they could not read, which may be next to a token: only the place is repeated, never the text. */
function whyNotLoaded(error: unknown): string {
  const { message, name } = error instanceof Error ? error : new Error(String(error))
  // What the loader stumbles over when a file holds `null` or a number.
  if (error instanceof TypeError && /\$meta|'in' operator/.test(message)) return 'must hold one object.'
  const syntax = error instanceof SyntaxError || name === 'YAMLException' || /^(?:Invalid TOML|ParseError)/.test(message)
  // The loader's second try, with a compiler that a built server does not carry.
  if (message.includes('babel.cjs')) return 'cannot be parsed. Correct its syntax, and use only TypeScript that Node.js runs (no enum, no namespace).'
  if (!syntax) return `cannot be loaded: ${message.split('\n')[0]!.slice(0, 200)}`
  const place = placeOf(error) ?? /line (\d+),? column (\d+)/.exec(message)?.slice(1) ?? /(?:\(| at |:)(\d+):(\d+)/.exec(message)?.slice(1)
  return `cannot be parsed${place ? ` (line ${place[0]}, column ${place[1]})` : ''}. Correct its syntax.`
}

function placeOf(error: unknown): [number, number] | undefined {
  const place = error as { line?: unknown, column?: unknown }
  return typeof place.line === 'number' && typeof place.column === 'number' ? [place.line, place.column] : undefined
}

/** `registries[1].url` */
function pathOf(issue: v.BaseIssue<unknown>): string {
  return (issue.path ?? []).reduce((path, { key }) => {
    if (typeof key === 'number') return `${path}[${key}]`
    const name = /^[\w$@/.-]{1,64}$/.test(String(key)) ? String(key) : JSON.stringify(String(key).slice(0, 64))
    return path === '' ? name : `${path}.${name}`
  }, '')
}
