// What the steps of a job share: directories, contexts, environment, masks, and how the job stands.
import { delimiter, join } from 'node:path'
import { asText, interpolate, type Contexts } from './expressions.ts'
import type { Scalars } from './grammar.ts'
import { createMasks, type Masks } from './masks.ts'
import { runPhase, type Effects } from './phase.ts'
import type { Conclusion, RunOptions } from './types.ts'

/** The contexts that a workflow gives its jobs. */
export type JobContexts = Contexts & { github: Record<string, unknown> }

export interface Post {
  name: string
  condition: string
  run: (print: Print, signal: AbortSignal) => Promise<Effects>
}

export type Print = (line: string) => void

/** The step that runs now: does it go on when the job is cancelled, and how is it told to stop? */
export interface Running {
  survives: () => boolean
  stop: AbortController
}

export class JobState {
  readonly options: RunOptions
  readonly id: string
  readonly contexts: JobContexts & { job: { status: Conclusion } }
  readonly workspace: string
  readonly temp: string
  readonly masks: Masks = createMasks()
  readonly env: Record<string, string> = {}
  readonly path: string[] = []
  readonly posts: Post[] = []
  running: Running | undefined
  /** That were shown so far. */
  annotations = 0

  constructor(options: RunOptions, id: string, directory: string, contexts: JobContexts) {
    this.options = options
    this.id = id
    this.workspace = join(directory, 'work', 'repository')
    this.temp = join(directory, 'temp')
    const tools = join(directory, 'tools')
    const runner = { os: 'Linux', arch: 'X64', temp: this.temp, tool_cache: tools, name: 'local runner' }
    const github = { ...contexts.github, workspace: this.workspace, job: id }
    this.contexts = { ...contexts, github, runner, job: { status: 'success' } }
  }

  get status(): Conclusion {
    return this.contexts.job.status
  }

  /** A step has failed; a cancelled job stays cancelled. */
  fail(): void {
    if (this.status === 'success') this.contexts.job.status = 'failure'
  }

  /** Steps whose condition holds all the same go on, and others after them. */
  cancel(): void {
    this.contexts.job.status = 'cancelled'
    if (this.running?.survives() === false) this.running.stop.abort()
  }

  /** Runs a program as a step's, with the runner's variables and files. */
  async start(
    argv: [string, ...string[]],
    {
      cwd,
      env,
      print,
      signal,
    }: { cwd: string; env: Record<string, string>; print: Print; signal: AbortSignal },
  ): Promise<Effects> {
    const variables = Object.entries(this.contexts.github).flatMap(([key, value]) =>
      typeof value === 'string' && key !== 'token' ? [[`GITHUB_${key.toUpperCase()}`, value]] : [],
    )
    const full: Record<string, string> = {
      PATH: [...this.path, process.env['PATH'] ?? ''].join(delimiter),
      HOME: join(this.temp, '..', 'home'),
      LANG: 'C.UTF-8',
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      ...Object.fromEntries(variables),
      RUNNER_OS: 'Linux',
      RUNNER_ARCH: 'X64',
      RUNNER_TEMP: this.temp,
      RUNNER_TOOL_CACHE: join(this.temp, '..', 'tools'),
      RUNNER_NAME: 'local runner',
      ...env,
    }
    const effects = await runPhase({
      argv,
      cwd,
      env: full,
      directory: join(this.temp, `_files-${performance.now()}`),
      masks: this.masks,
      signal,
      ladder: this.options.ladder ?? [7500, 2500],
      print,
    })
    Object.assign(this.env, effects.env)
    this.path.unshift(...effects.path)
    return effects
  }
}

/** The steps of a job, or those of a composite action: what they see, and what their failure means. */
export interface Scope {
  contexts: Contexts & { steps: Record<string, unknown> }
  readonly status: Conclusion
  fail(): void
  /** Set for all its steps. */
  env: Record<string, string>
  defaults: { shell?: string; 'working-directory'?: string }
}

export function textIn(state: JobState, scope: Scope, value: string, more: Contexts = {}): string {
  const standing = { status: scope.status, workspace: state.workspace }
  return asText(interpolate(value, { ...scope.contexts, ...more }, standing))
}

export const textsIn = (state: JobState, scope: Scope, values: Scalars | undefined, more: Contexts = {}) =>
  Object.fromEntries(
    Object.entries(values ?? {}).map(([key, value]) => [key, textIn(state, scope, asText(value), more)]),
  )
