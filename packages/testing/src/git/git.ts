// Runs git for the test world: a bare repository, an environment that owes nothing to the machine's settings.
import { spawn } from 'node:child_process'
import { buffer, text } from 'node:stream/consumers'

/** Environment of every git here: no system or user configuration, one fixed identity. */
export const gitEnvironment: Readonly<Record<string, string>> = {
  PATH: process.env.PATH ?? '',
  HOME: '/nonexistent',
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: 'Test World',
  GIT_AUTHOR_EMAIL: 'world@test.invalid',
  GIT_COMMITTER_NAME: 'Test World',
  GIT_COMMITTER_EMAIL: 'world@test.invalid',
}

export interface GitEnded {
  exitCode: number
  stdout: Buffer
  stderr: string
}

/** Runs `git -C <directory> <args>` to its end, whatever its exit code. */
export async function git(
  directory: string,
  args: readonly string[],
  input: string | Uint8Array = '',
  env: Readonly<Record<string, string>> = {},
): Promise<GitEnded> {
  const child = spawn('git', ['-C', directory, ...args], {
    env: { ...gitEnvironment, ...env },
    stdio: 'pipe',
  })
  // git may end before it has read all of its input.
  child.stdin.on('error', () => {}).end(input)
  const ended = new Promise<number>((done, failed) =>
    child.once('error', failed).once('close', code => done(code ?? -1)),
  )
  const [exitCode, stdout, stderr] = await Promise.all([ended, buffer(child.stdout), text(child.stderr)])
  return { exitCode, stdout, stderr }
}

/** Runs git and gives its output back; an exit code other than 0 throws. */
export async function gitOutput(
  directory: string,
  args: readonly string[],
  input?: string | Uint8Array,
  env?: Readonly<Record<string, string>>,
): Promise<string> {
  const { exitCode, stdout, stderr } = await git(directory, args, input, env)
  if (exitCode !== 0) throw new Error(`git ${args.join(' ')} ended with ${exitCode}: ${stderr}`)
  return stdout.toString()
}
