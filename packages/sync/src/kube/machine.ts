// What a client needs of the machine that it runs on.
import type { Clock, Random } from '@gitops-relay/http/clock'
import type { Execute } from '@gitops-relay/process'

export interface Machine {
  /** For proxies, and as the base of what plugins get. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Absolute; where plugins run. */
  readonly cwd: string
  readonly execute: Execute
  readonly clock: Clock
  readonly random: Random
  /** Hears of each secret before it is used. */
  readonly mask: (secret: string) => void
  /** Names of hidden variables that plugins get all the same, such as `ACTIONS_ID_TOKEN_REQUEST_TOKEN`. */
  readonly passEnv?: readonly string[]
  /** Stops a plugin that runs. */
  readonly signal?: AbortSignal
}
