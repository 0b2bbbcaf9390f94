// An action made of steps: they see its inputs and their own outputs, and nothing of the job's steps or secrets.
import { asText } from './expressions.ts'
import type { Step } from './grammar.ts'
import { textIn, type JobState, type Scope } from './job-state.ts'
import { valuesOf } from './node-action.ts'
import type { Effects } from './phase.ts'
import type { Within } from './step.ts'
import type { Conclusion, StepRun } from './types.ts'
import type { Call, Prepared } from './uses.ts'

/** How a step is run; given, so that steps and composite actions need not know each other. */
export type RunStep = (
  state: JobState,
  scope: Scope,
  step: Step,
  place: { index: number; prepared?: Prepared | undefined; within?: Within },
) => Promise<StepRun>

const DEEPEST = 10

export async function runComposite(call: Call & Prepared, runStep: RunStep): Promise<Effects> {
  const { state, action, directory, env, print, signal, step } = call
  const depth = Number(call.scope.contexts['depth'] ?? 0) + 1
  if (depth > DEEPEST)
    throw new Error(`${step.uses}: composite actions use each other more than ${DEEPEST} deep.`)
  const scope = scopeOf(call, depth)
  const runs: StepRun[] = []
  for (const [index, inner] of (action.runs.steps ?? []).entries()) {
    if (inner.run !== undefined && inner.shell === undefined)
      throw new Error(`${step.uses}: its step ${index + 1} needs "shell".`)
    runs.push(await runStep(state, scope, inner, { index, within: { print, signal } }))
  }
  const outputs = Object.entries(action.outputs ?? {}).map(([name, { value = '' }]) => [
    name,
    textIn(state, scope, asText(value), { env }),
  ])
  const { status } = scope
  return {
    exitCode: status === 'cancelled' ? undefined : status === 'success' ? 0 : 1,
    outputs: Object.fromEntries(outputs) as Record<string, string>, // oxlint-disable-line no-unsafe-type-assertion -- pairs of texts
    env: {},
    path: [],
    state: {},
    summary: runs.map(({ summary }) => summary).join(''),
    annotations: runs.flatMap(({ annotations }) => annotations),
  }

  function scopeOf({ scope: outer }: Call, level: number): Scope {
    const { github, runner, job, matrix = {}, strategy = {}, needs = {}, vars = {} } = outer.contexts
    let own: Conclusion = 'success'
    return {
      contexts: {
        github: { ...(github as object), action_path: directory }, // oxlint-disable-line no-unsafe-type-assertion -- made by context.ts
        inputs: valuesOf(action, call),
        runner,
        job,
        matrix,
        strategy,
        needs,
        vars,
        depth: level,
        steps: {},
      },
      get status() {
        return signal.aborted || state.status === 'cancelled' ? 'cancelled' : own
      },
      fail: () => void (own = 'failure'),
      env: { ...env, GITHUB_ACTION_PATH: directory },
      defaults: {},
    }
  }
}
