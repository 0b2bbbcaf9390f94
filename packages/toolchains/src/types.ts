// What a repository is built with.
import type { Argv } from '@gitops-relay/process'

export const toolchainNames = [
  'npm', 'pnpm', 'yarn', 'bun', 'deno', 'go', 'cargo', 'maven', 'gradle', 'pip', 'uv', 'poetry', 'pdm', 'pipenv',
  'dotnet', 'cmake', 'make', 'just', 'task', 'composer', 'bundler', 'mix', 'swift', 'dart',
] as const // prettier-ignore
export type ToolchainName = (typeof toolchainNames)[number]

/** A toolchain that was found, and what it does here. */
export interface Toolchain {
  name: ToolchainName
  /** The file that decided, relative to the project; the lock file where there is one. */
  evidence: string
  /** Absent: there is nothing to install, or to build. */
  install?: Argv
  build?: Argv
  /** How the tests are run; absent: there are none, or this version cannot run them. */
  test?: TestCommand
  /** Prints the version of the tool. */
  version: Argv
  /** What puts the tool on a machine, such as `actions/setup-node`. */
  setup: string
  /** Prints the directory that is worth keeping between runs; `lock` decides whether it is the right one. */
  cache?: { directory: Argv; lock: string }
  /** Globs of what a build leaves behind, most telling first; the first that matches anything counts. */
  artifacts: readonly string[]
}

export interface TestCommand {
  argv: Argv
  /** What must stand before further arguments, such as `--`. */
  separator: readonly string[]
  /** The texts of the scripts behind the command, such as `scripts.test` of package.json. */
  scripts: readonly string[]
}

/** The files of a project, relative to its directory with `/`. */
export interface Project {
  files: ReadonlySet<string>
  readonly read: (path: string) => Promise<string>
}
