// The story of the action.
import type { Outcome } from '@gitops-relay/action-kit'
import type { Clock } from '@gitops-relay/http/clock'
import type { Ancestry } from './ancestry.ts'
import type { Feedback } from './feedback.ts'
import type { Inputs } from './inputs.ts'
import { goalOf } from './plan.ts'
import type { Provider } from './providers/provider.ts'
import type { Recorder } from './recorder.ts'
import { report, verifiedPods } from './report.ts'
import type { Narrator } from './narrator.ts'
import { waitFor } from './wait.ts'

export interface Collaborators {
  provider: Provider
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
  const { provider, ancestry, recorder, narrator, feedback, clock } = collaborators
  const { commit } = inputs
  const startedAt = clock.now()
  const choice = await provider.choose(() => ancestry.changedFiles(commit, signal), signal)
  const goal = goalOf(inputs, provider.name, choice, startedAt)
  recorder.goal(goal)
  narrator.begin(goal)
  const waiting = waitFor(
    goal,
    {
      observer: provider.observe(goal.targets),
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
  // For the timeline only; a wait never fails for it.
  const pushedAt = await provider.commitTime(goal.targets, signal).catch(() => undefined)
  return report({ verdict, goal, inputs, pushedAt, endedAt: clock.now(), recordPath: recorder.path })
}
