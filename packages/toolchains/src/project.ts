// The files of a project, from one `git ls-files`.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Environment, Execute } from '@gitops-relay/process'
import type { Project } from './types.ts'

/** Tracked files under `directory`; where there is no repository, the files directly in it. */
export async function openProject(directory: string, execute: Execute, env: Environment): Promise<Project> {
  const listed = await execute(['git', 'ls-files', '-z', '--cached', '--', '.'], {
    cwd: directory,
    env: { ...env, GIT_OPTIONAL_LOCKS: '0' },
    limit: 64 * 1024 * 1024,
  }).catch(() => undefined)
  const tracked = listed?.exitCode === 0 ? listed.stdout.split('\0').filter(file => file !== '') : []
  const present = await readdir(directory, { withFileTypes: true })
  // A file that is there and not tracked, such as a lock file that a step wrote, is evidence too.
  const own = present.filter(entry => entry.isFile()).map(entry => entry.name)
  return { files: new Set([...tracked, ...own]), read: path => readFile(join(directory, path), 'utf8') }
}
