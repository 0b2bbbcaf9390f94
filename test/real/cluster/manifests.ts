// What the config repositories of the scenarios hold.
import { randomBytes } from 'node:crypto'

export const IMAGE = 'registry.test/shop/web'
export const STAGING = 'envs/staging'

/** A digest that nobody has seen before; with a fate when it begins with one. */
export const newDigest = (fate = ''): string => fate + randomBytes(32).toString('hex').slice(fate.length)

export interface Wanted {
  digest: string
  kind?: 'Deployment' | 'StatefulSet' | 'DaemonSet'
  annotations?: Readonly<Record<string, string>>
  /** Further fields of the spec. */
  spec?: object
}

/** A workload of two pods, or one a node. */
export function workload({ digest, kind = 'Deployment', annotations = {}, spec = {} }: Wanted): string {
  const labels = { app: 'web' }
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: 'web', labels },
    spec: {
      ...(kind === 'DaemonSet' ? {} : { replicas: 2 }),
      ...(kind === 'StatefulSet' ? { serviceName: 'web' } : {}),
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations },
        spec: { containers: [{ name: 'web', image: `${IMAGE}@sha256:${digest}` }] },
      },
      ...spec,
    },
  })
}

export const service = (port = 80): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { selector: { app: 'web' }, ports: [{ port, targetPort: 8080 }] },
  })

/** Something beside the workload, new at every call. */
export const configMap = (): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'flags' },
    data: { at: newDigest() },
  })

export const job = (fate: Readonly<Record<string, string>>, annotations: object = {}): string =>
  JSON.stringify({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'migrate', annotations },
    spec: {
      backoffLimit: 0,
      template: {
        metadata: { annotations: fate },
        spec: {
          restartPolicy: 'Never',
          containers: [{ name: 'migrate', image: `registry.test/shop/migrate@sha256:${'ab'.repeat(32)}` }],
        },
      },
    },
  })

export const files = (wanted: Wanted): Record<string, string> => ({
  [`${STAGING}/web.yaml`]: workload(wanted),
  [`${STAGING}/service.yaml`]: service(),
})
