/**
 * Starts the built server with the settings that keep its memory small, in the same process:
 *
 *     node scripts/serve.js [.output/server/index.mjs]
 *
 * - Short-lived objects die in 16 MB of young generation; by default it grows to 64 MB and stays there.
 * - glibc learns from large buffers to keep what is freed, about 100 MB once some packuments of 10 MB went through. Fixed
 *   thresholds give it back to the system.
 */
import { resolve } from 'node:path'
import process from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'

const entry = resolve(process.argv[2] ?? fileURLToPath(new URL('../.output/server/index.mjs', import.meta.url)))
const env = { MALLOC_MMAP_THRESHOLD_: '262144', MALLOC_TRIM_THRESHOLD_: '262144', ...process.env }

// Both are read once, when a process begins, so this one begins again. Windows cannot do that, and runs without.
if (process.execve && process.platform !== 'win32') {
  process.execve(process.execPath, [process.execPath, '--max-semi-space-size=16', entry], env)
}
await import(pathToFileURL(entry).href)
