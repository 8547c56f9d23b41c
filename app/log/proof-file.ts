import { decodeBase64, formatTlogProof } from '../../shared/tlog/index.ts'
import type { LogEntryDetail } from '../../shared/types/log.ts'

/** An entry's `.tlog-proof`, which anybody can check who has the record and the log's key, without asking us. */
export function proofFile({ index, proof, checkpoint }: Pick<LogEntryDetail, 'index' | 'proof' | 'checkpoint'>): string {
  return formatTlogProof({ index, hashes: proof.hashes.map(hash => decodeBase64(hash)), checkpoint })
}
