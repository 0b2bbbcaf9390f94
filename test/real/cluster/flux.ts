// Flux's controllers on a test's cluster.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ControlPlane } from './control-plane.ts'
import { applyFiles } from './crds.ts'
import { answers, daemon, freePorts, type Daemon } from './daemon.ts'

export const NAMESPACE = 'flux-system'

/** @param programs directory of the part "flux" */
export async function flux(
  { kube, kubeconfig }: ControlPlane,
  programs: string,
  directory: string,
  keep: (daemon: Daemon) => void,
): Promise<void> {
  await kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } })
  await applyFiles(kube, join(programs, 'crds'))
  const ports = await freePorts(11)
  const [events = 0, receiver = 0, storage = 0] = ports
  const artifacts = join(directory, 'artifacts')
  await mkdir(artifacts, { recursive: true })
  const env = { RUNTIME_NAMESPACE: NAMESPACE, KUBECONFIG: await kubeconfig(NAMESPACE), TMPDIR: directory }
  const own: Record<string, readonly string[]> = {
    source: [
      `--storage-path=${artifacts}`,
      `--storage-addr=127.0.0.1:${storage}`,
      `--storage-adv-addr=127.0.0.1:${storage}`,
    ],
    kustomize: ['--requeue-dependency=2s'],
    helm: [],
    notification: [`--receiverAddr=127.0.0.1:${receiver}`],
  }
  await Promise.all(
    Object.entries(own).map(async ([name, args], index) => {
      const [metrics = 0, health = 0] = ports.slice(3 + 2 * index)
      // The notification controller is who listens there.
      const sink = name === 'notification' ? `127.0.0.1:${events}` : `http://127.0.0.1:${events}/`
      const program = join(programs, `${name}-controller`)
      const common = [
        '--watch-all-namespaces=true',
        `--metrics-addr=127.0.0.1:${metrics}`,
        `--health-addr=127.0.0.1:${health}`,
        `--events-addr=${sink}`,
      ]
      const ready = answers(`http://127.0.0.1:${health}/readyz`)
      keep(
        await daemon({
          name: `${name}-controller`,
          program,
          args: [...common, ...args],
          env,
          logs: directory,
          ready,
        }),
      )
    }),
  )
}
