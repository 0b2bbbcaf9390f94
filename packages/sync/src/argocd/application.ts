// An Application as Argo CD's API gives it, read as the state that a verdict rests on.
import { array, object, text, time, type Fields } from '../fields.ts'
import type { ApplicationState, HealthStatus, Operation, ResourceState, SyncStatus } from '../types.ts'

/** What is asked of list and stream: nothing that could hold a secret (Helm values, parameters), and little traffic. */
export const FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.resourceVersion',
  'metadata.annotations',
  'metadata.deletionTimestamp',
  'spec.project',
  'spec.source.repoURL',
  'spec.source.path',
  'spec.source.targetRevision',
  'spec.source.chart',
  'spec.sources.repoURL',
  'spec.sources.path',
  'spec.sources.targetRevision',
  'spec.sources.chart',
  'spec.sourceHydrator.syncSource',
  'spec.syncPolicy.automated',
  'operation.sync.revision',
  'operation.sync.revisions',
  'status.sync.status',
  'status.sync.revision',
  'status.sync.revisions',
  'status.health',
  'status.reconciledAt',
  'status.conditions',
  'status.resources',
  'status.history.revision',
  'status.history.revisions',
  'status.operationState.phase',
  'status.operationState.message',
  'status.operationState.startedAt',
  'status.operationState.finishedAt',
  'status.operationState.retryCount',
  'status.operationState.operation.sync.revision',
  'status.operationState.operation.sync.revisions',
  'status.operationState.syncResult.revision',
  'status.operationState.syncResult.revisions',
  'status.operationState.syncResult.resources',
] as const

/** The names under which an application is known, and its state. */
export interface Application {
  name: string
  namespace: string
  version: string
  /** The annotation `manifest-generate-paths`: paths, relative to the source's or with a leading slash, or globs. */
  generatePaths: string[]
  state: ApplicationState
}

/** @param value what the API sent; whatever is missing in it is read as absent, never as an error */
export function readApplication(value: unknown): Application {
  const application = object(value)
  const metadata = object(application['metadata'])
  const spec = object(application['spec'])
  const status = object(application['status'])
  const annotations = object(metadata['annotations'])
  const sources = array(spec['sources']).length > 0 ? array(spec['sources']) : [spec['source']]
  const requested = revisions(object(object(application['operation'])['sync']))
  const automated = object(spec['syncPolicy'])['automated']
  const sync = object(status['sync'])
  const health = object(status['health'])
  const history = array(status['history'])
  const operation = readOperation(object(status['operationState']))
  const reconciledAt = time(status['reconciledAt'])
  return {
    name: text(metadata['name']),
    namespace: text(metadata['namespace']),
    version: text(metadata['resourceVersion']),
    generatePaths: text(annotations['argocd.argoproj.io/manifest-generate-paths']).split(';').filter(Boolean),
    state: {
      project: text(spec['project']),
      sources: sources.map(object).map(source => ({
        repository: text(source['repoURL']),
        path: text(source['path']),
        targetRevision: text(source['targetRevision']),
        chart: text(source['chart']) !== '',
      })),
      hydrated: spec['sourceHydrator'] !== undefined,
      automated: automated !== undefined && automated !== null && object(automated)['enabled'] !== false,
      skipped: annotations['argocd.argoproj.io/skip-reconcile'] === 'true',
      deleting: metadata['deletionTimestamp'] !== undefined,
      ...(application['operation'] ? { requested } : {}),
      ...(sync['status']
        ? {
            sync: {
              status: SYNC.find(name => name === sync['status']) ?? 'Unknown',
              revisions: revisions(sync),
            },
          }
        : {}),
      ...(operation ? { operation } : {}),
      ...(health['status'] ? { health: readHealth(health) } : {}),
      ...(reconciledAt === undefined ? {} : { reconciledAt }),
      conditions: array(status['conditions'])
        .map(object)
        .map(condition => ({ type: text(condition['type']), message: text(condition['message']) })),
      resources: array(status['resources']).map(object).map(readResource).filter(isTelling),
      deployed: revisions(object(history.at(-1))),
    },
  }
}

const SYNC: readonly SyncStatus[] = ['Synced', 'OutOfSync', 'Unknown']
const HEALTH: readonly HealthStatus[] = [
  'Healthy',
  'Progressing',
  'Degraded',
  'Suspended',
  'Missing',
  'Unknown',
]
const PHASES: readonly Operation['phase'][] = ['Running', 'Terminating', 'Failed', 'Error', 'Succeeded']

function readOperation(state: Fields): Operation | undefined {
  if (!state['phase']) return undefined
  const result = object(state['syncResult'])
  const applied = revisions(result)
  const [startedAt, finishedAt] = [time(state['startedAt']), time(state['finishedAt'])]
  return {
    phase: PHASES.find(phase => phase === state['phase']) ?? 'Running',
    message: text(state['message']),
    revisions: applied.length > 0 ? applied : revisions(object(object(state['operation'])['sync'])),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(finishedAt === undefined ? {} : { finishedAt }),
    retries: Number(state['retryCount'] ?? 0),
    failures: array(result['resources'])
      .map(object)
      .filter(
        resource => resource['status'] === 'SyncFailed' || (resource['hookType'] && hasFailed(resource)),
      )
      .map(resource => ({ object: nameOf(resource), message: text(resource['message']) })),
  }
}

/** Ordinary resources carry a `hookPhase`, too; it means a hook's failure only where there is a `hookType`. */
const hasFailed = (resource: Fields): boolean =>
  resource['hookPhase'] === 'Failed' || resource['hookPhase'] === 'Error'

function readHealth(health: Fields): NonNullable<ApplicationState['health']> {
  const since = time(health['lastTransitionTime'])
  const status = HEALTH.find(name => name === health['status']) ?? 'Unknown'
  return { status, message: text(health['message']), ...(since === undefined ? {} : { since }) }
}

function readResource(resource: Fields): ResourceState {
  const health = object(resource['health'])
  return {
    object: nameOf(resource),
    synced: resource['status'] === 'Synced',
    health: text(health['status']),
    message: text(health['message']),
    aside: resource['hook'] === true || resource['requiresPruning'] === true,
  }
}

const isTelling = ({ synced, health }: ResourceState): boolean =>
  !synced || (health !== '' && health !== 'Healthy')

const nameOf = (resource: Fields): string =>
  [resource['kind'], resource['namespace'], resource['name']].map(text).filter(Boolean).join('/')

/** By source; an application with one source has a single `revision`. */
function revisions(value: Fields): string[] {
  const many = array(value['revisions']).map(text)
  if (many.length > 0) return many
  return text(value['revision']) === '' ? [] : [text(value['revision'])]
}
