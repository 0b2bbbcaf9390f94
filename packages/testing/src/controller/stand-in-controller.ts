// A stand-in for Argo CD: its application API over a real git repository, without a cluster. Says so wherever it speaks.
import { mkdir } from 'node:fs/promises'
import type { Clock } from '../../../http/src/clock.ts'
import { systemClock } from '../../../http/src/clock.ts'
import type { Fault } from '../faults.ts'
import { loopback } from '../loopback.ts'
import type { LoggedRequest } from '../loopback.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { createApi } from './api.ts'
import type { Application, ApplicationDefinition } from './application.ts'
import { imageExists } from './image-exists.ts'
import { manage } from './managed.ts'
import type { Managed } from './managed.ts'
import { openSource } from './source.ts'
import type { Desired } from './source.ts'
import type { Scenario } from './stories.ts'

export interface StandInControllerOptions {
  applications: readonly ApplicationDefinition[]
  /** URL or directory that takes the place of the origin of every `repoURL`; default: fetched from `repoURL` itself. */
  git?: string
  /** Password for the git server. */
  gitToken?: string
  /** `http://host:port` of a registry: images of that host that it lacks cannot be pulled. */
  registry?: string
  /** Demanded as the API token. With `username` and `password` a session gives further ones. */
  token?: string
  username?: string
  password?: string
  /** Factor on the recorded times of a real Argo CD, where a good deploy takes 3.5 s; default 0.25. */
  pace?: number
  /** Milliseconds between looks at the repositories; default 1,000, 0 looks only when asked to refresh. */
  interval?: number
  /** How deploys go; a function decides by what is wanted. Default `healthy`. */
  scenario?: Scenario | ((application: string, desired: Desired) => Scenario)
  /** Milliseconds for which `stale-green` does not see a commit; default 3,000. */
  staleFor?: number
  /** What `/syncwindows` says; default no window. */
  syncWindows?: object
  clock?: Clock
  log?: (line: string) => void
}

export interface StandInController extends AsyncDisposable {
  /** As `argocd-server`. */
  readonly url: string
  readonly requests: LoggedRequest[]
  readonly fail: (fault: Fault) => void
  /** As the API shows it now. */
  application(name: string): Application
  setScenario(name: string, scenario: Scenario): void
  /** An application that appears later. */
  add(definition: ApplicationDefinition): Promise<void>
  remove(name: string): void
}

/** Begins every line that the stand-in prints. */
export const label = '[stand-in for Argo CD, no cluster]'

/** Starts the stand-in. What the branches want at that moment counts as deployed and healthy. */
export async function standInController(options: StandInControllerOptions): Promise<StandInController> {
  const { clock = systemClock, interval = 1000, pace = 0.25, scenario = 'healthy', staleFor = 3000 } = options
  const temporary = await temporaryDirectory()
  const stop = new AbortController()
  const applications = new Map<string, Managed>()
  const scenarios = new Map<string, Scenario>()
  const log = (line: string) => options.log?.(`${label} ${line}`)
  const api = createApi(options, applications, clock)

  const scenarioFor = (name: string) => (desired: Desired) =>
    scenarios.get(name) ?? (typeof scenario === 'function' ? scenario(name, desired) : scenario)

  async function add(definition: ApplicationDefinition) {
    const { name, repoURL, path, branch = 'main' } = definition
    const directory = `${temporary.path}/${applications.size}-${encodeURIComponent(name)}`
    await mkdir(directory)
    const from =
      options.git === undefined ? repoURL : `${options.git.replace(/\/$/, '')}${new URL(repoURL).pathname}`
    const managed = await manage({
      definition,
      clock,
      pace,
      staleFor,
      log,
      signal: stop.signal,
      source: openSource({ from, branch, path, token: options.gitToken, directory }),
      scenarioFor: scenarioFor(name),
      imageExists: image => imageExists(image, options.registry),
      tell: application => api.tell('MODIFIED', application),
    })
    applications.set(name, managed)
    api.tell('ADDED', managed.application)
    log(`${name}: takes care of ${path} at ${branch} of ${repoURL}`)
  }

  async function watch() {
    while (!stop.signal.aborted) {
      await clock.sleep(interval, stop.signal)
      await Promise.all([...applications.values()].map(managed => managed.poll()))
    }
  }

  for (const definition of options.applications) await add(definition)
  const server = await loopback((request, url) => api.answer(request, url))
  const watching = interval > 0 ? watch().catch(() => {}) : Promise.resolve()
  log(`listens at ${server.url}`)
  const find = (name: string) => {
    const managed = applications.get(name)
    if (managed === undefined) throw new Error(`There is no application ${name}.`)
    return managed
  }
  return {
    url: server.url,
    requests: server.requests,
    fail: server.fail,
    application: name => structuredClone(find(name).application),
    setScenario: (name, wanted) => void scenarios.set(name, wanted),
    add,
    remove(name) {
      const { application } = find(name)
      applications.delete(name)
      api.tell('DELETED', application)
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      await server[Symbol.asyncDispose]()
      await watching
      await temporary[Symbol.asyncDispose]()
    },
  }
}
