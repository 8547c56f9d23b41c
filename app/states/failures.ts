import type { FailureCode } from '../verification/steps.ts'

/** Keys of what is wrong in one line, and of what that means. */
export const FAILURES: Readonly<Record<FailureCode, { title: string, meaning: string }>> = {
  UNTRUSTED: { title: 'registry.steps.failures.untrusted.title', meaning: 'registry.steps.failures.untrusted.meaning' },
  MALFORMED: { title: 'registry.steps.failures.malformed.title', meaning: 'registry.steps.failures.malformed.meaning' },
  ROLLBACK: { title: 'registry.steps.failures.rollback.title', meaning: 'registry.steps.failures.rollback.meaning' },
  FORK: { title: 'registry.steps.failures.fork.title', meaning: 'registry.steps.failures.fork.meaning' },
  MISSING: { title: 'registry.steps.failures.missing.title', meaning: 'registry.steps.failures.missing.meaning' },
  BAD_TILE: { title: 'registry.steps.failures.badTile.title', meaning: 'registry.steps.failures.badTile.meaning' },
  BAD_BUNDLE: { title: 'registry.steps.failures.otherRecord.title', meaning: 'registry.steps.failures.otherRecord.meaning' },
  BAD_LOOKUP: { title: 'registry.steps.failures.otherRecord.title', meaning: 'registry.steps.failures.otherRecord.meaning' },
  OTHER_AUTHORITY: { title: 'registry.steps.failures.otherRecord.title', meaning: 'registry.steps.failures.otherRecord.meaning' },
  BROKEN_RULE: { title: 'registry.steps.failures.noRecord.title', meaning: 'registry.steps.failures.noRecord.meaning' },
  OTHER_KEY: { title: 'registry.steps.failures.otherKey.title', meaning: 'registry.steps.failures.otherKey.meaning' },
  OTHER_TREE: { title: 'registry.steps.failures.otherTree.title', meaning: 'registry.steps.failures.otherTree.meaning' },
  OTHER_RECORD: { title: 'registry.steps.failures.otherRecord.title', meaning: 'registry.steps.failures.otherRecord.meaning' },
  OTHER_HASH: { title: 'registry.steps.failures.otherHash.title', meaning: 'registry.steps.failures.otherHash.meaning' },
  NOT_IN_TREE: { title: 'registry.steps.failures.notInTree.title', meaning: 'registry.steps.failures.notInTree.meaning' },
  BAD_PROOF: { title: 'registry.steps.failures.badProof.title', meaning: 'registry.steps.failures.badProof.meaning' },
  OTHER_ROOT: { title: 'registry.steps.failures.otherRoot.title', meaning: 'registry.steps.failures.otherRoot.meaning' },
  NO_RECORD: { title: 'registry.steps.failures.noRecord.title', meaning: 'registry.steps.failures.noRecord.meaning' },
  STATE: { title: 'registry.steps.failures.state.title', meaning: 'registry.steps.failures.state.meaning' },
  NO_ANSWER: { title: 'registry.steps.failures.noAnswer.title', meaning: 'registry.steps.failures.noAnswer.meaning' },
  UNEXPECTED: { title: 'registry.steps.failures.unexpected.title', meaning: 'registry.steps.failures.unexpected.meaning' },
}
