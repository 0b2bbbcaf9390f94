// The machine as the runner prepares it for one step: directories, files, variables, inputs.
import { randomUUID } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'

export interface Directories {
  /** Holds all the others but a workspace that was given. */
  root: string
  home: string
  temp: string
  toolCache: string
  workspace: string
}

export interface StepFiles {
  output: string
  env: string
  path: string
  state: string
  summary: string
}

export interface ActionMetadata {
  inputs?: Record<string, { default?: unknown }>
  runs?: { main?: string; post?: string }
}

export type Environment = Record<string, string>

export async function makeDirectories(root: string, workspace: string | undefined): Promise<Directories> {
  const directories = {
    root,
    home: join(root, 'home'),
    temp: join(root, 'work', '_temp'),
    toolCache: join(root, 'tool-cache'),
    workspace: workspace ?? join(root, 'work', 'shop', 'shop'),
  }
  await Promise.all(Object.values(directories).map(path => mkdir(path, { recursive: true })))
  return directories
}

/** Fresh, empty files for one phase of a step. */
export async function makeFiles({ temp }: Directories): Promise<StepFiles> {
  const id = randomUUID()
  const directory = join(temp, '_runner_file_commands')
  await mkdir(directory, { recursive: true })
  const path = (name: string) => join(directory, `${name}_${id}`)
  const files = {
    output: path('set_output'),
    env: path('set_env'),
    path: path('add_path'),
    state: path('save_state'),
    summary: path('step_summary'),
  }
  await Promise.all(Object.values(files).map(file => writeFile(file, '')))
  return files
}

/** The variables of a node action, as on a hosted Linux runner. */
export async function variables(
  { home, temp, toolCache, workspace }: Directories,
  { name, payload }: { name: string; payload: object },
): Promise<Environment> {
  const eventPath = join(temp, '_github_workflow', 'event.json')
  await mkdir(join(eventPath, '..'), { recursive: true })
  await writeFile(eventPath, JSON.stringify(payload))
  const sha = '1111111111111111111111111111111111111111'
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    USER: 'runner',
    LANG: 'C.UTF-8',
    CI: 'true',
    GITHUB_ACTION: 'step',
    GITHUB_ACTION_REF: '',
    GITHUB_ACTION_REPOSITORY: '',
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTOR: 'octocat',
    GITHUB_ACTOR_ID: '583231',
    GITHUB_API_URL: 'https://api.github.com',
    GITHUB_BASE_REF: '',
    GITHUB_EVENT_NAME: name,
    GITHUB_EVENT_PATH: eventPath,
    GITHUB_GRAPHQL_URL: 'https://api.github.com/graphql',
    GITHUB_HEAD_REF: '',
    GITHUB_JOB: 'deliver',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_REF_NAME: 'main',
    GITHUB_REF_PROTECTED: 'false',
    GITHUB_REF_TYPE: 'branch',
    GITHUB_REPOSITORY: 'acme/shop',
    GITHUB_REPOSITORY_ID: '1296269',
    GITHUB_REPOSITORY_OWNER: 'acme',
    GITHUB_REPOSITORY_OWNER_ID: '1',
    GITHUB_RETENTION_DAYS: '90',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_RUN_ID: '4711',
    GITHUB_RUN_NUMBER: '12',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_SHA: sha,
    GITHUB_TRIGGERING_ACTOR: 'octocat',
    GITHUB_WORKFLOW: 'deliver',
    GITHUB_WORKFLOW_REF: 'acme/shop/.github/workflows/deliver.yml@refs/heads/main',
    GITHUB_WORKFLOW_SHA: sha,
    GITHUB_WORKSPACE: workspace,
    RUNNER_ARCH: process.arch === 'arm64' ? 'ARM64' : 'X64',
    RUNNER_ENVIRONMENT: 'github-hosted',
    RUNNER_NAME: 'test runner',
    RUNNER_OS: 'Linux',
    RUNNER_TEMP: temp,
    RUNNER_TOOL_CACHE: toolCache,
    RUNNER_TRACKING_ID: `github_${randomUUID()}`,
    RUNNER_WORKSPACE: join(workspace, '..'),
    // Node actions hold these, scripts of a workflow do not: nothing may leak them to the user's commands.
    ACTIONS_RUNTIME_URL: 'http://127.0.0.1:9/',
    ACTIONS_RUNTIME_TOKEN: 'runtime-token-of-the-test-runner',
    ACTIONS_RESULTS_URL: 'http://127.0.0.1:9/',
    ACTIONS_CACHE_SERVICE_V2: 'True',
  }
}

/** INPUT_ variables: what the step gives, and the defaults of action.yml for the rest. */
export function inputVariables(
  metadata: ActionMetadata,
  inputs: Readonly<Record<string, string>>,
  context: Readonly<Record<string, unknown>>,
): Environment {
  const given = new Map(Object.entries(inputs).map(([name, value]) => [name.toLowerCase(), value]))
  const declared = Object.entries(metadata.inputs ?? {}).map(([name, rule]) => {
    // An input that is given empty stays empty.
    const value = given.get(name.toLowerCase()) ?? resolve(textOf(rule?.default), context)
    return [name, value] as const
  })
  const all = new Map([...given, ...declared.map(([name, value]) => [name.toLowerCase(), value] as const)])
  return Object.fromEntries(
    [...all].map(([name, value]) => [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, value]),
  )
}

/** The contexts that a default may name. */
export function contexts(env: Environment, token: string, event: object): Record<string, unknown> {
  const named = (prefix: string) =>
    Object.entries(env)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length).toLowerCase(), value])
  return {
    github: { ...Object.fromEntries(named('GITHUB_')), token, event, workspace: env['GITHUB_WORKSPACE'] },
    runner: Object.fromEntries(named('RUNNER_')),
    job: { status: 'success' },
  }
}

export async function readMetadata(directory: string): Promise<ActionMetadata> {
  const text = await readFile(join(directory, 'action.yml'), 'utf8').catch(() => 'runs: {}')
  const metadata: ActionMetadata = parse(text)
  return metadata
}

/** Replaces `${{ a.b.c }}`; any other expression is more than a default should hold. */
function resolve(text: string, context: Readonly<Record<string, unknown>>): string {
  return text.replaceAll(/\$\{\{\s*(.*?)\s*\}\}/g, (_, expression: string) => {
    if (!/^[\w-]+(?:\.[\w-]+)+$/.test(expression))
      throw new Error(`This runner cannot evaluate the default "${text}".`)
    const value = expression
      .split('.')
      .reduce<unknown>((at, name) => (isRecord(at) ? at[name] : undefined), context)
    return textOf(value)
  })
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null
const textOf = (value: unknown) =>
  ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : ''
