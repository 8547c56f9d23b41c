/**
 * Writes the migrations that drizzle-kit made into one module, `server/database/migrations.ts`: a server that is bundled, or
 * mounted from a package, has no folder to read them from.
 */
import { readFileSync, writeFileSync } from 'node:fs'

const folder = new URL('../server/database/migrations/', import.meta.url)
const { entries } = JSON.parse(readFileSync(new URL('meta/_journal.json', folder), 'utf8'))

/** In single quotes, as the rest of the code. */
function quote(text) {
  return `'${text.replaceAll('\\', '\\\\').replaceAll('\'', '\\\'')}'`
}

const migrations = entries.map(({ tag, when }) => {
  const statements = readFileSync(new URL(`${tag}.sql`, folder), 'utf8').split('--> statement-breakpoint')
  const lines = statements.map(statement => `      ${quote(statement.trim().replace(/\s+/g, ' '))},`)
  return ['  {', `    tag: ${quote(tag)},`, `    when: ${when},`, '    statements: [', ...lines, '    ],', '  },'].join('\n')
})

writeFileSync(new URL('../migrations.ts', folder), [
  '// Made by `npm run db:generate` from migrations/*.sql; not to be edited.',
  'export const migrations = [',
  ...migrations,
  ']',
  '',
].join('\n'))
