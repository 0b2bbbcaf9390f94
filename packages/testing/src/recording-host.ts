// A host that keeps in memory all that an action tells it, for tests of an action's main.
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Host, Place, RunFacts } from '../../action-kit/src/types.ts'
import { temporaryDirectory } from './temporary-directory.ts'

export interface Annotation {
  level: 'notice' | 'warning' | 'error'
  text: string
  place?: Place
}

export interface RecordingHostOptions {
  kind?: Host['kind']
  run?: Partial<RunFacts>
  env?: Host['env']
  /** Workspace and runner's temp directory are made in here; default: a directory of its own, removed at the end. */
  directory?: string
  /** Default: `<directory>/workspace`. */
  workspace?: string
}

export interface RecordingHost extends Host, AsyncDisposable {
  /** Every line of the log in order, redacted; annotations are in it as `warning: …`, groups as their title. */
  readonly lines: string[]
  readonly annotations: Annotation[]
  readonly masks: string[]
  readonly state: Map<string, string>
  /** Runs what was registered by `atEnd`, last first. Disposing does it, too. */
  finish(): Promise<void>
}

const facts: RunFacts = {
  event: 'push',
  repository: 'acme/shop',
  ref: 'refs/heads/main',
  refName: 'main',
  refType: 'branch',
  sourceCommit: '1111111111111111111111111111111111111111',
  sha: '1111111111111111111111111111111111111111',
  runId: '4711',
  attempt: '1',
  workflow: 'deliver',
  job: 'deliver',
  actor: 'octocat',
  defaultBranch: 'main',
  pullRequest: undefined,
  serverUrl: 'https://github.com',
  apiUrl: 'https://api.github.com',
  graphqlUrl: 'https://api.github.com/graphql',
  untrusted: false,
  fork: false,
  payload: {},
}

/** Makes a host of a push to `main` of `acme/shop`, unless `run` says otherwise. */
export async function recordingHost(options: RecordingHostOptions = {}): Promise<RecordingHost> {
  const own = options.directory === undefined ? await temporaryDirectory() : undefined
  const directory = options.directory ?? own?.path ?? ''
  const workspace = options.workspace ?? join(directory, 'workspace')
  const runnerTemp = join(directory, 'runner-temp')
  await Promise.all([workspace, runnerTemp].map(path => mkdir(path, { recursive: true })))

  const lines: string[] = []
  const annotations: Annotation[] = []
  const masks: string[] = []
  const state = new Map<string, string>()
  const cleanups: (() => Promise<void> | void)[] = []
  let temporary: Promise<string> | undefined

  const redact = (text: string) => masks.reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
  const write = (text: string) => void lines.push(...redact(text).split('\n'))
  const annotate = (level: Annotation['level']) => (text: string, place?: Place) => {
    annotations.push({ level, text: redact(text), ...(place === undefined ? {} : { place }) })
    write(`${level}: ${text}`)
  }
  const host: RecordingHost = {
    kind: options.kind ?? 'runner',
    run: { ...facts, ...options.run },
    env: options.env ?? {},
    workspace,
    runnerTemp,
    lines,
    annotations,
    masks,
    state,
    redact,
    log: {
      debug: text => write(`debug: ${text}`),
      info: write,
      notice: annotate('notice'),
      warning: annotate('warning'),
      error: annotate('error'),
      foreign: write,
      async group(title, body) {
        write(title)
        return body()
      },
    },
    mask: secret => void (secret === '' || masks.push(secret)),
    temporaryDirectory() {
      temporary ??= mkdtemp(join(runnerTemp, 'step-'))
      return temporary
    },
    saveState: (name, value) => void state.set(name, value),
    readState: name => state.get(name) ?? '',
    atEnd: cleanup => void cleanups.push(cleanup),
    async finish() {
      for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
      if (temporary !== undefined) await rm(await temporary, { recursive: true, force: true })
    },
    async [Symbol.asyncDispose]() {
      await host.finish()
      await own?.[Symbol.asyncDispose]()
    },
  }
  return host
}
