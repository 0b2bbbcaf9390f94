// Which git URL an input means, and which hosts may be spoken to how.
import { UserError } from '@gitops-relay/action-kit/user-error'

export interface RepositoryUrl {
  url: string
  scheme: 'https' | 'http' | 'ssh' | 'file'
  /** With its port, lower case; empty for file. */
  host: string
}

/**
 * `owner/name` on the run's own server, or a git URL.
 *
 * @param serverUrl of the run; the only host besides loopback that may be spoken to over plain HTTP
 * @throws UserError `bad-repository`, `plain-http`
 */
export function repositoryUrl(text: string, serverUrl: string): RepositoryUrl {
  if (/^[\w.-]+\/[\w.-]+$/.test(text) && !/(?:^|\/)\.{1,2}(?:\/|$)/.test(text)) {
    return repositoryUrl(`${serverUrl.replace(/\/$/, '') || 'https://github.com'}/${text}`, serverUrl)
  }
  if (/^[\w.-]+@[\w.-]+:[^\s-][^\s]*$/.test(text)) {
    return {
      url: text,
      scheme: 'ssh',
      host: text.slice(text.indexOf('@') + 1, text.indexOf(':')).toLowerCase(),
    }
  }
  const url = URL.canParse(text) ? new URL(text) : undefined
  const scheme = (['https', 'http', 'ssh', 'file'] as const).find(name => url?.protocol === `${name}:`)
  // eslint-disable-next-line no-control-regex
  if (url === undefined || scheme === undefined || /[\0-\x20\x7f]/.test(text) || url.search || url.hash) {
    throw bad(text, 'Write owner/name, or a git URL: https, ssh or file.')
  }
  if (url.password !== '' || (scheme !== 'ssh' && url.username !== '')) {
    throw bad(text.replace(/\/\/[^@/]*@/, '//***@'), 'Write it without credentials; they belong in "token".')
  }
  if (url.host.startsWith('-') || (scheme === 'file' && url.host !== '')) throw bad(text, 'Write a full URL.')
  if (scheme === 'http' && !isLoopback(url.hostname) && url.host !== hostOf(serverUrl)) {
    const sentence = `"repository" is ${JSON.stringify(text)}: plain HTTP shows the token to everybody on the way.`
    throw new UserError('plain-http', sentence, 'Write it with https.')
  }
  return { url: text, scheme, host: url.host.toLowerCase() }
}

export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host.toLowerCase() : ''
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)
}

function bad(text: string, remedy: string): UserError {
  return new UserError('bad-repository', `"repository" is ${JSON.stringify(text)}.`, remedy)
}

/**
 * A branch's name without `refs/heads/`, by the rules of git check-ref-format.
 *
 * @throws UserError `bad-ref`
 */
export function branchName(text: string, input = 'branch'): string {
  const name = text.replace(/^refs\/heads\//, '')
  // eslint-disable-next-line no-control-regex
  const isBad = /^[-/]|[\0-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|(?:^|\/)\.|\.lock(?:\/|$)|[./]$|^@$|^refs\//.test(
    name,
  )
  if (!isBad) return name
  throw new UserError(
    'bad-ref',
    `"${input}" is ${JSON.stringify(text)}.`,
    'Write the name of a branch, such as main.',
  )
}
