// The doors of this package: a command, how it ended.

export type Argv = readonly [program: string, ...rest: string[]]
export type Environment = Readonly<Record<string, string>>

export interface CommandOptions {
  /** Absolute directory. */
  cwd: string
  /** Whole environment of the child; see `scrubbedEnvironment`. */
  env: Environment
  /** Written to stdin, which is then closed. Default: closed at once. */
  input?: string | Uint8Array
  /** Abort stops the whole process group: SIGTERM, after `grace` SIGKILL. */
  signal?: AbortSignal
  /** Milliseconds between SIGTERM and SIGKILL; default 5,000. */
  grace?: number
  /** Milliseconds until the command is stopped as if aborted; `timedOut` is then true. */
  timeout?: number
  /** Called with each whole line as it arrives, without its end; a longer line than 64 KiB comes in pieces. */
  onLine?: (line: string, stream: 'stdout' | 'stderr') => void
  /** Bytes of each stream to keep for `stdout` and `stderr`; default 1 MiB. The newest are kept, unless `keep` says `head`. */
  limit?: number
  keep?: 'head' | 'tail'
}

export interface Ended {
  /** `undefined` when a signal ended it. */
  exitCode: number | undefined
  signal: NodeJS.Signals | undefined
  /** 128+n for a signal, as a shell would say. */
  status: number
  timedOut: boolean
  /** Only with evidence: the cgroup counted an out-of-memory kill while it ran. */
  outOfMemory: boolean
  stdout: string
  stderr: string
  /** Bytes that the limit cost, both streams together. */
  dropped: number
  /** Milliseconds. */
  duration: number
}

/** Starts a program and waits for its end. Thrown: UserError `not-installed` when the program is not found; the signal's reason after an abort. */
export type Execute = (argv: Argv, options: CommandOptions) => Promise<Ended>
