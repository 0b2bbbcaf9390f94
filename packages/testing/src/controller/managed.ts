// One application under the stand-in's care: looks at the repository, deploys what is new, tells each state that it passes.
import type { Clock } from '../../../http/src/clock.ts'
import type { Application, ApplicationDefinition } from './application.ts'
import type { Desired, Source } from './source.ts'
import { deployed, timestamp } from './status.ts'
import { compared, story } from './stories.ts'
import type { Deploy, Pods, Scenario } from './stories.ts'

export interface ManagedOptions {
  definition: ApplicationDefinition
  source: Source
  clock: Clock
  /** Factor on the recorded times. */
  pace: number
  scenarioFor: (desired: Desired) => Scenario
  imageExists: (image: string) => Promise<boolean>
  /** Milliseconds, not scaled. */
  staleFor: number
  /** Called after each change. */
  tell: (application: Application) => void
  log: (line: string) => void
  signal: AbortSignal
}

export interface Managed {
  readonly source: Source
  readonly application: Application
  readonly pods: Pods
  /** What was applied last. */
  readonly applied: Desired | undefined
  /** Looks whether the branch has moved, as a poll does; deploys what is new. */
  poll(): Promise<void>
  /** As the API's refresh: marks the application; done when the comparison is written, deploying goes on by itself. */
  refresh(): Promise<void>
  /** Starts an operation by hand; false when one is under way. */
  sync(username: string): Promise<boolean>
}

/** Takes an application over as it stands: what the head wants now counts as deployed. */
export async function manage(options: ManagedOptions): Promise<Managed> {
  const { definition, source, clock, pace, scenarioFor, imageExists, tell, log, signal } = options
  const now = () => clock.now()
  let live = await source.look().catch(() => undefined)
  let newestAt = 0
  let newest = live?.revision
  let attempted = live?.revision
  let current: Deploy | undefined
  let looking: Promise<void> | undefined
  const application = deployed(definition, live, timestamp(now()))
  let pods: Pods = { reason: 'Running', restarts: 0 }

  async function look(always: boolean) {
    let desired: Desired
    try {
      desired = await source.look()
    } catch (error) {
      return cannotCompare(error instanceof Error ? error.message : String(error))
    }
    const { sync, conditions } = application.status
    if (!always && sync.revision === desired.revision && conditions === undefined) return undefined
    if (desired.revision !== newest) {
      newest = desired.revision
      newestAt = now()
      log(
        `${definition.name}: ${desired.revision.slice(0, 7)} is the head of ${application.spec.source.targetRevision}`,
      )
    }
    const isStale = scenarioFor(desired) === 'stale-green' && now() < newestAt + options.staleFor
    if (isStale && live !== undefined) return seen(live, 'Synced')
    if (desired.fingerprint === live?.fingerprint && attempted === live.revision) {
      attempted = desired.revision
      live = desired
      return seen(desired, 'Synced')
    }
    if (definition.automated === false || attempted === desired.revision)
      return seen(desired, desired.fingerprint === live?.fingerprint ? 'Synced' : 'OutOfSync')
    return deploy(desired)
  }

  function seen(desired: Desired, sync: 'Synced' | 'OutOfSync') {
    const { health, resources } = application.status
    compared(application, desired, sync, now())
    // Nothing was applied, so what is known of each object's health stays.
    if (resources.length === application.status.resources.length)
      application.status.resources = application.status.resources.map((resource, at) => ({
        ...resource,
        ...(resources[at]?.health === undefined ? {} : { health: resources[at].health }),
      }))
    application.status.health = health
    publish()
  }

  function cannotCompare(message: string) {
    const { status, metadata, spec } = application
    const at = timestamp(now())
    status.sync = { ...status.sync, status: 'Unknown', revision: spec.source.targetRevision }
    status.conditions = [{ type: 'ComparisonError', message, lastTransitionTime: at }]
    status.reconciledAt = at
    delete metadata.annotations['argocd.argoproj.io/refresh']
    log(`${definition.name}: cannot compare: ${message}`)
    publish()
  }

  async function effectiveScenario(desired: Desired): Promise<Scenario> {
    const scenario = scenarioFor(desired)
    if (scenario !== 'healthy' && scenario !== 'stale-green') return scenario
    const missing = (await Promise.all(desired.images.map(imageExists))).includes(false)
    return missing ? 'image-missing' : scenario
  }

  /** Resolves when the comparison is written; the rest of the story goes on. */
  async function deploy(desired: Desired, username?: string): Promise<void> {
    attempted = desired.revision
    const scenario = await effectiveScenario(desired)
    const written = Promise.withResolvers<void>()
    const course: Deploy = {
      application,
      desired,
      before: live?.images ?? [],
      retryLimit: definition.retryLimit ?? 1,
      now,
      ...(username === undefined ? {} : { username }),
      pods: { reason: 'Running', restarts: 0 },
    }
    current = course
    play(course, scenario, written.resolve)
      .catch((error: unknown) => {
        if (!signal.aborted) log(`${definition.name}: ${String(error)}`)
      })
      .finally(written.resolve)
    return written.promise
  }

  async function play(course: Deploy, scenario: Scenario, written: () => void) {
    const { desired } = course
    log(`${definition.name}: deploying ${desired.revision.slice(0, 7)} (${scenario})`)
    for (const { after, change } of story(scenario, course)) {
      await clock.sleep(after * pace, signal)
      // A newer deploy ends the rollout of this one.
      if (current !== course) return
      change()
      pods = course.pods
      if (application.status.operationState?.phase === 'Succeeded') live = desired
      if (application.status.sync.revision === desired.revision) written()
      publish()
    }
  }

  function publish() {
    application.metadata.generation++
    tell(application)
  }

  const reconcile = (always: boolean) => {
    // While an operation is under way, newer commits wait for its end.
    if (application.operation !== undefined) return Promise.resolve()
    looking ??= look(always).finally(() => (looking = undefined))
    return looking
  }
  return {
    source,
    application,
    get pods() {
      return pods
    },
    get applied() {
      return live
    },
    poll: () => reconcile(false),
    async refresh() {
      Object.assign(application.metadata.annotations, {
        'argocd.argoproj.io/refresh': 'normal',
        'argocd.argoproj.io/hydrate': 'normal',
      })
      publish()
      await reconcile(true)
      delete application.metadata.annotations['argocd.argoproj.io/refresh']
    },
    async sync(username) {
      if (application.operation !== undefined) return false
      const desired = await source.look()
      newest = desired.revision
      await deploy(desired, username)
      return true
    },
  }
}
