import { defineConfig } from 'drizzle-kit'

/** `npm run db:generate` writes the next migration after a change of the schema. */
export default defineConfig({
  dialect: 'turso',
  schema: './server/database/schema.ts',
  out: './server/database/migrations',
})
