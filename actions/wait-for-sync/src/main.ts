// The story of the action.
import type { Outcome } from '@gitops-relay/action-kit'
import { UserError } from '@gitops-relay/action-kit/user-error'
import { HttpError } from '@gitops-relay/http'
import type { Clock } from '@gitops-relay/http/clock'
import {
  createObserver,
  findTargets,
  nameTargets,
  type ApplicationName,
  type ArgoServer,
} from '@gitops-relay/sync'
import type { Ancestry } from './ancestry.ts'
import type { Feedback } from './feedback.ts'
import type { Inputs } from './inputs.ts'
import { goalOf } from './plan.ts'
import type { Recorder } from './recorder.ts'
import { report, verifiedPods } from './report.ts'
import type { Narrator } from './narrator.ts'
import { waitFor } from './wait.ts'

export interface Collaborators {
  server: ArgoServer
  ancestry: Ancestry
  recorder: Recorder
  narrator: Narrator
  feedback: Feedback
  clock: Clock
}

/** Waits for the verdict on the commit and says what it rests on. Thrown: UserError before there is anything to wait for, the signal's reason. */
export async function waitForSync(
  inputs: Inputs,
  collaborators: Collaborators,
  signal: AbortSignal,
): Promise<Outcome> {
  const { server, ancestry, recorder, narrator, feedback, clock } = collaborators
  const startedAt = clock.now()
  const { targets, changedFiles } = await chooseTargets(inputs, server, ancestry, signal)
  const goal = goalOf(inputs, [...targets.keys()], changedFiles, startedAt)
  recorder.goal(goal)
  narrator.begin(goal)
  const { project, selector, commit } = inputs
  const waiting = waitFor(
    goal,
    {
      observer: createObserver(server, targets, { project, selector }, clock),
      relate: async (revision, until) => {
        const answer = await ancestry.relate(revision, commit, inputs.changedFiles, until)
        return { kind: 'revision', at: clock.now(), revision, ...answer }
      },
      clock,
      record: observation => {
        recorder.observation(observation)
        if (observation.kind === 'trouble') narrator.trouble(observation.detail)
      },
      progress: narrator.progress,
    },
    signal,
  )
  const verdict = await feedback.during(goal, waiting, signal)
  if (verdict.result === 'live') narrator.proof(goal, verifiedPods({ verdict, goal }))
  const pushedAt = await pushTime(server, targets, inputs, signal)
  return report({ verdict, goal, inputs, pushedAt, endedAt: clock.now(), recordPath: recorder.path })
}

async function chooseTargets(
  inputs: Inputs,
  server: ArgoServer,
  ancestry: Ancestry,
  signal: AbortSignal,
): Promise<{ targets: Map<string, ApplicationName>; changedFiles: readonly string[] | undefined }> {
  if (inputs.applications.length > 0)
    return { targets: nameTargets(inputs.applications), changedFiles: inputs.changedFiles }
  const { project, selector, repository, branch, commit } = inputs
  const applications = await server.list({ project, selector }, signal).catch(error => {
    if (!(error instanceof HttpError)) throw error
    const remedy = 'Check "argocd-server", and that the runner can reach it.'
    throw new UserError('argocd-unreachable', `Argo CD cannot be asked: ${error.message}`, remedy, {
      cause: error,
    })
  })
  const changedFiles = inputs.changedFiles ?? (await ancestry.changedFiles(commit, signal))
  const targets = findTargets(applications, { repository: repository.url, branch, changedFiles })
  return { targets, changedFiles }
}

/** For the timeline only; a wait never fails for it. */
async function pushTime(
  server: ArgoServer,
  targets: ReadonlyMap<string, ApplicationName>,
  { commit }: Inputs,
  signal: AbortSignal,
): Promise<number | undefined> {
  const [first] = targets.values()
  return first && server.commitTime(first, commit, signal).catch(() => undefined)
}
