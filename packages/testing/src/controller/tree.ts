// What runs below an application: for each Deployment a ReplicaSet of its images with two pods, as tree and as live objects.
import { createHash } from 'node:crypto'
import type { Application, Resource } from './application.ts'
import type { Desired } from './source.ts'
import { uidOf } from './status.ts'
import type { Pods } from './stories.ts'

/** The part of an application under care that has pods. */
export interface Running {
  readonly application: Application
  readonly pods: Pods
  /** What was applied last. */
  readonly applied: Desired | undefined
}

export function resourceTree({ application, pods, applied }: Running): { nodes: object[] } {
  const { status, metadata } = application
  return { nodes: status.resources.flatMap(resource => [nodeOf(resource), ...below(resource)]) }

  function below(resource: Resource): object[] {
    const images = imagesOf(resource, applied)
    if (resource.kind !== 'Deployment' || resource.health === undefined || images === undefined) return []
    const { set, hash, names } = replicas(resource, images)
    const isHealthy = pods.reason === 'Running'
    const health = isHealthy ? { status: 'Healthy' } : { status: 'Degraded', message: pods.message }
    const pod = (name: string) => ({
      ...nodeOf({ version: 'v1', kind: 'Pod', namespace: resource.namespace, name }),
      resourceVersion: versionOf(pods),
      parentRefs: [referenceTo(set)],
      images,
      health,
      createdAt: status.operationState?.finishedAt ?? status.reconciledAt,
      networkingInfo: { labels: { 'pod-template-hash': hash } },
      info: [
        { name: 'Status Reason', value: pods.reason },
        { name: 'Node', value: 'stand-in' },
        { name: 'Containers', value: isHealthy ? '1/1' : '0/1' },
        ...(pods.restarts > 0 ? [{ name: 'Restart Count', value: String(pods.restarts) }] : []),
      ],
    })
    const revision = [{ name: 'Revision', value: `Rev:${status.history.length}` }]
    return [{ ...nodeOf(set), parentRefs: [referenceTo(resource)], info: revision }, ...names.map(pod)]
  }

  function nodeOf({ group, version, kind, namespace, name, health }: Resource): object {
    return {
      ...(group === undefined ? {} : { group }),
      version,
      kind,
      namespace,
      name,
      uid: uidOf(kind, namespace, name),
      resourceVersion: metadata.resourceVersion,
      ...(health === undefined ? {} : { health }),
      createdAt: metadata.creationTimestamp,
    }
  }
}

/** A pod as the API server would give it; undefined where there is none of that name. */
export function livePod(
  { application, pods, applied }: Running,
  namespace: string,
  name: string,
): object | undefined {
  for (const resource of application.status.resources) {
    const images = imagesOf(resource, applied)
    if (resource.namespace !== namespace || images === undefined) continue
    if (!replicas(resource, images).names.includes(name)) continue
    const isRunning = pods.reason === 'Running'
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, uid: uidOf('Pod', namespace, name), resourceVersion: versionOf(pods) },
      status: {
        phase: 'Running',
        containerStatuses: images.map((image, index) => ({
          name: `container-${index}`,
          image,
          imageID: isRunning || pods.restarts > 0 ? imageID(image) : '',
          ready: isRunning,
          restartCount: pods.restarts,
          ...(isRunning
            ? {}
            : { state: { waiting: { reason: pods.reason, message: pods.message } }, ...lastState(pods) }),
        })),
      },
    }
  }
  return undefined
}

function imagesOf({ kind, name }: Resource, applied: Desired | undefined): string[] | undefined {
  const images = applied?.objects.find(object => object.kind === kind && object.name === name)?.images ?? []
  return images.length > 0 ? images : undefined
}

function replicas(resource: Resource, images: readonly string[]) {
  const hash = createHash('sha256').update(images.join()).digest('hex').slice(0, 9)
  const set = { ...resource, kind: 'ReplicaSet', name: `${resource.name}-${hash}` }
  return { set, hash, names: ['aaaaa', 'bbbbb'].map(suffix => `${set.name}-${suffix}`) }
}

const lastState = ({ restarts }: Pods) =>
  restarts === 0 ? {} : { lastState: { terminated: { exitCode: 1, reason: 'Error' } } }

/** Grows with every change of what the pods say. */
const versionOf = ({ reason, restarts }: Pods): string =>
  String(1 + 2 * restarts + (reason === 'Running' ? 0 : 1))

/** The digest of an image that is named by its tag alone is made up. */
function imageID(image: string): string {
  const [front = '', digest] = image.split('@')
  const name = front.replace(/:[^:/]*$/, '')
  return `${name}@${digest ?? `sha256:${createHash('sha256').update(image).digest('hex')}`}`
}

const referenceTo = ({ group, kind, namespace, name }: Resource) => ({
  group,
  kind,
  namespace,
  name,
  uid: uidOf(kind, namespace, name),
})
