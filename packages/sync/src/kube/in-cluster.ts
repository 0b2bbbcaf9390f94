// The connection that every pod is given: where the API server is, and the service account that it runs as.
// https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/
import { UserError } from '@gitops-relay/action-kit/user-error'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Connection } from './connection.ts'

const MOUNTED = '/var/run/secrets/kubernetes.io/serviceaccount'

/** @param env of the pod @param directory where the service account is mounted @throws UserError `kube-not-in-cluster` */
export async function readInCluster(
  env: Readonly<Record<string, string | undefined>>,
  directory = MOUNTED,
): Promise<Connection> {
  const host = env['KUBERNETES_SERVICE_HOST'] ?? ''
  const port = env['KUBERNETES_SERVICE_PORT_HTTPS'] || env['KUBERNETES_SERVICE_PORT'] || '443'
  const server = URL.parse(`https://${host.includes(':') ? `[${host}]` : host}:${port}/`)
  if (host === '' || server === null) throw notInCluster('KUBERNETES_SERVICE_HOST names no API server')
  const file = (name: string) => ({ file: join(directory, name) })
  const namespace = await readFile(file('namespace').file, 'utf8').catch((cause: unknown) => {
    throw notInCluster(`no service account is mounted at ${directory}`, cause)
  })
  return {
    name: 'the service account of this pod',
    server,
    authorities: file('ca.crt'),
    serverName: '',
    insecure: false,
    proxy: undefined,
    namespace: namespace.trim() || 'default',
    // It is renewed in its place, about every hour.
    user: { certificate: undefined, login: { kind: 'token', token: file('token') } },
  }
}

const notInCluster = (problem: string, cause?: unknown) =>
  new UserError(
    'kube-not-in-cluster',
    `This does not run in a pod that may speak to Kubernetes: ${problem}.`,
    'Give a kubeconfig, or run the job on a runner inside the cluster whose pod mounts a service account.',
    { cause },
  )
