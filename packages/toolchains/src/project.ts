// The files of a project, from one `git ls-files`.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Environment, Execute } from '@gitops-relay/process'
import type { Project } from './types.ts'

/** Tracked files under `directory` that are there; where there is no repository, the files directly in it. */
export async function openProject(directory: string, execute: Execute, env: Environment): Promise<Project> {
  // A container's checkout may belong to another user. `-t` tells what was removed (R) or is kept out (S, sparse).
  const list = ['-c', 'safe.directory=*', 'ls-files', '-z', '-t', '--cached', '--deleted', '--', '.']
  const listed = await execute(['git', ...list], {
    cwd: directory,
    env: { ...env, GIT_OPTIONAL_LOCKS: '0' },
    limit: 64 * 1024 * 1024,
  }).catch(() => undefined)
  const lines = listed?.exitCode === 0 ? listed.stdout.split('\0').filter(line => line !== '') : []
  const absent = new Set(lines.filter(line => /^[RS] /.test(line)).map(line => line.slice(2)))
  const tracked = lines.map(line => line.slice(2)).filter(file => !absent.has(file))
  const present = await readdir(directory, { withFileTypes: true })
  // A file that is there and not tracked, such as a lock file that a step wrote, is evidence too.
  const own = present.filter(entry => entry.isFile()).map(entry => entry.name)
  return { files: new Set([...tracked, ...own]), read: path => readFile(join(directory, path), 'utf8') }
}
