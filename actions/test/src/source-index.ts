// The tracked files of the checkout, and their lines.
import { readFileSync, realpathSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Execute, Environment } from '@gitops-relay/process'
import type { SourceIndex } from '@gitops-relay/test-reports'

const LONGEST_LIST = 64 * 1024 * 1024
const LARGEST_FILE = 5 * 1024 * 1024

/** Without git, or outside of a checkout, nothing is tracked, so that nothing is located. */
export async function readSourceIndex(
  workspace: string,
  directory: string,
  execute: Execute,
  env: Environment,
  signal: AbortSignal,
): Promise<SourceIndex> {
  // A container's checkout may belong to another user.
  const git = (...rest: string[]) =>
    execute(['git', '-c', 'safe.directory=*', ...rest], {
      cwd: directory,
      env,
      signal,
      limit: LONGEST_LIST,
    }).catch(error => {
      signal.throwIfAborted()
      return { exitCode: undefined, stdout: String(error) }
    })
  const top = await git('rev-parse', '--show-toplevel')
  const list = top.exitCode === 0 ? await git('-C', top.stdout.trim(), 'ls-files', '-z') : undefined
  const root = realpathSync(workspace)
  const prefix = slashes(relative(root, top.stdout.trim()))
  const paths = list?.exitCode === 0 ? list.stdout.split('\0').filter(path => path !== '') : []
  const tracked = paths
    .map(path => (prefix === '' ? path : `${prefix}/${path}`))
    .filter(path => !path.startsWith('../'))
  return {
    root,
    base: slashes(relative(root, realpathSync(directory))),
    tracked: () => tracked,
    lines: path => linesOf(join(workspace, path)),
  }
}

function linesOf(path: string): readonly string[] | undefined {
  try {
    if (statSync(path).size > LARGEST_FILE) return undefined
    return readFileSync(path, 'utf8').replace(/\n$/, '').split('\n')
  } catch {
    return undefined
  }
}

const slashes = (path: string): string => path.replaceAll('\\', '/')
