// How a deploy goes on, scenario by scenario: the steps and their times are those of recorded deploys of Argo CD 3.5.1.
import type { Application, Health, Operation } from './application.ts'
import type { Desired } from './source.ts'
import { operationFor, remember, resourcesOf, succeeded, syncResult, timestamp } from './status.ts'

/**
 * `healthy`: goes live. `degraded`: applied, then past its progress deadline. `image-missing`: as `degraded`, its pods
 * cannot pull. `sync-failed`: the API server refuses a manifest; retried, then given up. `crash-loop`: Healthy for a
 * moment after each start. `suspended`: a rollout that waits for a person. `never`: Progressing for ever.
 * `stale-green`: the commit is not seen for a while, all looks green at the old revision; then it goes live.
 */
export type Scenario =
  | 'healthy'
  | 'degraded'
  | 'image-missing'
  | 'sync-failed'
  | 'crash-loop'
  | 'suspended'
  | 'never'
  | 'stale-green'

export interface Pods {
  reason: 'Running' | 'ErrImagePull' | 'CrashLoopBackOff'
  message?: string
  restarts: number
}

export interface Deploy {
  application: Application
  desired: Desired
  /** Images that run before. */
  before: readonly string[]
  retryLimit: number
  /** Who asked for it; absent when the automation did. */
  username?: string
  pods: Pods
  /** Milliseconds. */
  readonly now: () => number
}

export interface Step {
  /** Recorded milliseconds since the step before. */
  after: number
  readonly change: () => void
}

/** The steps of one deploy, from the operation's request to its end. */
export function* story(scenario: Scenario, deploy: Deploy): Generator<Step> {
  const operation = operationFor(
    deploy.application,
    deploy.desired.revision,
    deploy.retryLimit,
    deploy.username,
  )
  yield* begin(deploy, operation)
  if (scenario === 'sync-failed') return yield* refused(deploy, operation)
  yield* apply(deploy, operation)
  switch (scenario) {
    case 'degraded':
      return yield* endsIn(deploy, 'Degraded', 'exceeded its progress deadline')
    case 'suspended':
      return yield* endsIn(deploy, 'Suspended', 'is paused')
    case 'image-missing': {
      yield { after: 450, change: () => (deploy.pods = cannotPull(deploy.desired.images)) }
      return yield* endsIn(deploy, 'Degraded', 'exceeded its progress deadline')
    }
    case 'crash-loop':
      return yield* crashes(deploy)
    case 'never':
      return undefined
    default:
      yield { after: 2300, change: () => setHealth(deploy, 'Healthy') }
      return yield {
        after: 280,
        change: () => (deploy.application.status.summary = { images: deploy.desired.images.toSorted() }),
      }
  }
}

/** Requested while all still looks green at the old revision, then running, then compared. */
function* begin({ application, desired, now }: Deploy, operation: Operation): Generator<Step> {
  const { status } = application
  yield {
    after: 150,
    change() {
      application.operation = operation
      delete status.operationState
      delete status.conditions
    },
  }
  yield {
    after: 110,
    change: () => (status.operationState = { operation, phase: 'Running', startedAt: timestamp(now()) }),
  }
  yield { after: 80, change: () => compared(application, desired, 'OutOfSync', now()) }
}

/** Succeeded comes before Synced, Synced before a health that knows of the new pods. */
function* apply(deploy: Deploy, operation: Operation): Generator<Step> {
  const { application, desired, before, now } = deploy
  const { status } = application
  yield {
    after: 430,
    change: () => remember(application, operation, status.operationState?.startedAt ?? '', timestamp(now())),
  }
  yield {
    after: 45,
    change() {
      delete application.operation
      const startedAt = status.operationState?.startedAt ?? ''
      status.operationState = succeeded(application, operation, desired, startedAt, timestamp(now()))
    },
  }
  yield {
    after: 25,
    change() {
      status.sync = { ...status.sync, status: 'Synced' }
      setHealth(
        deploy,
        'Progressing',
        'Waiting for rollout to finish: observed deployment generation less than desired generation',
      )
    },
  }
  yield { after: 20, change: () => (status.reconciledAt = timestamp(now())) }
  yield {
    after: 25,
    change() {
      status.summary = { images: [...new Set([...desired.images, ...before])].toSorted() }
      setHealth(
        deploy,
        'Progressing',
        'Waiting for rollout to finish: 1 out of 2 new replicas have been updated...',
      )
    },
  }
}

/** Refused at once; between attempts the phase is Running with `finishedAt` set. */
function* refused({ application, desired, retryLimit, now }: Deploy, operation: Operation): Generator<Step> {
  const { status } = application
  const cause = `${desired.objects[0]?.kind} "${desired.objects[0]?.name}" is invalid: refused by the stand-in's scenario sync-failed`
  const failure = `one or more synchronization tasks completed unsuccessfully, reason: ${cause}`
  const running = (more: object) => {
    const startedAt = status.operationState?.startedAt ?? timestamp(now())
    const result = syncResult(application, desired, cause)
    status.operationState = { operation, phase: 'Running', syncResult: result, startedAt, ...more }
  }
  for (let attempt = 1; attempt <= retryLimit; attempt++) {
    const message = `${failure}. Retrying attempt #${attempt} at ${clockTime(now())}.`
    yield {
      after: 570,
      change: () => running({ finishedAt: timestamp(now()), retryCount: attempt, message }),
    }
    const again = { retryCount: attempt, message: `Retrying operation. Attempt #${attempt}` }
    yield { after: 10_000 * 2 ** (attempt - 1), change: () => running(again) }
  }
  yield {
    after: 570,
    change() {
      const tries = retryLimit > 0 ? ` (retried ${retryLimit} times).` : ''
      running({
        phase: 'Failed',
        finishedAt: timestamp(now()),
        retryCount: retryLimit,
        message: `${failure}${tries}`,
      })
      delete application.operation
      const message = `Failed last sync attempt to ${desired.revision}: ${failure}${tries}`
      status.conditions = [{ type: 'SyncError', message, lastTransitionTime: timestamp(now()) }]
    },
  }
}

function* endsIn(deploy: Deploy, health: Health, message: string): Generator<Step> {
  const workload = deploy.desired.objects.find(({ images }) => images.length > 0)
  yield {
    after: 4000,
    change: () => setHealth(deploy, health, `${workload?.kind} "${workload?.name}" ${message}`),
  }
}

function* crashes(deploy: Deploy): Generator<Step> {
  let pause = 1900
  for (;;) {
    yield {
      after: pause,
      change() {
        deploy.pods = { reason: 'Running', restarts: deploy.pods.restarts }
        setHealth(deploy, 'Healthy')
      },
    }
    yield {
      after: 300,
      change() {
        const restarts = deploy.pods.restarts + 1
        deploy.pods = {
          reason: 'CrashLoopBackOff',
          message: 'back-off restarting failed container',
          restarts,
        }
        setHealth(
          deploy,
          'Progressing',
          'Waiting for rollout to finish: 1 of 2 updated replicas are available...',
        )
      },
    }
    pause = 9200
  }
}

/** The comparison with a new head is written; it is what a refresh waits for. */
export function compared(
  application: Application,
  desired: Desired,
  sync: 'Synced' | 'OutOfSync',
  now: number,
) {
  const { status } = application
  const health = status.health.status
  status.sync = { ...status.sync, status: sync, revision: desired.revision }
  status.reconciledAt = timestamp(now)
  status.resources = resourcesOf(desired, application.spec.destination.namespace, sync, health)
  const kept = status.conditions?.filter(({ type }) => type !== 'ComparisonError') ?? []
  if (kept.length === 0) delete status.conditions
  else status.conditions = kept
  delete application.metadata.annotations['argocd.argoproj.io/refresh']
}

function setHealth({ application, desired, now }: Deploy, health: Health, message?: string) {
  const { status } = application
  if (status.health.status !== health)
    status.health = { status: health, lastTransitionTime: timestamp(now()) }
  const sync = status.sync.status === 'Synced' ? 'Synced' : 'OutOfSync'
  status.resources = resourcesOf(desired, application.spec.destination.namespace, sync, health, message)
}

function cannotPull([image = '']: readonly string[]): Pods {
  const message = `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": failed to resolve reference: not found`
  return { reason: 'ErrImagePull', message, restarts: 0 }
}

const clockTime = (now: number) =>
  new Date(now)
    .toLocaleTimeString('en-US', { hour: 'numeric', minute: '2-digit', timeZone: 'UTC' })
    .replace(/\s/, '')
