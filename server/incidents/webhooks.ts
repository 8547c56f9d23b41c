import { and, asc, eq, inArray, isNotNull, lte, min } from 'drizzle-orm'
import type { Dispatcher } from 'undici'
import type { WebhookConfig } from '../config/types.ts'
import { tables, type Database } from '../database/index.ts'
import { deliver } from './delivery.ts'
import { receiverId } from './receivers.ts'
import type { Incidents, StoredIncident } from './types.ts'

/** Tells receivers of incidents, in the background and for as long as it takes. */
export interface Webhooks {
  /** There may be something to deliver. Returns at once. */
  wake(): void
  /** Lets the deliveries that are on their way end; what is left is for the next start. */
  close(): Promise<void>
}

interface WebhooksOptions {
  database: Database
  incidents: Pick<Incidents, 'find'>
  webhooks: readonly WebhookConfig[]
  /** The connection for a receiver. @throws RegistryError `FORBIDDEN_URL` where there must be none */
  routeTo(url: URL): Dispatcher
  /** What a receiver is told of an incident: JSON. */
  bodyOf(incident: StoredIncident): object
  trouble(what: string, error: unknown): void
  now?: () => number
}

const { deliveries } = tables
type Due = Pick<typeof deliveries.$inferSelect, 'incident' | 'receiver' | 'attempts' | 'next'>

/** Milliseconds to the second attempt; each further one takes twice as long… */
const FIRST_RETRY = 1_000
/** …but no longer than this. */
const LONGEST_RETRY = 3_600_000
const MOST_ATTEMPTS = 12
/** Milliseconds since the incident. */
const GIVE_UP_AFTER = 24 * 3_600_000
/** For so long (ms) nobody else attempts a delivery that this process has claimed; longer than an attempt can take. */
const LEASE = 60_000
/** How often (ms) is looked for what another process left behind. */
const POLL = 30_000
/** Receivers that are told at once, one incident after the other each: one that is slow does not make the others wait. */
const AT_ONCE = 4
/** Deliveries that are read at once for each receiver. */
const BATCH = 50

export function createWebhooks(options: WebhooksOptions): Webhooks {
  const { database: { orm }, incidents, webhooks, routeTo, bodyOf, trouble, now = Date.now } = options
  const receivers = new Map(webhooks.map(webhook => [receiverId(webhook), webhook]))
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  let isWoken = false
  let isClosing = false

  /** Only one of several processes gets a delivery: whose update finds the row as it was read. */
  async function claim({ incident, receiver, attempts, next }: Due): Promise<boolean> {
    const claimed = await orm.update(deliveries).set({ attempts: attempts + 1, next: now() + LEASE }).where(and(
      eq(deliveries.incident, incident), eq(deliveries.receiver, receiver),
      eq(deliveries.attempts, attempts), eq(deliveries.next, next!),
    )).returning({ attempts: deliveries.attempts })
    return claimed.length > 0
  }

  async function settle({ incident, receiver, attempts }: Due, outcome: Partial<typeof deliveries.$inferInsert>): Promise<void> {
    // Whoever took longer than the lease has lost the delivery to somebody else.
    await orm.update(deliveries).set(outcome).where(and(
      eq(deliveries.incident, incident), eq(deliveries.receiver, receiver), eq(deliveries.attempts, attempts + 1),
    ))
  }

  async function attempt(due: Due, webhook: WebhookConfig): Promise<void> {
    if (!await claim(due)) return
    const incident = await incidents.find(due.incident)
    if (!incident) return settle(due, { next: null, error: 'There is no such incident.' })
    const error = await deliver(webhook, incident.id, JSON.stringify(bodyOf(incident)), routeTo, now())
    if (error === undefined) return settle(due, { next: null, delivered: now(), error: null })
    const attempts = due.attempts + 1
    const isOver = attempts >= MOST_ATTEMPTS || now() - incident.noticed >= GIVE_UP_AFTER
    await settle(due, { next: isOver ? null : now() + retryIn(attempts), error })
    // The first failure, so that an operator hears of it soon, and the last one.
    if (isOver) trouble(`delivering incident ${incident.id} to the webhook at ${hostOf(webhook)}, given up after ${attempts} attempts`, error)
    else if (attempts === 1) trouble(`delivering incident ${incident.id} to the webhook at ${hostOf(webhook)}, trying again`, error)
  }

  async function serve([receiver, webhook]: [string, WebhookConfig]): Promise<void> {
    while (!isClosing) {
      const due = await orm.select().from(deliveries).where(and(eq(deliveries.receiver, receiver), lte(deliveries.next, now())))
        .orderBy(asc(deliveries.next), asc(deliveries.incident)).limit(BATCH).all()
      if (due.length === 0) return
      for (const one of due) {
        if (isClosing) return
        await attempt(one, webhook)
      }
    }
  }

  async function serveAll(): Promise<void> {
    const queue = receivers.entries()
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
      for (const receiver of queue) {
        await serve(receiver).catch((error: unknown) => trouble('delivering incidents to a webhook', error))
      }
    }))
  }

  /** Milliseconds until something is due. */
  async function wait(): Promise<number> {
    const row = await orm.select({ next: min(deliveries.next) }).from(deliveries)
      .where(and(inArray(deliveries.receiver, [...receivers.keys()]), isNotNull(deliveries.next))).get()
    return Math.min(POLL, Math.max(0, (row?.next ?? Infinity) - now()))
  }

  async function run(): Promise<void> {
    while (isWoken && !isClosing) {
      isWoken = false
      await serveAll()
    }
    if (isClosing) return
    const milliseconds = await wait().catch((error: unknown) => {
      trouble('looking for incidents to deliver', error)
      return POLL
    })
    // Not less than a moment: what fails at once must not be tried in a circle.
    if (!isClosing) timer = setTimeout(wake, Math.max(milliseconds, 50)).unref()
  }

  function wake(): void {
    if (receivers.size === 0 || isClosing) return
    isWoken = true
    if (running) return
    clearTimeout(timer)
    running = run().finally(() => {
      running = undefined
      // It came between the last look and the end.
      if (isWoken) wake()
    })
  }

  return {
    wake,
    async close() {
      isClosing = true
      clearTimeout(timer)
      await running
    },
  }
}

/** Milliseconds from a failed attempt to the next one. @param attempts so far */
export function retryIn(attempts: number): number {
  return Math.min(FIRST_RETRY * 2 ** (attempts - 1), LONGEST_RETRY)
}

function hostOf({ url }: WebhookConfig): string {
  return new URL(url).host
}
