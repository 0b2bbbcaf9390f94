// Programs that keep logins: `docker-credential-<name> get`, by the protocol of Docker's credential helpers.
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Credential } from '@gitops-relay/oci'
import type { Environment, Execute } from '@gitops-relay/process'

const TIMEOUT = 30_000

export interface HelperRoom {
  execute: Execute
  cwd: string
  env: Environment
  signal: AbortSignal
}

/**
 * Asks the helper for a server's login; undefined where it has none.
 * @throws UserError `credential-helper`
 */
export async function askHelper(
  name: string,
  server: string,
  { execute, ...room }: HelperRoom,
): Promise<Credential | undefined> {
  const program = `docker-credential-${name}`
  const failed = (what: string, cause?: unknown) =>
    new UserError(
      'credential-helper',
      `${program}, which keeps the login for ${server}, ${what}.`,
      'Mend it, or give "username" and "password".',
      { cause },
    )
  const ended = await execute([program, 'get'], { ...room, input: server, timeout: TIMEOUT }).catch(
    (error: unknown) => {
      room.signal.throwIfAborted()
      throw failed(error instanceof UserError ? 'cannot be run' : 'failed', error)
    },
  )
  if (ended.exitCode !== 0) {
    // The protocol has no code for it, only this text.
    if (/credentials not found/i.test(ended.stdout + ended.stderr)) return undefined
    throw failed(ended.timedOut ? `did not answer in ${TIMEOUT / 1000} s` : `ended with ${ended.status}`)
  }
  const { Username: username, Secret: password } = parse(ended.stdout)
  if (typeof username !== 'string' || typeof password !== 'string') throw failed('gave no login')
  // Some say with an empty one that they have none.
  return password === '' ? undefined : { username, password }
}

function parse(text: string): { Username?: unknown; Secret?: unknown } {
  try {
    return Object(JSON.parse(text)) as object // oxlint-disable-line no-unsafe-type-assertion -- both fields are checked
  } catch {
    return {}
  }
}
