// A GitHub on this machine: its API over real repositories, which git reads and writes beside it.
import type { Fault } from '../faults.ts'
import type { Files } from '../git/bare-repository.ts'
import { gitServer, type GitServer } from '../git/git-server.ts'
import { loopback } from '../loopback.ts'
import type { LoggedRequest } from '../loopback.ts'
import { createApi } from './api.ts'
import { beginJob, type RunningJob } from './job.ts'
import { runQueue } from './merging.ts'
import { pushRejection } from './rules.ts'
import { createState } from './state.ts'
import type {
  BranchRules,
  Deployment,
  Pull,
  Repository,
  RepositorySettings,
  Status,
  TokenRights,
} from './state.ts'

export interface GitHubServerOptions {
  /** Tokens that are known, with what they may do; git takes them, too. Default: whoever asks may do everything, as `github-actions[bot]`. */
  tokens?: Readonly<Record<string, TokenRights>>
  /** Requests that the API takes; default 5000. */
  requestLimit?: number
  /** Entries of one tree's answer before it is cut; default 100,000. */
  treeEntries?: number
  /** Milliseconds since the epoch. */
  clock?: () => number
}

export interface GitHubServer extends AsyncDisposable {
  /** As a run's `GITHUB_API_URL`. */
  readonly url: string
  /** As `GITHUB_GRAPHQL_URL`. */
  readonly graphqlUrl: string
  /** As `GITHUB_SERVER_URL`: git over HTTP, with the same repositories. */
  readonly gitOrigin: string
  /** All three, by the names of the variables. */
  readonly environment: Readonly<Record<string, string>>
  /** The git side: what is in the repositories, its own requests, faults and refusals. */
  readonly git: GitServer
  /** Of the API alone. */
  readonly requests: LoggedRequest[]
  /** Requests and answers outside of GitHub's description, which disposing throws. */
  readonly violations: string[]
  /** For the API alone. A competing commit in a read-modify-write window is `{ kind: 'meanwhile', act }`. */
  readonly fail: (fault: Fault) => void
  /** `name` is `owner/name`; gives the SHA of the first commit on the default branch. */
  createRepository(
    name: string,
    files: Files,
    settings?: RepositorySettings & { branch?: string },
  ): Promise<string>
  /** Somebody else's commit on a branch, which is made when it is not there. */
  commit(name: string, branch: string, files: Files, message: string): Promise<string>
  protect(name: string, branch: string, rules: BranchRules): void
  /** The next pushes by git are refused in the words of the branch's rules (GH006, GH013). */
  refusePushes(name: string, branch: string, times?: number): void
  /** The next reads of the branch by the API see no head that is newer than the one now. */
  lag(name: string, branch: string, reads?: number): Promise<void>
  /** The next lists of pull requests miss those that are opened from now on. */
  lagPulls(name: string, reads?: number): void
  /** So many reads of each pull request to come do not know yet whether it can be merged. */
  undecided(name: string, reads: number): void
  approve(name: string, pull: number, login: string): void
  pulls(name: string): readonly Readonly<Pull>[]
  comments(name: string): readonly Readonly<Repository['comments'][number]>[]
  /** Of commits, oldest first. */
  statuses(name: string): readonly Readonly<Status>[]
  /** With their statuses, oldest first. */
  deployments(name: string): readonly Readonly<Deployment>[]
  /** What GitHub does when a job with an environment begins: a Deployment, in progress. */
  beginJob(name: string, job: RunningJob): void
  /** Lets the merge queue go on. */
  runMergeQueue(name: string): Promise<void>
}

/** Starts it. A request or answer outside of GitHub's description is a 500, and disposing throws. */
export async function githubServer(options: GitHubServerOptions = {}): Promise<GitHubServer> {
  const { tokens, requestLimit = 5000, treeEntries = 100_000, clock = Date.now } = options
  const git = await gitServer(tokens === undefined ? {} : { token: Object.keys(tokens) })
  const state = createState(clock)
  const api = createApi({ state, html: git.origin, tokens, requestLimit, treeEntries })
  const { violations } = api
  const server = await loopback(api.answer)

  const repositoryNamed = (name: string): Repository => {
    const [owner = '', repo = ''] = name.split('/')
    const found = state.find(owner, repo)
    if (found === undefined) throw new Error(`There is no repository ${name}.`)
    return found
  }
  const url = `${server.url}/api/v3`
  const graphqlUrl = `${server.url}/api/graphql`
  return {
    url,
    graphqlUrl,
    gitOrigin: git.origin,
    environment: {
      GITHUB_API_URL: url,
      GITHUB_GRAPHQL_URL: graphqlUrl,
      GITHUB_SERVER_URL: git.origin,
    },
    git,
    requests: server.requests,
    violations,
    fail: server.fail,
    async createRepository(name, files, { branch = 'main', ...settings } = {}) {
      const [owner = '', repo = ''] = name.split('/')
      const sha = await git.createRepository(name, files, branch)
      Object.assign(state.add(owner, repo, git.directory(name), branch).settings, settings)
      return sha
    },
    commit: (name, branch, files, message) => git.commit(name, branch, files, message),
    protect: (name, branch, rules) => void repositoryNamed(name).rules.set(branch, rules),
    refusePushes(name, branch, times = 1) {
      const rejection = pushRejection(
        `${git.origin}/${name}`,
        branch,
        repositoryNamed(name).rules.get(branch) ?? {},
      )
      git.reject({ ...rejection, repo: name, times })
    },
    async lag(name, branch, reads = 1) {
      const { objects, lags } = repositoryNamed(name)
      const sha = (await objects.resolve(`refs/heads/${branch}`)) ?? ''
      lags.push({ branch, sha, left: reads })
    },
    lagPulls(name, reads = 1) {
      const repository = repositoryNamed(name)
      repository.pullLag = { known: repository.pulls.length, left: reads }
    },
    undecided(name, reads) {
      repositoryNamed(name).undecidedReads = reads
    },
    approve(name, number, login) {
      repositoryNamed(name)
        .pulls.find(pull => pull.number === number)
        ?.approvals.push(login)
    },
    pulls: name => repositoryNamed(name).pulls,
    comments: name => repositoryNamed(name).comments,
    statuses: name => repositoryNamed(name).statuses,
    deployments: name => repositoryNamed(name).deployments,
    beginJob: (name, job) => beginJob(state, repositoryNamed(name), job, `${git.origin}/${name}`),
    runMergeQueue: name => runQueue(repositoryNamed(name), state.now()),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await api.idle()
      await git[Symbol.asyncDispose]()
      if (violations.length > 0) throw new Error(`Outside of GitHub's description:\n${violations.join('\n')}`)
    },
  }
}

/** A fault: GitHub's own secondary limit. Without `retryAfter`, in seconds, GitHub leaves the waiting to the client. */
export function secondaryRateLimit({
  retryAfter,
  ...fault
}: Omit<Fault, 'kind'> & { retryAfter?: number } = {}): Fault {
  return {
    status: 403,
    ...fault,
    kind: 'status',
    headers: {
      'content-type': 'application/json',
      ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
    },
    body: JSON.stringify({
      message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
      documentation_url: 'https://docs.github.com/rest/overview/rate-limits-for-the-rest-api',
    }),
  }
}
