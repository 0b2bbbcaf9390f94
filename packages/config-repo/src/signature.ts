// SSH signatures of commits, in the form that git writes and hosts check (gitformat-signature).
import { join } from 'node:path'
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { GitOptions } from './git.ts'
import { keyFile } from './ssh.ts'
import type { Limits } from './types.ts'

/**
 * Signs the text of a commit object with a private key, which is on disk for just as long.
 *
 * @throws UserError `bad-key`
 */
export async function signed(
  commit: string,
  key: string,
  { directory, env, execute }: Pick<GitOptions, 'directory' | 'env' | 'execute'>,
  { signal }: Limits,
): Promise<string> {
  await using file = await keyFile(join(directory, 'signing-key'), key)
  const argv = ['ssh-keygen', '-Y', 'sign', '-n', 'git', '-f', file.path] as const
  // A key with a passphrase must fail, not ask.
  const quiet = { ...env, SSH_ASKPASS: '/bin/false', SSH_ASKPASS_REQUIRE: 'force' }
  const options = { cwd: directory, env: quiet, signal, timeout: 30_000, input: commit }
  const { exitCode, stdout, stderr } = await execute(argv, options)
  if (exitCode === 0 && stdout.startsWith('-----BEGIN SSH SIGNATURE-----'))
    return withSignature(commit, stdout)
  const said = stderr.trim().split('\n').at(-1) ?? ''
  throw new UserError(
    'bad-key',
    `"signing-key" cannot sign: ${said}.`,
    'Give an SSH private key without a passphrase, and see that OpenSSH 8.2 or newer is installed.',
  )
}

/** The header `gpgsig` stands last, its further lines behind a space. */
export function withSignature(commit: string, signature: string): string {
  const end = commit.indexOf('\n\n')
  return `${commit.slice(0, end)}\ngpgsig ${signature.trimEnd().replaceAll('\n', '\n ')}${commit.slice(end)}`
}
