/** Keys of the texts of the page about it all, in their order there. An id is also the anchor of its text. */

/** What is checked, what that proves, and what not. */
export const CHECKS = [
  {
    id: 'checkpoint', name: 'registry.about.proves.rows.checkpoint.name', yes: 'registry.about.proves.rows.checkpoint.yes',
    no: 'registry.about.proves.rows.checkpoint.no',
  },
  {
    id: 'consistency', name: 'registry.about.proves.rows.consistency.name', yes: 'registry.about.proves.rows.consistency.yes',
    no: 'registry.about.proves.rows.consistency.no',
  },
  {
    id: 'inclusion', name: 'registry.about.proves.rows.inclusion.name', yes: 'registry.about.proves.rows.inclusion.yes',
    no: 'registry.about.proves.rows.inclusion.no',
  },
  {
    id: 'digest', name: 'registry.about.proves.rows.digest.name', yes: 'registry.about.proves.rows.digest.yes',
    no: 'registry.about.proves.rows.digest.no',
  },
  {
    id: 'signature', name: 'registry.about.proves.rows.signature.name', yes: 'registry.about.proves.rows.signature.yes',
    no: 'registry.about.proves.rows.signature.no',
  },
  {
    id: 'manifest', name: 'registry.about.proves.rows.manifest.name', yes: 'registry.about.proves.rows.manifest.yes',
    no: 'registry.about.proves.rows.manifest.no',
  },
  {
    id: 'tarball', name: 'registry.about.proves.rows.tarball.name', yes: 'registry.about.proves.rows.tarball.yes',
    no: 'registry.about.proves.rows.tarball.no',
  },
  {
    id: 'agreement', name: 'registry.about.proves.rows.agreement.name', yes: 'registry.about.proves.rows.agreement.yes',
    no: 'registry.about.proves.rows.agreement.no',
  },
] as const

/** Who could lie, about what, how it is seen, and what remains. */
export const PARTIES = [
  {
    id: 'publisher', who: 'registry.about.liars.rows.publisher.who', could: 'registry.about.liars.rows.publisher.could',
    seen: 'registry.about.liars.rows.publisher.seen', rest: 'registry.about.liars.rows.publisher.rest',
  },
  {
    id: 'registry', who: 'registry.about.liars.rows.registry.who', could: 'registry.about.liars.rows.registry.could',
    seen: 'registry.about.liars.rows.registry.seen', rest: 'registry.about.liars.rows.registry.rest',
  },
  {
    id: 'mirror', who: 'registry.about.liars.rows.mirror.who', could: 'registry.about.liars.rows.mirror.could',
    seen: 'registry.about.liars.rows.mirror.seen', rest: 'registry.about.liars.rows.mirror.rest',
  },
  {
    id: 'proxy', who: 'registry.about.liars.rows.proxy.who', could: 'registry.about.liars.rows.proxy.could',
    seen: 'registry.about.liars.rows.proxy.seen', rest: 'registry.about.liars.rows.proxy.rest',
  },
  {
    id: 'log', who: 'registry.about.liars.rows.log.who', could: 'registry.about.liars.rows.log.could',
    seen: 'registry.about.liars.rows.log.seen', rest: 'registry.about.liars.rows.log.rest',
  },
  {
    id: 'network', who: 'registry.about.liars.rows.network.who', could: 'registry.about.liars.rows.network.could',
    seen: 'registry.about.liars.rows.network.seen', rest: 'registry.about.liars.rows.network.rest',
  },
] as const

/** Questions, by what they are about. */
export const QUESTIONS = [
  {
    id: 'what',
    heading: 'registry.about.faq.groups.what',
    items: [
      { id: 'failures', question: 'registry.about.faq.items.failures.q', answer: 'registry.about.faq.items.failures.a' },
      { id: 'unsolved', question: 'registry.about.faq.items.unsolved.q', answer: 'registry.about.faq.items.unsolved.a' },
      { id: 'gain', question: 'registry.about.faq.items.gain.q', answer: 'registry.about.faq.items.gain.a' },
      { id: 'proxy', question: 'registry.about.faq.items.proxy.q', answer: 'registry.about.faq.items.proxy.a' },
      { id: 'lockfile', question: 'registry.about.faq.items.lockfile.q', answer: 'registry.about.faq.items.lockfile.a' },
      { id: 'urls', question: 'registry.about.faq.items.urls.q', answer: 'registry.about.faq.items.urls.a' },
      { id: 'goal', question: 'registry.about.faq.items.goal.q', answer: 'registry.about.faq.items.goal.a' },
    ],
  },
  {
    id: 'trust',
    heading: 'registry.about.faq.groups.trust',
    items: [
      { id: 'root', question: 'registry.about.faq.items.root.q', answer: 'registry.about.faq.items.root.a' },
      { id: 'keyid', question: 'registry.about.faq.items.keyid.q', answer: 'registry.about.faq.items.keyid.a' },
      { id: 'proves', question: 'registry.about.faq.items.proves.q', answer: 'registry.about.faq.items.proves.a' },
      { id: 'notProves', question: 'registry.about.faq.items.notProves.q', answer: 'registry.about.faq.items.notProves.a' },
      { id: 'safety', question: 'registry.about.faq.items.safety.q', answer: 'registry.about.faq.items.safety.a' },
      { id: 'wraps', question: 'registry.about.faq.items.wraps.q', answer: 'registry.about.faq.items.wraps.a' },
      { id: 'sumdb', question: 'registry.about.faq.items.sumdb.q', answer: 'registry.about.faq.items.sumdb.a' },
      { id: 'lies', question: 'registry.about.faq.items.lies.q', answer: 'registry.about.faq.items.lies.a' },
    ],
  },
  {
    id: 'decentral',
    heading: 'registry.about.faq.groups.decentral',
    items: [
      { id: 'what', question: 'registry.about.faq.items.what.q', answer: 'registry.about.faq.items.what.a' },
      { id: 'today', question: 'registry.about.faq.items.today.q', answer: 'registry.about.faq.items.today.a' },
      { id: 'first', question: 'registry.about.faq.items.first.q', answer: 'registry.about.faq.items.first.a' },
      { id: 'mirror', question: 'registry.about.faq.items.mirror.q', answer: 'registry.about.faq.items.mirror.a' },
      { id: 'names', question: 'registry.about.faq.items.names.q', answer: 'registry.about.faq.items.names.a' },
      { id: 'conflict', question: 'registry.about.faq.items.conflict.q', answer: 'registry.about.faq.items.conflict.a' },
      { id: 'central', question: 'registry.about.faq.items.central.q', answer: 'registry.about.faq.items.central.a' },
      { id: 'who', question: 'registry.about.faq.items.who.q', answer: 'registry.about.faq.items.who.a' },
      { id: 'multi', question: 'registry.about.faq.items.multi.q', answer: 'registry.about.faq.items.multi.a' },
      { id: 'next', question: 'registry.about.faq.items.next.q', answer: 'registry.about.faq.items.next.a' },
    ],
  },
  {
    id: 'everyday',
    heading: 'registry.about.faq.groups.everyday',
    items: [
      { id: 'maintainers', question: 'registry.about.faq.items.maintainers.q', answer: 'registry.about.faq.items.maintainers.a' },
      { id: 'scripts', question: 'registry.about.faq.items.scripts.q', answer: 'registry.about.faq.items.scripts.a' },
      { id: 'unpublish', question: 'registry.about.faq.items.unpublish.q', answer: 'registry.about.faq.items.unpublish.a' },
      { id: 'works', question: 'registry.about.faq.items.works.q', answer: 'registry.about.faq.items.works.a' },
      { id: 'unsupported', question: 'registry.about.faq.items.unsupported.q', answer: 'registry.about.faq.items.unsupported.a' },
      { id: 'plain', question: 'registry.about.faq.items.plain.q', answer: 'registry.about.faq.items.plain.a' },
      { id: 'mirrors', question: 'registry.about.faq.items.mirrors.q', answer: 'registry.about.faq.items.mirrors.a' },
      { id: 'prototype', question: 'registry.about.faq.items.prototype.q', answer: 'registry.about.faq.items.prototype.a' },
      { id: 'installTime', question: 'registry.about.faq.items.installTime.q', answer: 'registry.about.faq.items.installTime.a' },
      { id: 'locked', question: 'registry.about.faq.items.locked.q', answer: 'registry.about.faq.items.locked.a' },
    ],
  },
] as const

/** What words mean here. */
export const WORDS = [
  { id: 'registry', word: 'registry.about.glossary.items.registry.w', meaning: 'registry.about.glossary.items.registry.d' },
  { id: 'authority', word: 'registry.about.glossary.items.authority.w', meaning: 'registry.about.glossary.items.authority.d' },
  { id: 'mirror', word: 'registry.about.glossary.items.mirror.w', meaning: 'registry.about.glossary.items.mirror.d' },
  { id: 'route', word: 'registry.about.glossary.items.route.w', meaning: 'registry.about.glossary.items.route.d' },
  { id: 'packument', word: 'registry.about.glossary.items.packument.w', meaning: 'registry.about.glossary.items.packument.d' },
  { id: 'record', word: 'registry.about.glossary.items.record.w', meaning: 'registry.about.glossary.items.record.d' },
  { id: 'log', word: 'registry.about.glossary.items.log.w', meaning: 'registry.about.glossary.items.log.d' },
  { id: 'leaf', word: 'registry.about.glossary.items.leaf.w', meaning: 'registry.about.glossary.items.leaf.d' },
  { id: 'checkpoint', word: 'registry.about.glossary.items.checkpoint.w', meaning: 'registry.about.glossary.items.checkpoint.d' },
  { id: 'tile', word: 'registry.about.glossary.items.tile.w', meaning: 'registry.about.glossary.items.tile.d' },
  { id: 'proof', word: 'registry.about.glossary.items.proof.w', meaning: 'registry.about.glossary.items.proof.d' },
  { id: 'witness', word: 'registry.about.glossary.items.witness.w', meaning: 'registry.about.glossary.items.witness.d' },
  { id: 'evidence', word: 'registry.about.glossary.items.evidence.w', meaning: 'registry.about.glossary.items.evidence.d' },
  { id: 'incident', word: 'registry.about.glossary.items.incident.w', meaning: 'registry.about.glossary.items.incident.d' },
  { id: 'conflict', word: 'registry.about.glossary.items.conflict.w', meaning: 'registry.about.glossary.items.conflict.d' },
  { id: 'withdrawn', word: 'registry.about.glossary.items.withdrawn.w', meaning: 'registry.about.glossary.items.withdrawn.d' },
  { id: 'view', word: 'registry.about.glossary.items.view.w', meaning: 'registry.about.glossary.items.view.d' },
  {
    id: 'preferences', word: 'registry.about.glossary.items.preferences.w',
    meaning: 'registry.about.glossary.items.preferences.d',
  },
] as const
