// One step: its condition, environment and time, and what later steps see of it.
import { asText, holds } from './expressions.ts'
import type { Step } from './grammar.ts'
import { textIn, textsIn, type JobState, type Print, type Scope } from './job-state.ts'
import type { Effects } from './phase.ts'
import { runScript } from './script.ts'
import type { StepRun } from './types.ts'
import { runUses, type Prepared } from './uses.ts'

/** The runner shows no more of a job. */
const ANNOTATIONS = 50

export const nameOf = ({ name, uses, run = '' }: Step) => name ?? uses ?? `Run ${run.split('\n')[0] ?? ''}`

/** Of a composite action: where its steps print, and what stops them. */
export interface Within {
  print: Print
  signal: AbortSignal
}

export async function runStep(
  state: JobState,
  scope: Scope,
  step: Step,
  { index, prepared, within }: { index: number; prepared?: Prepared | undefined; within?: Within },
): Promise<StepRun> {
  const inherited = { ...scope.env, ...state.env }
  const env = { ...inherited, ...textsIn(state, scope, step.env, { env: inherited }) }
  const contexts = { ...scope.contexts, env }
  const standing = () => ({ status: scope.status, workspace: state.workspace })
  const name = textIn(state, scope, nameOf(step), { env })
  const id = step.id ?? `__${index}`
  const run = holds(step.if, contexts, standing())
    ? await inTime(state, scope, step, within, signal => {
        const body = (print: Print) =>
          step.run === undefined
            ? runUses({ state, scope, step, id, env, print, signal, prepared }, runStep)
            : runScript(state, scope, step, { env, print, signal })
        return within === undefined
          ? measure(state, name, id, body)
          : settle(name, id, within.print, body, state)
      })
    : blank(name, id)
  if (
    run.outcome === 'failure' &&
    textIn(state, scope, asText(step['continue-on-error'] ?? false)) === 'true'
  )
    run.conclusion = 'success'
  if (run.conclusion === 'failure') scope.fail()
  const { outputs, outcome, conclusion } = run
  if (step.id !== undefined) scope.contexts.steps[step.id] = { outputs, outcome, conclusion }
  return run
}

/** Gives the body a signal that is raised by a cancelled job, unless the step goes on then, and by the step's own limit. */
async function inTime(
  state: JobState,
  scope: Scope,
  step: Step,
  within: Within | undefined,
  body: (signal: AbortSignal) => Promise<StepRun>,
): Promise<StepRun> {
  const stop = new AbortController()
  const survives = () => holds(step.if, scope.contexts, { status: 'cancelled', workspace: state.workspace })
  if (within === undefined) state.running = { stop, survives }
  const minutes = Number(textIn(state, scope, asText(step['timeout-minutes'] ?? 0)))
  let isLate = false
  const timer = minutes > 0 ? setTimeout(() => ((isLate = true), stop.abort()), minutes * 60_000) : undefined
  try {
    const run = await body(within === undefined ? stop.signal : AbortSignal.any([stop.signal, within.signal]))
    if (!isLate) return run
    const message = `The step has timed out after ${minutes} minutes.`
    run.log.push(`error: ${message}`)
    run.annotations.push({ level: 'error', message, properties: {} })
    return { ...run, outcome: 'failure', conclusion: 'failure' }
  } finally {
    clearTimeout(timer)
  }
}

const blank = (name: string, id: string): StepRun => ({
  id,
  name,
  outcome: 'skipped',
  conclusion: 'skipped',
  outputs: {},
  summary: '',
  annotations: [],
  log: [],
  duration: 0,
})

type Body = (print: Print) => Promise<Effects>

/** Runs the body of a job's own step, and tells the listener. */
export async function measure(state: JobState, name: string, id: string, body: Body): Promise<StepRun> {
  const { listener } = state.options
  listener?.({ kind: 'step-started', job: state.id, step: name })
  const say = (line: string) => listener?.({ kind: 'line', job: state.id, step: name, line })
  const run = await settle(name, id, say, body, state)
  run.annotations = run.annotations.slice(0, Math.max(0, ANNOTATIONS - state.annotations))
  state.annotations += run.annotations.length
  listener?.({ kind: 'step-ended', job: state.id, step: run })
  return run
}

async function settle(
  name: string,
  id: string,
  say: Print,
  body: Body,
  { masks }: JobState,
): Promise<StepRun> {
  const started = performance.now()
  const run = blank(name, id)
  const print = (line: string) => {
    run.log.push(line)
    say(line)
  }
  try {
    const { exitCode, outputs, summary, annotations } = await body(print)
    const outcome = exitCode === undefined ? 'cancelled' : exitCode === 0 ? 'success' : 'failure'
    Object.assign(run, { outcome, outputs, summary, annotations: [...annotations] })
  } catch (error) {
    const message = masks.hide(error instanceof Error ? error.message : String(error))
    print(`error: ${message}`)
    run.annotations.push({ level: 'error', message, properties: {} })
    run.outcome = 'failure'
  }
  run.conclusion = run.outcome
  run.duration = performance.now() - started
  return run
}
