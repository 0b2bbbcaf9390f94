// What the tests of this package share: a repository on a real server, and one writer of it.
import { mkdir } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { createHttp } from '@gitops-relay/http'
import { systemClock } from '@gitops-relay/http/clock'
import { execute, scrubbedEnvironment } from '@gitops-relay/process'
import { gitRepository } from './git-repository.ts'
import type { Fight } from './landing.ts'
import type { Draft, Repository } from './types.ts'
import { repositoryUrl } from './url.ts'

export async function openRepository(
  directory: string,
  url: string,
  {
    branch = 'main',
    token,
    env = process.env,
  }: { branch?: string; token?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Repository> {
  const own = join(directory, randomUUID())
  await mkdir(own)
  return gitRepository({
    repository: repositoryUrl(url, ''),
    branch,
    token,
    directory: own,
    http: createHttp({ env }),
    env: scrubbedEnvironment(env, []),
    execute,
    clock: systemClock,
  })
}

export function draft(files: Record<string, string>, changeId: string = randomUUID()): Draft {
  const robot = { name: 'Robot', mail: 'robot@test.invalid' }
  const message = `bump\n\nChange-Id: ${changeId}\n`
  return { files: new Map(Object.entries(files)), message, changeId, author: robot, committer: robot }
}

/** Waits for real, but shortly. */
export function fight(changes: Partial<Fight> = {}): Fight {
  const { signal } = new AbortController()
  return { clock: systemClock, random: Math.random, signal, timeout: 30_000, say: () => {}, ...changes }
}
