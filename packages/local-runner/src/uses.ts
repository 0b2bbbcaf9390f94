// A step with `uses`: a stand-in for an action of others, or an action from a directory of this machine.
import { resolve } from 'node:path'
import { loadAction, parseUses, type Metadata } from './action.ts'
import { runComposite, type RunStep } from './composite.ts'
import type { Step } from './grammar.ts'
import { textsIn, type JobState, type Print, type Scope } from './job-state.ts'
import { runMain, runPre, type Saved } from './node-action.ts'
import type { Effects } from './phase.ts'
import { standInFor } from './stand-ins.ts'
import type { RunOptions } from './types.ts'

/** An action that was found before the first step, with what it does then. */
export interface Prepared {
  action: Metadata
  directory: string
  saved: Saved
  pre: { condition: string; run: (scope: Scope, step: Step, print: Print) => Promise<Effects> } | undefined
}

export interface Call {
  state: JobState
  scope: Scope
  step: Step
  id: string
  env: Record<string, string>
  print: Print
  signal: AbortSignal
  prepared: Prepared | undefined
}

/** Thrown: Error for an action that nobody on this machine knows. */
export function refuseForeign(uses: string, { actions = {} }: RunOptions): void {
  const { repository } = parseUses(uses)
  if (repository !== '' && actions[repository] === undefined && standInFor(repository) === undefined)
    throw new Error(`There is no action ${uses} on this machine, and no stand-in for it.`)
}

/** As the runner downloads actions before the first step; those of the workspace are not there yet. Thrown: Error for one that nobody knows. */
export async function prepare(state: JobState, step: Step): Promise<Prepared | undefined> {
  if (step.uses === undefined) return undefined
  const { repository, path } = parseUses(step.uses)
  if (repository === '') return undefined
  refuseForeign(step.uses, state.options)
  const mapped = (state.options.actions ?? {})[repository]
  if (mapped === undefined) return undefined
  const directory = resolve(mapped, path)
  const action = await loadAction(directory)
  const saved: Saved = {}
  const pre =
    action.runs.pre === undefined
      ? undefined
      : {
          condition: action.runs['pre-if'] ?? 'always()',
          run: (scope: Scope, own: Step, print: Print) =>
            runPre({ state, scope, step: own, env: scope.env, print, action, directory, saved }),
        }
  return { action, directory, saved, pre }
}

export async function runUses(call: Call, runStep: RunStep): Promise<Effects> {
  const { state, scope, step, env, print } = call
  const { repository, path } = parseUses(step.uses ?? '')
  const standIn = (state.options.actions ?? {})[repository] === undefined ? standInFor(repository) : undefined
  if (standIn !== undefined) {
    print(`[stand-in for ${repository}]`)
    const { root, sha } = state.options
    const inputs = textsIn(state, scope, step.with, { env })
    const outputs = await standIn({ root, sha, workspace: state.workspace, inputs, print })
    return { exitCode: 0, outputs, env: {}, path: [], state: {}, summary: '', annotations: [] }
  }
  const found =
    call.prepared ??
    (repository === '' ? await inWorkspace(resolve(state.workspace, path)) : await prepare(state, step))
  if (found === undefined) throw new Error(`There is no action ${step.uses} on this machine.`)
  const { using } = found.action.runs
  if (using === 'composite') return runComposite({ ...call, ...found }, runStep)
  if (/^node\d+$/.test(using)) return runMain({ ...call, ...found })
  throw new Error(`${step.uses} runs by ${using}; actions in containers cannot be run here.`)
}

const inWorkspace = async (directory: string): Promise<Prepared> => ({
  action: await loadAction(directory),
  directory,
  saved: {},
  pre: undefined,
})
