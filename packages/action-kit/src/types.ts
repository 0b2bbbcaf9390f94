// The doors of this package: what an action may ask of the machine that runs it, and what it gives back.

/** One input as `action.yml` declares it; a contract test holds the two together. */
export interface InputRule {
  /** As in action.yml; absent means empty. */
  default?: string
  /** Checked in code, since the runner does not. */
  required?: true
  /** Masked, with every derived form, before anything else happens. */
  secret?: true
  /** Promised, not built yet: any value but the default is refused as `not-yet`. A list: only these values are refused. */
  later?: true | readonly string[]
}
export type InputTable = Readonly<Record<string, InputRule>>

export interface Place {
  /** Relative to the workspace, with `/`. */
  file: string
  line?: number
  endLine?: number
  column?: number
  title?: string
}

export interface Log {
  debug(text: string): void
  info(text: string): void
  /** Annotations count against the budget of 10 per type; what is over it becomes a plain line. */
  notice(text: string, place?: Place): void
  warning(text: string, place?: Place): void
  error(text: string, place?: Place): void
  /** A folded section of the log; ends even when `body` throws. Sections do not nest: an inner one is a plain heading. */
  group<T>(title: string, body: () => Promise<T>): Promise<T>
  /** A line of foreign text (a child's output, a server's message), which can never be a workflow command. */
  foreign(line: string): void
}

/** Facts about the run, from GITHUB_* and the event's payload. Empty strings where a terminal knows nothing. */
export interface RunFacts {
  event: string
  /** `owner/name`. */
  repository: string
  /** Full ref, e.g. `refs/heads/main`, `refs/tags/v1.2.3`, `refs/pull/7/merge`. */
  ref: string
  refName: string
  refType: 'branch' | 'tag' | ''
  /** The commit that this run is about: pushed commit; head (not merge) of a pull request; `head_sha` of a workflow_run. */
  sourceCommit: string
  /** `GITHUB_SHA` as it is. */
  sha: string
  runId: string
  attempt: string
  workflow: string
  job: string
  actor: string
  defaultBranch: string
  /** Pull request's number, where the event has one. */
  pullRequest: number | undefined
  /** https://github.com, or the enterprise server's. */
  serverUrl: string
  apiUrl: string
  graphqlUrl: string
  /** A privileged event (`pull_request_target`, `workflow_run`, `issue_comment`) with a fork's head. */
  untrusted: boolean
  /** An event that carries a fork's code, privileged or not. */
  fork: boolean
  payload: Readonly<Record<string, unknown>>
}

/** What an action may do to the machine that started it: the GitHub runner or a plain terminal. */
export interface Host {
  readonly kind: 'runner' | 'terminal'
  readonly run: RunFacts
  readonly log: Log
  /** Absolute path of the workspace. */
  readonly workspace: string
  /** The runner's own temp directory (outlives the step, gone with the job). */
  readonly runnerTemp: string
  /** The environment of the step as it came; children get `scrubbedEnvironment(host.env)`. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Hides a secret and all forms derived from it in everything that is printed or set from now on. */
  mask(secret: string): void
  /** The text with every masked secret replaced by `***`. */
  readonly redact: (text: string) => string
  /** A private directory of this step (mode 0700), removed at its end. The same one at every call. */
  temporaryDirectory(): Promise<string>
  /** Data for the post step, which is another process. Never a secret. */
  saveState(name: string, value: string): void
  readState(name: string): string
  /** Runs at the end of the step, whatever happened, last registered first; has at most a second when the step is cancelled. */
  atEnd(cleanup: () => Promise<void> | void): void
}

/** What an action leaves behind. Outputs not named here are set empty. */
export interface Outcome {
  /** One of the action's own results. */
  result: string
  /** `code: sentence`; empty for the good outcome. Taken from `failure` when that is given. */
  reason?: string
  outputs: Readonly<Record<string, string | number | boolean | undefined>>
  /** Markdown of the action's section; begins with its heading `### <action>: <what happened>`. */
  summary: string
  /** The step is red for this; printed as one `::error` with its remedy. */
  failure?: Error
}

export interface ActionDefinition {
  name: string
  inputs: InputTable
  /** Names of all outputs, as in action.yml. */
  outputs: readonly string[]
  /** Inputs that users of other actions would write, and what to write here instead. */
  elsewhere?: Readonly<Record<string, string>>
}
