// What git says, under LC_ALL=C, and what it means: for reading, and for a push with --porcelain.
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Ended } from '@gitops-relay/process'
import { Transient, type PushAnswer } from './types.ts'

type Said = Pick<Ended, 'exitCode' | 'stdout' | 'stderr' | 'timedOut'>

/** Who was asked for what, for the sentences. */
export interface Asked {
  url: string
  branch: string
}

/** The error of a read that failed: a UserError where only a person can help, else Transient. */
export function readFailure(said: Said, asked: Asked): Error {
  return refusal(said.stderr, asked) ?? new Transient(detailOf(said))
}

/**
 * The meaning of one push. Whatever is not known for sure is `unclear`: git's HTTP layer repeats by itself a request whose
 * answer was lost, and then reports that the ref is not where it should be, namely at our own commit.
 */
export function pushAnswer(said: Said, commit: string, asked: Asked): PushAnswer {
  const [, flag, summary = ''] =
    /^([ +\-*!=])\t[^\t\n]*:refs\/heads\/[^\t\n]*\t(.*)$/m.exec(said.stdout) ?? []
  if (flag !== undefined && flag !== '!') return { kind: 'landed', commit }
  const detail = summary || detailOf(said)
  if (flag === '!' && movedHead.test(summary)) return { kind: 'moved', detail }
  const error = refusal(`${said.stderr}\n${summary}`, asked)
  if (error !== undefined) return { kind: 'refused', error }
  if (flag === '!' && summary.startsWith('[remote rejected]')) {
    const remedy = 'Ask who runs that server, or push to another "branch".'
    return {
      kind: 'refused',
      error: new UserError('push-rejected', `The server rejected the push: ${detail}.`, remedy),
    }
  }
  return { kind: 'unclear', detail }
}

const movedHead =
  /^\[rejected\]|\((?:fetch first|non-fast-forward|stale info|failed to update ref|incorrect old value provided|failed|reference already exists)\)|cannot lock ref/

/** What only a person can mend, with what to do. First match wins. */
const refusals: readonly [
  pattern: RegExp,
  code: string,
  sentence: (asked: Asked) => string,
  remedy: string,
][] = [
  [
    /couldn't find remote ref/,
    'no-branch',
    ({ branch, url }) => `There is no branch ${JSON.stringify(branch)} in ${url}.`,
    'Correct "branch", or create it first.',
  ],
  [
    /GH013|GH006|protected branch|Changes must be made through a pull request/i,
    'branch-protected',
    ({ branch }) => `Rules of the repository forbid this push to ${branch}.`,
    'Let the account of "token" bypass the rules, or write to a branch that has none.',
  ],
  [
    /refusing to allow .* workflow/i,
    'no-permission',
    () => 'The token may not change files under .github/workflows.',
    'Take them out of "files", or give a "token" with the permission "workflows: write".',
  ],
  [
    /shallow update not allowed/,
    'shallow-refused',
    () => 'The server takes no pushes from shallow repositories.',
    'Allow receive.shallowUpdate on the server.',
  ],
  [
    /hook declined/,
    'hook-declined',
    () => 'A hook of the server declined the push.',
    'Read its message in the log above.',
  ],
  [
    /requested URL returned error: 3\d\d|unable to update url base from redirection/,
    'redirected',
    ({ url }) => `${url} answers with a redirect, which a token must not follow.`,
    'Write the new URL into "repository".',
  ],
  [
    /requested URL returned error: 403|Write access to repository not granted|Permission to .* denied|access denied|not authorized/i,
    'no-permission',
    ({ url }) => `The token may not write to ${url}.`,
    'Give "token" the permission "contents: write" there; the token of the run reaches its own repository only.',
  ],
  [
    /requested URL returned error: 401|Authentication failed|could not read (?:Username|Password)|Invalid username or/i,
    'unauthorized',
    ({ url }) => `${url} did not accept the token, or needs one.`,
    'Give a valid "token" with "contents: write" there.',
  ],
  [
    /requested URL returned error: 404|Repository not found|does not appear to be a git repository|repository '.*' not found/i,
    'no-repository',
    ({ url }) => `There is no repository ${url}, or the token may not see it.`,
    'Correct "repository", or give a "token" that reaches it.',
  ],
  [
    /SSL certificate problem|server certificate verification failed/i,
    'bad-certificate',
    ({ url }) => `The certificate of ${url} is not trusted.`,
    'Set GIT_SSL_CAINFO to the file of your certificate authority.',
  ],
  [
    /mismatched algorithms/,
    'not-yet',
    ({ url }) => `${url} names its objects by SHA-256, which this version cannot do yet.`,
    'Use a repository with SHA-1 names for now.',
  ],
  [
    /transport '.*' not allowed/,
    'bad-repository',
    ({ url }) => `${url} leads to another protocol.`,
    'Write a plain git URL into "repository".',
  ],
]

function refusal(text: string, asked: Asked): UserError | undefined {
  const found = refusals.find(([pattern]) => pattern.test(text))
  return found && new UserError(found[1], found[2](asked), found[3])
}

/** The line that says most, for a person. */
function detailOf({ stderr, exitCode, timedOut }: Said): string {
  if (timedOut) return 'git did not end in time'
  const lines = stderr.split('\n').filter(line => line.trim() !== '')
  const line = lines.find(text => /^(?:fatal|error|remote): /.test(text)) ?? lines.at(-1)
  return (line ?? `git ended with ${exitCode ?? 'a signal'}`).trim().slice(0, 300)
}
