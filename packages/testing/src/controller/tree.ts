// The resource tree of an application: its objects, and below each workload a ReplicaSet with two pods.
import { createHash } from 'node:crypto'
import type { Application, Resource } from './application.ts'
import { uidOf } from './status.ts'
import type { Pods } from './stories.ts'

export function resourceTree({ status, metadata }: Application, pods: Pods): { nodes: object[] } {
  return { nodes: status.resources.flatMap(resource => [nodeOf(resource), ...below(resource)]) }

  function below(resource: Resource): object[] {
    if (resource.kind !== 'Deployment' || resource.health === undefined) return []
    const hash = createHash('sha256').update(status.sync.revision).digest('hex').slice(0, 9)
    const set = { ...resource, kind: 'ReplicaSet', name: `${resource.name}-${hash}` }
    const isHealthy = pods.reason === 'Running'
    const health = isHealthy ? { status: 'Healthy' } : { status: 'Degraded', message: pods.message }
    const pod = (suffix: string) => ({
      ...nodeOf({ version: 'v1', kind: 'Pod', namespace: resource.namespace, name: `${set.name}-${suffix}` }),
      parentRefs: [referenceTo(set)],
      images: status.summary.images,
      health,
      createdAt: status.reconciledAt,
      networkingInfo: { labels: { 'pod-template-hash': hash } },
      info: [
        { name: 'Status Reason', value: pods.reason },
        { name: 'Node', value: 'stand-in' },
        { name: 'Containers', value: isHealthy ? '1/1' : '0/1' },
        ...(pods.restarts > 0 ? [{ name: 'Restart Count', value: String(pods.restarts) }] : []),
      ],
    })
    const revision = [{ name: 'Revision', value: `Rev:${status.history.length}` }]
    return [
      { ...nodeOf(set), parentRefs: [referenceTo(resource)], info: revision },
      pod('aaaaa'),
      pod('bbbbb'),
    ]
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

const referenceTo = ({ group, kind, namespace, name }: Resource) => ({
  group,
  kind,
  namespace,
  name,
  uid: uidOf(kind, namespace, name),
})
