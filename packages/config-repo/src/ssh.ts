// Speaking ssh: one key, hosts that are known, and nothing of the machine's own configuration.
import { chmod, rm, writeFile } from 'node:fs/promises'
import { UserError } from '@gitops-relay/action-kit/user-error'
import { gitHubHostKeys } from './host-keys.ts'
import type { RepositoryUrl } from './url.ts'

export interface SshAccess {
  /** A private key, as its file would be. */
  key: string
  /** Lines of a known_hosts file. */
  knownHosts: string
}

/**
 * @param key, knownHosts as given; without host keys, those of github.com are taken for it
 * @throws UserError `bad-key`, `unknown-host`
 */
export function sshAccess({ host }: RepositoryUrl, key: string, knownHosts: string): SshAccess {
  if (key === '') {
    const remedy = 'Give the private key of a deploy key that may write, or write the https URL.'
    throw new UserError('unauthorized', '"repository" is an ssh URL, and "ssh-key" is empty.', remedy)
  }
  const hosts = knownHosts.trim() || (host.replace(/:22$/, '') === 'github.com' ? gitHubHostKeys : '')
  if (hosts !== '') return { key: privateKey(key, 'ssh-key'), knownHosts: `${hosts}\n` }
  const remedy = `Give the lines that ssh-keyscan prints for ${host} as "ssh-known-hosts", after you have checked them.`
  throw new UserError('unknown-host', `Which keys ${host} has is not known here.`, remedy)
}

/**
 * A private key with the ends of lines that OpenSSH wants.
 *
 * @throws UserError `bad-key`
 */
export function privateKey(text: string, input: string): string {
  const key = `${text.replaceAll('\r', '').trim()}\n`
  if (/^-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\n[^-]+-----END (?:[A-Z]+ )*PRIVATE KEY-----\n$/.test(key))
    return key
  const remedy = 'Give all lines of the file, from BEGIN to END; ssh-keygen -t ed25519 makes such a key.'
  throw new UserError('bad-key', `"${input}" is not a private key.`, remedy)
}

/** A private key on disk, readable by us alone, for as long as the block that uses it. */
export async function keyFile(path: string, key: string): Promise<{ path: string } & AsyncDisposable> {
  await writeFile(path, key, { mode: 0o600 })
  await chmod(path, 0o600)
  return { path, [Symbol.asyncDispose]: () => rm(path, { force: true }) }
}

/** What git runs instead of `ssh`, as a line for a shell. */
export function sshCommand(key: string, knownHosts: string): string {
  const settings = {
    IdentityFile: key,
    IdentitiesOnly: 'yes',
    IdentityAgent: 'none',
    StrictHostKeyChecking: 'yes',
    UserKnownHostsFile: knownHosts,
    GlobalKnownHostsFile: '/dev/null',
    UpdateHostKeys: 'no',
    BatchMode: 'yes',
    PreferredAuthentications: 'publickey',
    ForwardAgent: 'no',
    ConnectTimeout: '15',
    ServerAliveInterval: '15',
    ServerAliveCountMax: '2',
  }
  // Quoted for ssh, which splits file names at spaces, then for the shell.
  const options = Object.entries(settings).map(
    ([name, value]) => `-o ${shellQuoted(`${name}=${/\s/.test(value) ? `"${value}"` : value}`)}`,
  )
  return ['ssh', '-F', '/dev/null', ...options].join(' ')
}

const shellQuoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
