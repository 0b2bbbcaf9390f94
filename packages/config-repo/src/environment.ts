// The environment of every git here: what the machine's or a user's configuration, hooks and prompts say has no power.
import type { Environment } from '@gitops-relay/process'
import { sshCommand } from './ssh.ts'
import type { RepositoryUrl } from './url.ts'

/** Kept of what the user set: certificate authorities of the company. */
const kept = new Set(['GIT_SSL_CAINFO', 'GIT_SSL_CAPATH'])

export interface Access {
  home: string
  token: string | undefined
  /** Files of the key and of the known hosts. */
  ssh?: { key: string; knownHosts: string } | undefined
}

/**
 * @param env already scrubbed of the runner's own variables
 * @param home of `access`: an empty directory, so that neither `.gitconfig` nor `.netrc` is found
 * @param token of `access`: goes as one Authorization header to the repository's own host, never into arguments, URLs or files
 */
export function gitEnvironment(
  env: Environment,
  { url, scheme }: RepositoryUrl,
  { home, token, ssh }: Access,
): Environment {
  const settings: [string, string][] = [
    ['remote.origin.url', url],
    ['core.hooksPath', '/dev/null'],
    ['core.attributesFile', '/dev/null'],
    ['core.askPass', ''],
    ['credential.helper', ''],
    ['protocol.version', '2'],
    ['http.followRedirects', 'false'],
    // A connection on which nothing comes for 30 s is given up.
    ['http.lowSpeedLimit', '1'],
    ['http.lowSpeedTime', '30'],
    ['fetch.negotiationAlgorithm', 'consecutive'],
    ['push.negotiate', 'false'],
    ['gc.auto', '0'],
    ['maintenance.auto', 'false'],
  ]
  if (token !== undefined && (scheme === 'https' || scheme === 'http')) {
    const basic = Buffer.from(`x-access-token:${token}`).toString('base64')
    const name = `http.${new URL(url).origin}/.extraHeader`
    // The empty value takes away what any configuration before it has added.
    settings.push([name, ''], [name, `Authorization: Basic ${basic}`])
  }
  const inherited = Object.entries(env).filter(([name]) => kept.has(name) || !/^(?:GIT_|SSH_)/.test(name))
  return {
    ...Object.fromEntries(inherited),
    HOME: home,
    XDG_CONFIG_HOME: home,
    LC_ALL: 'C',
    LANGUAGE: '',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: scheme,
    ...(ssh && { GIT_SSH_COMMAND: sshCommand(ssh.key, ssh.knownHosts), GIT_SSH_VARIANT: 'ssh' }),
    GIT_CONFIG_COUNT: String(settings.length),
    ...Object.fromEntries(
      settings.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ),
  }
}
