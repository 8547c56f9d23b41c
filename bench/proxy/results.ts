import type { ColdSample } from './measure/cold.ts'
import type { Installs } from './measure/install.ts'
import type { Memory } from '../common/process.ts'
import type { Sample } from '../common/rounds.ts'

export interface Environment {
  node: string
  cpus: number
  /** Load average of the machine before the run. */
  load: number
  /** Versions. */
  peers: Record<string, string>
  rounds: number
  quick: boolean
}

/** Everything one run measured; what failed is missing here and named in `failures`. */
export interface Results {
  environment: Environment
  warm?: Sample[]
  coalescing?: number
  cold?: { medium: ColdSample[], large: ColdSample[] }
  /** Latencies in milliseconds: of an idle server, and while large documents are fetched for the first time. */
  ping?: { idle: number[], busy: number[] }
  memory?: Memory
  install?: Installs
  failures: string[]
}
