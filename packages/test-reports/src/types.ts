// The doors of this package: what a report says, in one shape for every format.

export type Status = 'passed' | 'failed' | 'skipped'

/** How one run of a test ended. */
export interface Attempt {
  status: Status
  /** Milliseconds; undefined where the report has no usable number. */
  duration: number | undefined
  /** First words of the failure, or the reason of a skip. */
  message?: string
  /** The rest of the failure, mostly a stack; the middle of a long one is cut. */
  trace?: string
}

/** One entry of a report, as it stands there. */
export interface Case extends Attempt {
  /** Titles from the outermost to the nearest one, without the test's own. */
  suite: readonly string[]
  name: string
  /** As the report writes it: absolute, or relative to wherever the runner was. */
  file?: string
  /** Where the test is declared, from 1. */
  line?: number
  /** Runs of the same test before this one, where the format keeps them inside of the entry. */
  earlier?: readonly Attempt[]
}

/** A test after all its runs: `status` is the verdict, `attempts` lists every run in order. */
export interface Test extends Case {
  /** Failed at first and passed later. */
  flaky: boolean
  attempts: readonly Attempt[]
}

export type Format =
  'junit' | 'tap' | 'ctrf' | 'trx' | 'xunit' | 'nunit' | 'go-test' | 'jest' | 'mocha' | 'playwright'

/** Why a report is not proof of anything, whatever else it says. */
export interface Problem {
  code: 'report-truncated' | 'report-unreadable' | 'not-yet'
  /** One sentence without the report's name. */
  sentence: string
}

export interface Report {
  format: Format | undefined
  tests: readonly Test[]
  problems: readonly Problem[]
}

/** Something wrong at a place of the source; also what compilers say. */
export interface Finding {
  /** Relative to the workspace, with `/`; undefined where no place is certain. */
  file: string | undefined
  /** From 1. */
  line: number | undefined
  column: number | undefined
  severity: 'error' | 'warning' | 'notice'
  message: string
  /** What findings of one cause have in common, to show them once. */
  cause: string
}

/** The tracked files of a repository; nothing here opens one by itself. */
export interface SourceIndex {
  /** Absolute path of the workspace. */
  readonly root: string
  /** Where relative paths of a report begin: the working directory, relative to `root`. */
  readonly base?: string
  /** Relative to `root`, with `/`. */
  tracked: () => Iterable<string>
  /** The lines of a tracked file; undefined when it cannot be read. */
  lines: (path: string) => readonly string[] | undefined
}

/** What a format's reader is fed with: text in pieces of any size, then the end. */
export interface Reader {
  write: (text: string) => void
  /** Called once. */
  end: () => void
}

/** What a format's reader tells. */
export interface Sink {
  entry: (found: Case) => void
  problem: (problem: Problem) => void
}
