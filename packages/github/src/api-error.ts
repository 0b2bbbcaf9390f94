// What GitHub refuses, as a sentence with what to do.
import { UserError } from '@gitops-relay/action-kit/user-error'

/** A refusal. Callers for whom a status is an answer catch it; for all others it is the user's. */
export class ApiError extends UserError {
  readonly status: number
  /** Types of a GraphQL answer's errors, such as STALE_DATA. */
  readonly types: readonly string[]
  /** What the server said, in one line. */
  readonly said: string

  constructor(refusal: Refusal, [code, sentence, remedy]: readonly [string, string, string]) {
    super(code, sentence, remedy)
    this.status = refusal.status
    this.types = refusal.types ?? []
    this.said = refusal.said
  }
}

export interface Refusal {
  status: number
  said: string
  types?: readonly string[]
  header: (name: string) => string
  /** What was tried: `read acme/config`. */
  to: string
  /** The input that the token comes from. */
  input: string
}

type Row = [
  matches: (refusal: Refusal) => boolean,
  code: string,
  sentence: string,
  remedy: (refusal: Refusal) => string,
]

const says =
  (pattern: RegExp) =>
  ({ said }: Refusal) =>
    pattern.test(said)
const is =
  (...statuses: number[]) =>
  ({ status }: Refusal) =>
    statuses.includes(status)
const typed =
  (type: string) =>
  ({ types = [] }: Refusal) =>
    types.includes(type)

/** First match wins. */
const rows: readonly Row[] = [
  [
    ({ status, said, types = [], header }) =>
      status === 429 ||
      types.includes('RATE_LIMITED') ||
      (status === 403 &&
        (/rate limit|abuse detection/i.test(said) || header('x-ratelimit-remaining') === '0')),
    'rate-limited',
    'GitHub limits how much this token may ask',
    ({ header }) => {
      const reset = Number(header('x-ratelimit-reset')) * 1000
      const until = reset > 0 && reset < 8e15 ? `after ${new Date(reset).toISOString()}` : 'in some minutes'
      return `Run it again ${until}, or give a token of a GitHub App, which may ask more.`
    },
  ],
  [
    is(401),
    'unauthorized',
    'GitHub does not accept the token',
    ({ input }) => `Give a valid "${input}"; tokens of apps live for an hour.`,
  ],
  [
    says(/SAML|SSO/),
    'no-permission',
    'The organization wants single sign-on for this token',
    ({ input }) => `Authorize "${input}" for the organization, or use a token of a GitHub App.`,
  ],
  [
    says(/not permitted to create or approve pull requests/i),
    'no-permission',
    'The token of the run may not open pull requests here',
    () =>
      'Allow it in the settings of repository and organization (Actions, Workflow permissions), or give a token of a GitHub App.',
  ],
  [
    says(/workflows?[`'"]* (?:permission|scope)|refusing to allow .* workflow/i),
    'no-permission',
    'The token may not change files under .github/workflows',
    ({ input }) => `Take them out of "files", or give a "${input}" with the permission workflows, write.`,
  ],
  [
    says(
      /rule violations|protected branch|GH006|GH013|must be made through a pull request|Cannot update this protected ref|required status check/i,
    ),
    'branch-protected',
    'Rules of the repository forbid this',
    ({ input }) => `Let the account of "${input}" bypass the rules, or set "mode" to pull-request.`,
  ],
  [
    says(/archived/i),
    'read-only',
    'The repository is archived',
    () => 'Unarchive it, or write to another one.',
  ],
  [says(/Git Repository is empty/i), 'no-branch', 'The repository is empty', () => 'Push a first commit.'],
  [
    refusal => is(403)(refusal) || typed('FORBIDDEN')(refusal) || typed('INSUFFICIENT_SCOPES')(refusal),
    'no-permission',
    'The token may not do this',
    ({ header, input }) => {
      const needed = header('x-accepted-github-permissions').replaceAll('=', ': ').replaceAll('; ', ', or ')
      return needed === ''
        ? `Give a "${input}" that has the permission there; the token of the run reaches its own repository only.`
        : `Give a "${input}" with the permission ${needed}.`
    },
  ],
  [
    refusal => is(404)(refusal) || typed('NOT_FOUND')(refusal),
    'not-found',
    'It is not there, or the token may not see it',
    ({ input }) => `Correct the name, or give a "${input}" that reaches it.`,
  ],
  [
    ({ status }) => status >= 300 && status < 400,
    'redirected',
    'It has moved',
    () => 'Write the new name into the workflow.',
  ],
  [({ status }) => status >= 500, 'github-failed', 'The server failed', () => 'Run it again later.'],
]

export function apiError(refusal: Refusal): ApiError {
  const { to, status, said } = refusal
  const [, code, sentence, remedy] = rows.find(([matches]) => matches(refusal)) ?? [
    undefined,
    'github-refused',
    'GitHub refuses it',
    () => 'Read what it says.',
  ]
  const answer = `${status}${said === '' ? '' : `, ${said}`}`
  return new ApiError(refusal, [code, `Cannot ${to}: ${sentence} (${answer}).`, remedy(refusal)])
}

// eslint-disable-next-line no-control-regex
const unprintable = /[\0-\x1f\x7f-\x9f\u2028\u2029]+/g

/** Foreign text as one line of a sentence. */
export function oneLine(text: string): string {
  return text.replaceAll(unprintable, ' ').trim().slice(0, 300)
}
