// Runs an action as the runner would: its bundle as a child of Node 24 in a fresh machine, and its post step after it.
import { readFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryDirectory } from '../temporary-directory.ts'
import { runChild } from './child.ts'
import type { ChildEnded, ChildOptions } from './child.ts'
import {
  contexts,
  inputVariables,
  makeDirectories,
  makeFiles,
  readMetadata,
  variables,
} from './environment.ts'
import type { Directories, Environment } from './environment.ts'
import { parseFileCommands } from './file-commands.ts'
import { readCommands } from './workflow-commands.ts'
import type { LoggedAnnotation } from './workflow-commands.ts'

export interface RunActionOptions {
  /** Name of a directory in `actions/`, or the absolute path of one with an action.yml. */
  action: string
  /** Script to run instead of what action.yml names; absolute, or relative to the action. May be TypeScript. */
  entry?: string
  /** As in `with:`; what is not named has action.yml's default. */
  inputs?: Readonly<Record<string, string>>
  /** Added to the runner's variables; `undefined` takes one away. */
  env?: Readonly<Record<string, string | undefined>>
  /** Default: a push to `main`. */
  event?: { name: string; payload: object }
  /** Default: an empty one. */
  workspace?: string
  /** Where home, temp and all else are made, which then stay; default: a directory of its own, removed when the run is disposed. */
  directory?: string
  /** `github.token`. */
  token?: string
  cancelAfter?: ChildOptions['cancelAfter']
  cancelBy?: ChildOptions['cancelBy']
  /** The runner's is 7,500 ms from SIGINT to SIGTERM, 2,500 ms on to SIGKILL. */
  ladder?: ChildOptions['ladder']
  /** Milliseconds; default 60,000. */
  timeout?: number
}

export interface ActionRun extends Omit<ChildEnded, 'lines'>, AsyncDisposable {
  /** Both streams, line by line in order, without the lines of `add-mask`. Nothing else is masked in it. */
  log: string
  outputs: Record<string, string>
  summary: string
  state: Record<string, string>
  /** What it wrote to GITHUB_ENV and GITHUB_PATH. */
  env: Record<string, string>
  path: string[]
  annotations: LoggedAnnotation[]
  masks: string[]
  directories: Directories
  /** Runs the post step in the same machine with the saved state. Thrown: Error when action.yml names none. */
  post(options?: Pick<RunActionOptions, 'cancelAfter'>): Promise<ActionRun>
}

const actions = fileURLToPath(new URL('../../../../actions', import.meta.url))

/** Runs the main step to its end. Thrown: Error when it does not end in time, or its files are not what the runner reads. */
export async function runAction(options: RunActionOptions): Promise<ActionRun> {
  const own = options.directory === undefined ? await temporaryDirectory() : undefined
  const directories = await makeDirectories(options.directory ?? own?.path ?? '', options.workspace)
  const action = isAbsolute(options.action) ? options.action : join(actions, options.action)
  const { event = { name: 'push', payload: pushPayload }, token = 'ghs_token-of-the-test-run' } = options
  const metadata = await readMetadata(action)
  const base = { ...(await variables(directories, event)), GITHUB_ACTION_PATH: action }
  const context = contexts(merge(base, options.env), token, event.payload)
  const given = merge({ ...base, ...inputVariables(metadata, options.inputs ?? {}, context) }, options.env)

  async function phase(
    entry: string,
    saved: Record<string, string>,
    cancelAfter?: ChildOptions['cancelAfter'],
  ): Promise<ActionRun> {
    const files = await makeFiles(directories)
    const ended = await runChild({
      entry: isAbsolute(entry) ? entry : join(action, entry),
      directory: directories.workspace,
      env: {
        ...given,
        ...Object.fromEntries(Object.entries(saved).map(([name, value]) => [`STATE_${name}`, value])),
        GITHUB_OUTPUT: files.output,
        GITHUB_ENV: files.env,
        GITHUB_PATH: files.path,
        GITHUB_STATE: files.state,
        GITHUB_STEP_SUMMARY: files.summary,
      },
      ladder: options.ladder ?? [7500, 2500],
      timeout: options.timeout ?? 60_000,
      mark: directories.root,
      ...(cancelAfter === undefined ? {} : { cancelAfter }),
      ...(options.cancelBy === undefined ? {} : { cancelBy: options.cancelBy }),
    })
    const { lines, ...rest } = ended
    const { lines: shown, annotations, masks } = readCommands(lines)
    const state = { ...saved, ...parseFileCommands(await read(files.state)) }
    return {
      ...rest,
      annotations,
      masks,
      state,
      directories,
      log: shown.join('\n'),
      outputs: parseFileCommands(await read(files.output)),
      env: parseFileCommands(await read(files.env)),
      path: (await read(files.path)).split('\n').filter(Boolean),
      summary: await read(files.summary),
      post(more = {}) {
        const after = options.entry ?? metadata.runs?.post
        if (metadata.runs?.post === undefined || after === undefined)
          throw new Error(`${options.action} has no post step.`)
        return phase(after, state, more.cancelAfter)
      },
      async [Symbol.asyncDispose]() {
        await own?.[Symbol.asyncDispose]()
      },
    }
  }
  try {
    return await phase(options.entry ?? metadata.runs?.main ?? 'dist/index.js', {}, options.cancelAfter)
  } catch (error) {
    await own?.[Symbol.asyncDispose]()
    throw error
  }
}

const read = (file: string) => readFile(file, 'utf8')

const pushPayload = {
  ref: 'refs/heads/main',
  after: '1111111111111111111111111111111111111111',
  repository: { full_name: 'acme/shop', default_branch: 'main', html_url: 'https://github.com/acme/shop' },
}

function merge(base: Environment, more: RunActionOptions['env'] = {}): Environment {
  const merged: Record<string, string | undefined> = { ...base, ...more }
  return Object.fromEntries(
    Object.entries(merged).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}
