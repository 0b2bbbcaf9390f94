// The doors of this package: a config repository at a head, a commit to be landed, how it went.

/** Where files are looked for: exact paths, and globs in which `!` at the start excludes. */
export interface FilePatterns {
  paths?: readonly string[]
  globs?: readonly string[]
}

export interface RepositoryFile {
  /** With `/`, from the root. */
  path: string
  mode: '100644' | '100755'
  bytes: Uint8Array
}

/** One state of the branch; what is read of it never changes. */
export interface Head {
  commit: string
  branch: string
  /**
   * Files that any of the patterns names, in the order of the tree. Links and submodules that only a glob names are left out.
   *
   * @throws UserError `file-missing`, `symlink`, `submodule` for exact paths; `not-utf8`
   */
  files(patterns: readonly FilePatterns[]): Promise<RepositoryFile[]>
  /** Commits of the branch, newest first, this head included: all that came after `since`, or the newest few dozen. */
  history(since?: string): Promise<PastCommit[]>
}

export interface PastCommit {
  commit: string
  message: string
}

/** A commit on top of a head. */
export interface Draft {
  /** Whole new content by path; the files keep their modes. */
  files: ReadonlyMap<string, string>
  /** Ends in its trailers, among them `Change-Id`. */
  message: string
  /** The same as in the trailer; tells our commit from all others. */
  changeId: string
  author: Person
  committer: Person
  /** Where it goes, if not on top of the head that it was made for. */
  place?: Target
}

export interface Person {
  name: string
  mail: string
}

export type PushAnswer =
  | { kind: 'landed'; commit: string }
  /** Somebody else was first: edit again on the new head. `unsent`: that showed before anything was sent. */
  | { kind: 'moved'; detail: string; unsent?: boolean }
  /** It may have landed or not, now or in a moment. */
  | { kind: 'unclear'; detail: string }
  /** Not for us to mend by trying again. */
  | { kind: 'refused'; error: Error }

/** A way to read and write a config repository. */
export interface Repository<H extends Head = Head> {
  /** The newest head of the branch. */
  head(limits: Limits): Promise<H>
  /** Writes the draft as one child of the head and offers it to the branch, which must still be at that head. */
  push(head: H, draft: Draft, limits: Limits): Promise<PushAnswer>
  /** The head of another branch; `undefined` where there is none. */
  branch(name: string, limits: Limits): Promise<Head | undefined>
}

export interface Target {
  /** The only parent of the commit. */
  parent: Head
  branch: string
  /** What must stand there, and is replaced; `undefined`: nothing may stand there. */
  expected: string | undefined
}

export interface Limits {
  signal: AbortSignal
  /** Milliseconds since the epoch. */
  deadline: number
}

/** A failure that may be gone at the next try. */
export class Transient extends Error {
  override readonly name = 'Transient'
}

/** Where a draft goes: the branch of the head that it was made for, unless it says otherwise. */
export function targetOf(head: Head, { place }: Draft): Target {
  return place ?? { parent: head, branch: head.branch, expected: head.commit }
}
