// One private bare repository and the git that works in it.
import type { Ended, Environment, Execute } from '@gitops-relay/process'
import type { Clock } from '@gitops-relay/http/clock'
import type { Limits } from './types.ts'

export interface GitOptions {
  directory: string
  env: Environment
  execute: Execute
  clock: Clock
  /** Foreign lines that a person may want to see. */
  onLine?: (line: string) => void
}

export interface Git {
  /** Runs git to its end, whatever it ends with. */
  run(args: readonly string[], limits: Limits, input?: string | Uint8Array): Promise<Ended>
  /** Runs git on what is here already, where a failure is our own mistake, and gives its output back. */
  read(args: readonly string[], limits: Limits, input?: string | Uint8Array): Promise<string>
}

/** Bytes of output that are kept: the list of a tree with a million files, or many files of 5 MB. */
const outputLimit = 256 << 20

export function createGit({ directory, env, execute, clock }: GitOptions): Git {
  const run: Git['run'] = (args, { signal, deadline }, input) =>
    execute(['git', ...args], {
      cwd: directory,
      env,
      signal,
      timeout: Math.max(1000, deadline - clock.now()),
      limit: outputLimit,
      keep: 'head',
      ...(input === undefined ? {} : { input }),
    })
  return {
    run,
    async read(args, limits, input) {
      const { exitCode, stdout, stderr, dropped } = await run(args, limits, input)
      if (exitCode === 0 && dropped === 0) return stdout
      throw new Error(`git ${args[0]} ended with ${exitCode ?? 'a signal'}: ${stderr.trim().slice(-500)}`)
    },
  }
}
