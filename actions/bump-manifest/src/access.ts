// Which repository, and with what it is reached: token, keys, and the way that the commit takes.
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Host, InputReader } from '@gitops-relay/action-kit'
import {
  gitHubPlace,
  hostOf,
  privateKey,
  repositoryUrl,
  sshAccess,
  type Place,
  type RepositoryUrl,
  type SshAccess,
} from '@gitops-relay/config-repo'

export interface Access {
  repository: RepositoryUrl
  token: string | undefined
  /** The repository as GitHub's interface knows it; `undefined` on other servers. */
  place: Place | undefined
  transport: 'git' | 'api'
  /** For ssh URLs in git transport. */
  ssh: SshAccess | undefined
  signingKey: string | undefined
  /** Fail when GitHub does not call the commit verified. */
  mustVerify: boolean
}

/** @throws UserError */
export function readAccess(input: InputReader, host: Host): Access {
  const repository = readRepository(input, host)
  const token = readToken(input, repository, host)
  const place = gitHubPlace(repository, host.run)
  const mustVerify = input.boolean('require-verified')
  const signingKey = readSigningKey(input)
  const wanted = input.oneOf('transport', ['auto', 'git', 'api'])
  const transport =
    wanted !== 'auto' ? wanted : mustVerify && signingKey === undefined && place !== undefined ? 'api' : 'git'
  if (transport === 'api') refuseWithApi(input)
  const needs =
    transport === 'api'
      ? '"transport" is api'
      : mustVerify
        ? '"require-verified" is true'
        : input.text('mode') === 'pull-request'
          ? '"mode" is pull-request'
          : undefined
  if (needs !== undefined) refuseOtherServers(needs, repository, place, token)
  const ssh = readSsh(input, repository, transport)
  return { repository, token, place, transport, ssh, signingKey, mustVerify }
}

/** Given but empty is refused: an unset variable must not bump the wrong repository. */
function readRepository(input: InputReader, { run }: Host): RepositoryUrl {
  const name = input.singleLine('repository')
  if (name !== '') return repositoryUrl(name, run.serverUrl)
  const sentence = '"repository" is empty: the variable or output that it comes from was never set.'
  throw new UserError('empty-input', sentence, 'Write owner/name, or a git URL.')
}

/** The token of the run goes only to the run's own server. That it is the default shows in `source-token`, which has the same. */
function readToken(
  input: InputReader,
  { scheme, host: name }: RepositoryUrl,
  { run }: Host,
): string | undefined {
  const token = input.singleLine('token')
  if (token === '' || scheme === 'file') return undefined
  if (name === hostOf(run.serverUrl) || token !== input.singleLine('source-token')) return token
  // Over ssh no token is sent.
  if (scheme === 'ssh') return undefined
  const sentence = `"repository" is on ${name}, and the token of this run is not for that host.`
  throw new UserError('token-for-other-host', sentence, `Give a "token" of ${name}.`)
}

function readSigningKey(input: InputReader): string | undefined {
  const text = input.raw('signing-key')
  return text.trim() === '' ? undefined : privateKey(text, 'signing-key')
}

function readSsh(
  input: InputReader,
  repository: RepositoryUrl,
  transport: Access['transport'],
): SshAccess | undefined {
  const [key, hosts] = [input.raw('ssh-key'), input.text('ssh-known-hosts')]
  if (repository.scheme === 'ssh' && transport === 'git') return sshAccess(repository, key.trim(), hosts)
  if (key.trim() === '' && hosts === '') return undefined
  const name = hosts === '' ? 'ssh-key' : 'ssh-known-hosts'
  const sentence = `"${name}" is given, and the repository is not reached by ssh.`
  throw new UserError(
    'contradiction',
    sentence,
    `Take "${name}" out, or write the ssh URL into "repository".`,
  )
}

/** GitHub writes the commit in the name of the token's account, and signs it. */
function refuseWithApi(input: InputReader): void {
  const name = ['author', 'committer', 'signing-key'].find(key => input.text(key) !== '')
  if (name === undefined) return
  const sentence = `"${name}" is given, and with the API transport GitHub names the author and signs.`
  throw new UserError('contradiction', sentence, `Take "${name}" out, or set "transport" to git.`)
}

function refuseOtherServers(
  needs: string,
  { url }: RepositoryUrl,
  place: Place | undefined,
  token: string | undefined,
): void {
  if (place === undefined) {
    const sentence = `${needs}, and ${url} is not on a GitHub that is known here.`
    const remedy = 'Write to github.com or the server of this run, or use mode push with git transport.'
    throw new UserError('not-github', sentence, remedy)
  }
  if (token === undefined) {
    throw new UserError(
      'unauthorized',
      `${needs}, and "token" is empty.`,
      'Give a "token" for that repository.',
    )
  }
}
