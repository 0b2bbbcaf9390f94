// A workflow file: checked by GitHub's own grammar, then read as plain data.
import { readFile } from 'node:fs/promises'
import { registerHooks } from 'node:module'
import { parse } from 'yaml'

export interface Workflow {
  name?: string
  on?: string | string[] | { workflow_call?: Call | null }
  env?: Scalars
  defaults?: { run?: { shell?: string; 'working-directory'?: string } }
  jobs: Record<string, Job>
}
/** What a workflow that can be called asks for and gives. */
export interface Call {
  inputs?: Record<
    string,
    { type?: 'string' | 'boolean' | 'number'; required?: boolean; default?: string | boolean | number }
  >
  secrets?: Record<string, { required?: boolean } | null>
  outputs?: Record<string, { value: string }>
}
export interface Job {
  name?: string
  needs?: string | string[]
  if?: string | boolean
  env?: Scalars
  defaults?: Workflow['defaults']
  outputs?: Record<string, string>
  strategy?: {
    matrix?: string | Record<string, unknown>
    'fail-fast'?: boolean | string
    'max-parallel'?: unknown
  }
  'timeout-minutes'?: number | string
  'continue-on-error'?: boolean | string
  services?: unknown
  container?: unknown
  uses?: string
  with?: Scalars
  secrets?: 'inherit' | Scalars
  steps?: Step[]
}
export interface Step {
  id?: string
  name?: string
  if?: string | boolean
  uses?: string
  run?: string
  shell?: string
  'working-directory'?: string
  with?: Scalars
  env?: Scalars
  'continue-on-error'?: boolean | string
  'timeout-minutes'?: number | string
}
export type Scalars = Record<string, string | number | boolean | null>

/** Thrown: Error with every mistake that GitHub would name. */
export async function loadWorkflow(path: string): Promise<Workflow> {
  const content = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Error(`There is no workflow ${path}.`, { cause })
  })
  const { NoOperationTraceWriter, parseWorkflow } = await loadParser()
  const { context } = parseWorkflow({ name: path, content }, new NoOperationTraceWriter())
  const errors = context.errors.getErrors().map(({ message }) => placed(path, message))
  if (errors.length > 0) throw new Error(`${path} is not a valid workflow:\n${errors.join('\n')}`)
  return parse(content) as Workflow // oxlint-disable-line no-unsafe-type-assertion -- the grammar has said so
}

/** `file:line:column: message`, which editors open. */
function placed(path: string, message: string): string {
  const [, line, column, rest] = /\(Line: (\d+), Col: (\d+)\): ([^]*)$/.exec(message) ?? []
  return line === undefined ? message : `${path}:${line}:${column}: ${rest}`
}

/** The parser imports JSON as bundlers do; plain Node wants the type said. */
async function loadParser() {
  const hooks = typeJsonImports()
  try {
    return await import('@actions/workflow-parser')
  } finally {
    hooks?.deregister()
  }
}

function typeJsonImports() {
  try {
    return registerHooks({
      load: (url, context, next) =>
        url.endsWith('.json')
          ? next(url, { ...context, importAttributes: { type: 'json' } })
          : next(url, context),
    })
  } catch {
    // A loader that is not Node's own, such as jest's, refuses hooks, and takes JSON as it is.
    return undefined
  }
}
