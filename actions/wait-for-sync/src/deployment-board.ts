// The Deployment of the wait: that of the job, if it has an environment of its own, else one that this run makes and finds again.
import type { Deployment, Deployments } from '@gitops-relay/github/deployments'
import type { Board, Subject } from './board.ts'

export interface DeploymentBoardOptions {
  deployments: Deployments
  sha: string
  /** Empty: that of the job, else the name of the first target. */
  environment: string
  subject: Subject
  /** Address of the run, for the log. */
  logUrl: string
  runId: string
  /** Undefined where the source is not in the repository of the run, whose jobs have no Deployment there then. */
  job: Job | undefined
}

export interface Job {
  /** `GITHUB_SHA`, which the Deployment of a job is for. */
  sha: string
  /** Page of this job as the statuses of its Deployment name it, without the id of the job. */
  jobs: string
  /** Empty on servers that do not tell. */
  id: string
}

/** Deployments of a commit that are looked at, newest first: those of a running job are among them. */
const MOST = 20
const OPEN = ['in_progress', 'queued', 'pending', 'waiting']

export function deploymentBoard(options: DeploymentBoardOptions): Board {
  const { deployments, sha, subject, logUrl, runId, job } = options
  const { commit, targets } = subject
  const environment = options.environment || targets.toSorted()[0] || 'gitops-relay'
  const mark = { run: runId, commit, targets: targets.toSorted().join(', ').slice(0, 1000) }
  const what =
    `${commit.slice(0, 12)} in ${targets.length === 1 ? targets[0] : `${targets.length} targets`}`.trim()
  let found: Deployment | undefined

  const find = async (signal: AbortSignal) => {
    const all = await deployments.of(sha, signal)
    const ofJob = job && (job.sha === sha ? all : await deployments.of(job.sha, signal))
    const own = ofJob && (await ofThisJob(job, ofJob, options, signal))
    return own ?? all.find(one => isNamed(one, environment) && isMarked(one, mark))
  }

  const findOrCreate = async (signal: AbortSignal) => {
    const description = `Deploys ${what}`
    const wanted = { sha, environment, description, payload: { 'gitops-relay': mark } }
    return (found ??= (await find(signal)) ?? (await deployments.create(wanted, signal)))
  }

  return {
    async open(signal) {
      const { id } = await findOrCreate(signal)
      await deployments.report(
        id,
        { state: 'in_progress', description: `Waiting for ${what}`, logUrl },
        signal,
      )
    },
    hurry: () => {},
    async close({ state, description }, signal) {
      // Nobody needs a Deployment of a wait that was cancelled before it had one.
      const ours = state === 'inactive' ? (found ?? (await find(signal))) : await findOrCreate(signal)
      if (ours !== undefined) await deployments.report(ours.id, { state, description, logUrl }, signal)
    },
    async sweep({ state, description }, signal) {
      const left = await find(signal)
      if (left === undefined) return
      const [newest] = await deployments.statuses(left.id, signal)
      if (newest === undefined || OPEN.includes(newest.state))
        await deployments.report(left.id, { state, description, logUrl }, signal)
    },
  }
}

/** GitHub says in its own statuses which job a Deployment belongs to. Without the id of ours, only the given name tells. */
async function ofThisJob(
  { jobs, id }: Job,
  all: readonly Deployment[],
  { deployments, environment }: DeploymentBoardOptions,
  signal: AbortSignal,
): Promise<Deployment | undefined> {
  const jobOf = (logUrl: string) => logUrl.slice(jobs.length).split(/[?#]/)[0]
  const candidates = all.filter(one => markOf(one) === undefined && (id !== '' || isNamed(one, environment)))
  const running: Deployment[] = []
  for (const one of candidates.slice(0, MOST)) {
    const statuses = await deployments.statuses(one.id, signal)
    const newest = statuses.find(
      ({ logUrl }) => logUrl.startsWith(jobs) && (id === '' || jobOf(logUrl) === id),
    )
    if (newest !== undefined && OPEN.includes(newest.state)) running.push(one)
  }
  return running.length === 1 ? running[0] : undefined
}

const isNamed = ({ environment }: Deployment, name: string) =>
  environment.toLowerCase() === name.toLowerCase()

/** What we wrote into the payload; undefined for the Deployments of others. */
function markOf({ payload }: Deployment): unknown {
  return typeof payload === 'object' && payload !== null && 'gitops-relay' in payload
    ? payload['gitops-relay']
    : undefined
}

function isMarked(deployment: Deployment, mark: Readonly<Record<string, string>>): boolean {
  const found = new Map<string, unknown>(Object.entries(markOf(deployment) ?? {}))
  return Object.entries(mark).every(([key, value]) => found.get(key) === value)
}
