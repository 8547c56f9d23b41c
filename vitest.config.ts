import { defineConfig } from 'vitest/config'

/**
 * What talks to real processes under real deadlines runs a second time before it counts as failed; the summary names it. Not so
 * what looks for rare faults: there, one failure in a hundred is the finding.
 */
const SECOND_TRY = { retry: 1 }

/**
 * Projects by what they need: nothing, our built server, processes to kill, Go, real npm clients, a real browser, apps that
 * extend ours. One group after the other, so that what measures time does not compete with what burns it.
 */
export default defineConfig({
  test: {
    reporters: ['default', './test/summary.ts'],
    maxWorkers: 2,
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 20_000, sequence: { groupOrder: 1 } } },
      {
        test: {
          name: 'integration',
          ...SECOND_TRY,
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          name: 'interop',
          include: ['test/interop/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 4 },
        },
      },
      {
        test: {
          name: 'clients',
          ...SECOND_TRY,
          include: ['test/clients/**/*.test.ts', 'test/attacks/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 5 },
        },
      },
      {
        test: {
          name: 'browser',
          ...SECOND_TRY,
          include: ['test/browser/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 6 },
        },
      },
      {
        test: {
          name: 'mount',
          ...SECOND_TRY,
          include: ['test/mount/**/*.test.ts'],
          testTimeout: 120_000,
          // Builds two apps.
          hookTimeout: 600_000,
          sequence: { groupOrder: 7 },
        },
      },
    ],
  },
})
