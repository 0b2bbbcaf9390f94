// An action that is a Node program: what it is given, and its three moments.
import { join } from 'node:path'
import type { Metadata } from './action.ts'
import { asText } from './expressions.ts'
import type { Step } from './grammar.ts'
import { textIn, textsIn, type JobState, type Print, type Scope } from './job-state.ts'
import type { Effects } from './phase.ts'

/** What one moment saves for the next ones. */
export type Saved = Record<string, string>

interface NodeCall {
  state: JobState
  scope: Scope
  step: Step
  env: Record<string, string>
  print: Print
  action: Metadata
  directory: string
  saved: Saved
}

export async function runPre(call: NodeCall): Promise<Effects> {
  const effects = await moment(call, call.action.runs.pre ?? '', call.print, new AbortController().signal)
  Object.assign(call.saved, effects.state)
  return effects
}

/** The post moment is left to the end of the job, with the inputs and the environment that stand now. */
export async function runMain(call: NodeCall & { signal: AbortSignal }): Promise<Effects> {
  const { state, step, saved, print, signal } = call
  const { main = '', post, 'post-if': condition = 'always()' } = call.action.runs
  if (post !== undefined) {
    const name = step.name ?? step.uses ?? ''
    state.posts.push({ name, condition, run: (say, stop) => moment(call, post, say, stop) })
  }
  const effects = await moment(call, main, print, signal)
  Object.assign(saved, effects.state)
  return effects
}

/** Inputs by name: given, else the default. */
export function valuesOf(
  { inputs = {} }: Metadata,
  { state, scope, step, env }: NodeCall,
): Record<string, string> {
  const values = textsIn(state, scope, step.with, { env })
  for (const [name, rule] of Object.entries(inputs))
    values[name] ??= textIn(state, scope, asText(rule.default ?? ''), { env })
  return values
}

function moment(call: NodeCall, file: string, print: Print, signal: AbortSignal): Promise<Effects> {
  const { state, action, directory, saved, env } = call
  const states = Object.entries(saved).map(([name, value]) => [`STATE_${name}`, value])
  const inputs = Object.entries(valuesOf(action, call)).map(([name, value]) => [
    `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
    value,
  ])
  const node = state.options.node ?? process.execPath
  return state.start([node, join(directory, file)], {
    cwd: state.workspace,
    env: {
      ...env,
      ...Object.fromEntries([...inputs, ...states]),
      GITHUB_ACTION_PATH: directory,
    },
    print,
    signal,
  })
}
