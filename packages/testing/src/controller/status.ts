// What stands in an Application's status: deployed, compared, applied.
import { createHash } from 'node:crypto'
import type { Application, ApplicationDefinition, Health, Operation, Resource } from './application.ts'
import type { Wanted } from './kustomize.ts'
import type { Desired } from './source.ts'

/** Kubernetes' time: whole seconds. */
export const timestamp = (milliseconds: number) =>
  new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z')

/** An id that is the same for the same name, in the form of a UUID. */
export function uidOf(...names: string[]): string {
  return createHash('sha256')
    .update(names.join('/'))
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5')
}

/** The application as it stands when `desired` was deployed a while ago. */
export function deployed(
  definition: ApplicationDefinition,
  desired: Desired | undefined,
  at: string,
): Application {
  const { name, repoURL, path, branch = 'main', project = 'default', namespace = 'default' } = definition
  const source = { repoURL, path, targetRevision: branch }
  const destination = { server: 'https://kubernetes.default.svc', namespace }
  const application: Application = {
    metadata: {
      name,
      namespace: 'argocd',
      uid: uidOf('application', name),
      resourceVersion: '0',
      generation: 1,
      creationTimestamp: at,
      ...(definition.labels === undefined ? {} : { labels: definition.labels }),
      annotations: { ...definition.annotations },
    },
    spec: {
      source,
      destination,
      project,
      ...(definition.automated === false ? {} : { syncPolicy: { automated: { prune: true } } }),
    },
    status: {
      resources: [],
      sync: { status: 'Unknown', comparedTo: { source, destination }, revision: branch },
      health: { status: 'Healthy', lastTransitionTime: at },
      history: [],
      reconciledAt: at,
      sourceType: 'Kustomize',
      summary: { images: [] },
      resourceHealthSource: 'appTree',
      controllerNamespace: 'argocd',
      sourceHydrator: {},
    },
  }
  if (desired === undefined) return application
  const { status } = application
  status.resources = resourcesOf(desired, namespace, 'Synced', 'Healthy')
  status.sync = { ...status.sync, status: 'Synced', revision: desired.revision }
  status.summary = { images: desired.images.toSorted() }
  const operation = operationFor(application, desired.revision, definition.retryLimit)
  status.operationState = succeeded(application, operation, desired, at, at)
  remember(application, operation, at, at)
  return application
}

export function operationFor(
  application: Application,
  revision: string,
  limit = 1,
  username?: string,
): Operation {
  return {
    sync: { revision, prune: true, source: application.spec.source },
    initiatedBy: username === undefined ? { automated: true } : { username },
    retry: { limit },
  }
}

/** The state of an operation that applied everything. */
export function succeeded(
  application: Application,
  operation: Operation,
  desired: Desired,
  startedAt: string,
  finishedAt: string,
): NonNullable<Application['status']['operationState']> {
  return {
    operation,
    phase: 'Succeeded',
    message: 'successfully synced (all tasks run)',
    syncResult: syncResult(application, desired),
    startedAt,
    finishedAt,
  }
}

/** What was applied; with `refused`, the message with which the API server refused the first workload. */
export function syncResult(application: Application, desired: Desired, refused?: string) {
  const namespace = application.spec.destination.namespace
  const broken = refused === undefined ? undefined : (desired.objects.find(isWorkload) ?? desired.objects[0])
  return {
    resources: desired.objects.map(wanted => {
      const { group, version, kind, name, images } = wanted
      const failed = wanted === broken
      const done = `${kind.toLowerCase()}${group === '' ? '' : `.${group}`}/${name} ${isWorkload(wanted) ? 'configured' : 'unchanged'}`
      return {
        group,
        version,
        kind,
        namespace: wanted.namespace || namespace,
        name,
        status: failed ? 'SyncFailed' : 'Synced',
        message: failed ? refused : done,
        hookPhase: failed ? 'Failed' : 'Running',
        syncPhase: 'Sync',
        ...(images.length > 0 ? { images } : {}),
      }
    }),
    revision: desired.revision,
    source: application.spec.source,
  }
}

/** Adds the deploy to the history, which keeps the newest ten. */
export function remember(
  application: Application,
  operation: Operation,
  deployStartedAt: string,
  deployedAt: string,
) {
  const { history } = application.status
  const id = (history.at(-1)?.id ?? -1) + 1
  const { revision, source } = operation.sync
  history.push({ revision, deployedAt, id, source, deployStartedAt, initiatedBy: operation.initiatedBy })
  application.status.history = history.slice(-10)
}

export function resourcesOf(
  desired: Desired,
  namespace: string,
  status: 'Synced' | 'OutOfSync',
  health: Health,
  message?: string,
): Resource[] {
  return desired.objects.map(wanted => {
    const { group, version, kind, name } = wanted
    const workload = isWorkload(wanted)
    return {
      ...(group === '' ? {} : { group }),
      version,
      kind,
      namespace: wanted.namespace || namespace,
      name,
      status: workload ? status : 'Synced',
      ...(workload
        ? { health: { status: health, ...(message === undefined ? {} : { message }) } }
        : hasHealth(kind) && { health: { status: 'Healthy' as const } }),
    }
  })
}

export const isWorkload = ({ images }: Wanted) => images.length > 0
const hasHealth = (kind: string) =>
  ['Service', 'Ingress', 'PersistentVolumeClaim', 'HorizontalPodAutoscaler'].includes(kind)
