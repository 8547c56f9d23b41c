import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** All CSS that a page comes with, in its order: style elements and linked sheets. */
async function stylesOf(html: string, read: (path: string) => Promise<string>): Promise<string[]> {
  const found = html.matchAll(/<style[^>]*>([^]*?)<\/style>|<link(?=[^>]*rel="stylesheet")[^>]*href="([^"]+)"[^>]*>/g)
  return Promise.all([...found].map(([, text, href]) => text ?? read(href!)))
}

/** The CSS of a page that a server answers. */
export async function servedStyles(url: string, path: string): Promise<string[]> {
  const read = async (path: string) => (await fetch(new URL(path, url))).text()
  return stylesOf(await read(path), read)
}

/** The CSS of a page in an app's `.output/public`. */
export async function builtStyles(app: string, path: string): Promise<string[]> {
  const read = (path: string) => readFile(join(app, '.output/public', path), 'utf8')
  return stylesOf(await read(`${path}/index.html`), read)
}
