// What the API remembers beside git's objects: repositories, pull requests, statuses, rules.
import { isoOf } from './commit-object.ts'
import { objectsOf, type Objects } from './objects.ts'

/** What a token may do; what is not given it may. */
export interface TokenRights {
  /** Default `github-actions[bot]`. For bots GitHub signs commits that have no author of their own. */
  login?: string
  contents?: 'read' | 'write'
  pull_requests?: 'read' | 'write'
  issues?: 'read' | 'write'
  statuses?: 'read' | 'write'
  checks?: 'read' | 'write'
  deployments?: 'read' | 'write'
  administration?: 'read' | 'write'
  /** Files below `.github/workflows`. */
  workflows?: boolean
  /** `false`: the settings forbid Actions to open pull requests. */
  opensPullRequests?: boolean
  /** No rule of a branch binds it. */
  bypassesRules?: boolean
}

export type Right = Exclude<keyof TokenRights, 'login' | 'workflows' | 'opensPullRequests' | 'bypassesRules'>

/** Rules of a branch. */
export interface BranchRules {
  /** Where they stand, which decides the words of a refusal; default a ruleset. */
  by?: 'ruleset' | 'protection'
  pullRequest?: boolean
  approvals?: number
  /** Contexts that must be green. */
  checks?: readonly string[]
  /** A pull request must have all of its base. */
  upToDate?: boolean
  signatures?: boolean
  mergeQueue?: boolean
  /** Default true. */
  noForcePush?: boolean
}

export interface RepositorySettings {
  private?: boolean
  archived?: boolean
  allow_auto_merge?: boolean
  allow_merge_commit?: boolean
  allow_squash_merge?: boolean
  allow_rebase_merge?: boolean
  delete_branch_on_merge?: boolean
}

export interface Pull {
  id: number
  number: number
  title: string
  body: string | null
  author: string
  state: 'open' | 'closed'
  draft: boolean
  head: string
  base: string
  /** Of the head when its branch was last there. */
  headSha: string
  baseSha: string
  created: string
  updated: string
  closed: string | null
  merged: { at: string; by: string; commit: string } | undefined
  reviewers: string[]
  teams: string[]
  approvals: string[]
  labels: string[]
  autoMerge: { by: string; method: MergeMethod } | undefined
  isQueued: boolean
  /** Reads that do not know yet whether it can be merged. */
  undecided: number
  maintainerCanModify: boolean
}

export type MergeMethod = 'merge' | 'squash' | 'rebase'

export interface Comment {
  id: number
  issue: number
  author: string
  body: string
  created: string
  updated: string
}

export interface Status {
  id: number
  sha: string
  state: string
  context: string
  description: string | null
  target: string | null
  author: string
  created: string
}

export interface CheckRun {
  id: number
  sha: string
  name: string
  status: string
  conclusion: string | null
  details: string | null
  external: string
  started: string
  completed: string | null
  output: { title: string | null; summary: string | null; text: string | null }
}

export interface Deployment {
  id: number
  sha: string
  ref: string
  task: string
  environment: string
  description: string | null
  payload: unknown
  author: string
  created: string
  statuses: DeploymentStatus[]
}

export interface DeploymentStatus {
  id: number
  state: string
  description: string
  environment: string
  target: string
  log: string
  environmentUrl: string
  author: string
  created: string
}

export interface Repository {
  id: number
  owner: string
  name: string
  defaultBranch: string
  objects: Objects
  settings: RepositorySettings
  created: string
  pulls: Pull[]
  comments: Comment[]
  labels: Set<string>
  statuses: Status[]
  checkRuns: CheckRun[]
  deployments: Deployment[]
  rules: Map<string, BranchRules>
  /** Reads of a branch that still see an older head. */
  lags: { branch: string; sha: string; left: number }[]
  /** Lists of pull requests that know only the first so many. */
  pullLag: { known: number; left: number }
  /** Reads of each new pull request that do not know yet whether it can be merged. */
  undecidedReads: number
}

export interface State {
  repositories: Repository[]
  /** The next id of anything. */
  id(): number
  clock: () => number
  now(): string
  find(owner: string, name: string): Repository | undefined
  add(owner: string, name: string, directory: string, defaultBranch: string): Repository
}

export function createState(clock: () => number): State {
  let last = 1000
  const id = () => ++last
  const now = () => isoOf(clock())
  const repositories: Repository[] = []
  const isCalled = (owner: string, name: string) => (repository: Repository) =>
    `${repository.owner}/${repository.name}`.toLowerCase() === `${owner}/${name}`.toLowerCase()
  return {
    repositories,
    id,
    clock,
    now,
    find: (owner, name) => repositories.find(isCalled(owner, name)),
    add(owner, name, directory, defaultBranch) {
      const repository: Repository = {
        id: id(),
        owner,
        name,
        defaultBranch,
        objects: objectsOf(directory),
        settings: {},
        created: now(),
        pulls: [],
        comments: [],
        labels: new Set(),
        statuses: [],
        checkRuns: [],
        deployments: [],
        rules: new Map(),
        lags: [],
        pullLag: { known: 0, left: 0 },
        undecidedReads: 0,
      }
      repositories.push(repository)
      return repository
    },
  }
}

/** The head of a branch as the API sees it, which may be behind. */
export async function headOf(repository: Repository, branch: string): Promise<string | undefined> {
  const actual = await repository.objects.resolve(`refs/heads/${branch}`)
  const lag = repository.lags.find(entry => entry.branch === branch && entry.left > 0 && entry.sha !== actual)
  if (lag === undefined) return actual
  lag.left--
  return lag.sha === '' ? undefined : lag.sha
}
