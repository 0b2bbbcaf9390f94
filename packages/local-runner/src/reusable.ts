// A job that calls a workflow: where its file is, what is handed in, what comes back. Pure.
import { join, resolve } from 'node:path'
import { parseUses } from './action.ts'
import { asText, interpolate } from './expressions.ts'
import type { Job, Workflow } from './grammar.ts'
import type { JobContexts } from './job-state.ts'
import type { RunOptions } from './types.ts'

/** Thrown: Error for a repository that is not on this machine. */
export function calledFile(uses: string, { root, actions = {} }: RunOptions): string {
  const { repository, path } = parseUses(uses)
  if (repository === '') return resolve(root, path)
  const directory = actions[repository]
  if (directory !== undefined) return join(directory, path)
  throw new Error(`There is no workflow ${uses} on this machine.`)
}

/** The contexts inside of the called workflow. Thrown: Error where the call does not fit what the workflow asks for. */
export function bindCall(called: Workflow, job: Job, id: string, contexts: JobContexts): JobContexts {
  const { inputs: wanted = {}, secrets: asked = {} } = callOf(called, job.uses ?? '')
  const standing = { status: 'success' } as const
  const text = (value: unknown) =>
    typeof value === 'string' ? interpolate(value, contexts, standing) : value
  const given = job.with ?? {}
  const unknown = Object.keys(given).find(name => wanted[name] === undefined)
  if (unknown !== undefined) throw new Error(`Job ${id}: the called workflow has no input "${unknown}".`)
  const inputs = Object.entries(wanted).map(([name, rule]) => {
    const value = given[name] === undefined ? rule.default : text(given[name])
    if (value === undefined && rule.required === true)
      throw new Error(`Job ${id}: the called workflow needs the input "${name}".`)
    return [name, typed(value, rule.type ?? 'string', `Job ${id}: the input "${name}"`)] as const
  })
  const all = contexts['secrets'] as Record<string, unknown> // oxlint-disable-line no-unsafe-type-assertion -- made by runWorkflow
  const secrets =
    job.secrets === 'inherit'
      ? all
      : {
          GITHUB_TOKEN: all['GITHUB_TOKEN'],
          ...Object.fromEntries(
            Object.entries(job.secrets ?? {}).map(([name, value]) => [name, text(value)]),
          ),
        }
  const missing = Object.keys(asked).find(name => asked[name]?.required === true && !secrets[name])
  if (missing !== undefined) throw new Error(`Job ${id}: the called workflow needs the secret "${missing}".`)
  const { github, vars } = contexts
  return { github, vars, env: {}, secrets, inputs: Object.fromEntries(inputs) }
}

/** @param jobs of the called workflow, with their outputs */
export function callOutputs(
  called: Workflow,
  jobs: ReadonlyMap<string, { result: string; outputs: Record<string, string> }>,
  { github, vars }: JobContexts,
): Record<string, string> {
  const contexts = { github, vars, jobs: Object.fromEntries(jobs), inputs: {} }
  return Object.fromEntries(
    Object.entries(callOf(called, '').outputs ?? {}).map(([name, { value }]) => [
      name,
      asText(interpolate(value, contexts, { status: 'success' })),
    ]),
  )
}

function callOf({ on }: Workflow, uses: string) {
  if (on === 'workflow_call' || (Array.isArray(on) && on.includes('workflow_call'))) return {}
  if (typeof on === 'object' && !Array.isArray(on) && 'workflow_call' in on) return on.workflow_call ?? {}
  throw new Error(`${uses} cannot be called: it has no "on: workflow_call".`)
}

function typed(value: unknown, type: 'string' | 'boolean' | 'number', what: string): unknown {
  const text = asText(value)
  if (type === 'string') return text
  if (type === 'boolean') {
    if (text !== '' && text !== 'true' && text !== 'false') throw new Error(`${what} is no boolean: ${text}.`)
    return text === 'true'
  }
  if (text === '' || Number.isNaN(Number(text))) {
    if (text === '') return 0
    throw new Error(`${what} is no number: ${text}.`)
  }
  return Number(text)
}
