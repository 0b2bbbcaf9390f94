// A cluster of a test's own, with Flux or Argo CD on it; what `npm run test:real` built is started, nothing is fetched.
import { temporaryDirectory } from '@gitops-relay/testing'
import { argocd, type ArgoCd } from './argocd.ts'
import { controlPlane, type ControlPlane } from './control-plane.ts'
import type { Daemon } from './daemon.ts'
import { flux } from './flux.ts'

const {
  'cluster-core': core,
  'cluster-flux': ofFlux,
  'cluster-argocd': ofArgo,
  redis,
} = JSON.parse(process.env['GITOPS_RELAY_REAL'] ?? '{}') as Record<string, string | undefined> // oxlint-disable-line no-unsafe-type-assertion -- written by scripts/real.ts

/** Could this machine build it? */
export const canRun = {
  flux: core !== undefined && ofFlux !== undefined,
  argocd: core !== undefined && ofArgo !== undefined && redis !== undefined,
}

export interface Cluster extends ControlPlane, AsyncDisposable {}

export async function clusterWithFlux(): Promise<Cluster> {
  const { cluster } = await clusterWith(async (plane, directory, keep) =>
    flux(plane, ofFlux ?? '', directory, keep),
  )
  return cluster
}

export async function clusterWithArgoCd(): Promise<Cluster & { argo: ArgoCd }> {
  const { cluster, made } = await clusterWith(async (plane, directory, keep) =>
    argocd(plane, ofArgo ?? '', redis ?? '', directory, keep),
  )
  return { ...cluster, argo: made }
}

async function clusterWith<Made>(
  more: (plane: ControlPlane, directory: string, keep: (daemon: Daemon) => void) => Promise<Made>,
): Promise<{ cluster: Cluster; made: Made }> {
  await using stack = new AsyncDisposableStack()
  const { path } = stack.use(await temporaryDirectory())
  const running: Daemon[] = []
  // All are told to end before any is waited for: one after the other they drain for half a minute.
  stack.defer(async () => {
    await Promise.all(running.map(daemon => daemon[Symbol.asyncDispose]()))
  })
  const keep = (daemon: Daemon) => void running.push(daemon)
  const plane = await controlPlane(core ?? '', path, keep)
  const made = await more(plane, path, keep)
  const kept = stack.move()
  return { cluster: { ...plane, [Symbol.asyncDispose]: () => kept.disposeAsync() }, made }
}
