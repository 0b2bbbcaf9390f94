// What servers and ssh say when only a person can help, each with what to do.
import { UserError } from '@gitops-relay/action-kit/user-error'

/** Who was asked for what, for the sentences. */
export interface Asked {
  url: string
  branch: string
}

/** Reasons behind a rejected ref that mean: somebody else was first. */
export const movedHead =
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
    /must have verified signatures|Commits? must be signed|not signed/i,
    'branch-protected',
    ({ branch }) => `Rules of the repository want signed commits on ${branch}.`,
    'Set "transport" to api, so that GitHub signs, or give a "signing-key" that the account has registered.',
  ],
  [
    /cannot contain secrets|Push Protection|GH009/i,
    'push-rejected',
    () => 'The server sees a secret in the files and takes no push.',
    'Take the secret out of the files, or allow it there.',
  ],
  [
    /GH001|exceeds? .{0,60}(?:file size limit|quota|maximum)|over its (?:data )?quota|exceed (?:its|the) .{0,20}quota|No space left/i,
    'quota',
    ({ url }) => `${url} has no room for the push.`,
    'Make room there, or raise its quota.',
  ],
  [
    /archived so it is read-only|repository (?:is|has been) (?:archived|locked|disabled)|read-only mode|in maintenance mode/i,
    'read-only',
    ({ url }) => `${url} is read-only.`,
    'Unarchive it or wait until it takes pushes again, or write to another one.',
  ],
  [
    /key you are authenticating with has been marked as read only|deploy key .{0,40}(?:read.only|write access)/i,
    'no-permission',
    ({ url }) => `The key may only read ${url}.`,
    'Add the deploy key again, with write access.',
  ],
  [
    /GH013|GH006|protected branch|must be made through a pull request|must use a pull request|TF402455|not allowed to (?:force )?push code|Permission denied to update branch/i,
    'branch-protected',
    ({ branch }) => `Rules of the repository forbid this push to ${branch}.`,
    'Let the account of "token" bypass the rules, or set "mode" to pull-request.',
  ],
  [
    /refusing to allow .* workflow|without `?workflows?`? (?:permission|scope)/i,
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
    /requested URL returned error: 403|Write access to repository not granted|Permission to .* denied|access denied|not authorized|TF401027|Resource not accessible|account is suspended/i,
    'no-permission',
    ({ url }) => `The token may not write to ${url}.`,
    'Give "token" the permission "contents: write" there; the token of the run reaches its own repository only.',
  ],
  [
    /requested URL returned error: 401|Authentication failed|could not read (?:Username|Password)|Invalid username or|password authentication was removed/i,
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
    /Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED|No \S+ host key is known/i,
    'unknown-host',
    ({ url }) => `The host of ${url} shows a key that is not among the known ones.`,
    'Correct "ssh-known-hosts"; where the key has changed, make sure first that this is the host you mean.',
  ],
  [
    /Load key .*(?:invalid format|error in libcrypto|incorrect passphrase)|incorrect passphrase/i,
    'bad-key',
    () => 'The key in "ssh-key" cannot be read.',
    'Give an OpenSSH private key without a passphrase.',
  ],
  [
    /Permission denied \((?:publickey|keyboard|password)|Too many authentication failures/i,
    'unauthorized',
    ({ url }) => `${url} did not accept the key in "ssh-key".`,
    'Add its public key to the repository as a deploy key with write access.',
  ],
  [
    /detected dubious ownership/i,
    'no-permission',
    ({ url }) => `${url} belongs to another user of this machine.`,
    'Run as its owner, or reach it by another URL.',
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

/** The first row that a text of git's matches, as an error. */
export function refusal(text: string, asked: Asked): UserError | undefined {
  const found = refusals.find(([pattern]) => pattern.test(text))
  return found && new UserError(found[1], found[2](asked), found[3])
}
