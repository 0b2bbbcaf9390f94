// Flux, through the Kubernetes API.
import { UserError } from '@gitops-relay/action-kit/user-error'
import { HttpError } from '@gitops-relay/http'
import type { Clock } from '@gitops-relay/http/clock'
import {
  createFluxObserver,
  findKustomizations,
  listFlux,
  nameKustomizations,
  type Cluster,
} from '@gitops-relay/sync'
import type { Inputs } from '../inputs.ts'
import type { Provider } from './provider.ts'

export function fluxProvider(
  cluster: Cluster,
  kustomizations: readonly string[],
  { repository, branch, changedFiles: given }: Pick<Inputs, 'repository' | 'branch' | 'changedFiles'>,
  clock: Clock,
): Provider {
  return {
    name: 'flux',
    choose: async (changedFiles, signal) => {
      if (kustomizations.length > 0)
        return { targets: nameKustomizations(kustomizations), changedFiles: given }
      const all = await listFlux(cluster, signal).catch(error => {
        if (!(error instanceof HttpError)) throw error
        const remedy = 'Check "kubeconfig", and that the runner can reach its server.'
        throw new UserError('kube-unreachable', `Kubernetes cannot be asked: ${error.message}`, remedy, {
          cause: error,
        })
      })
      const files = given ?? (await changedFiles())
      const targets = findKustomizations(all, { repository: repository.url, branch, changedFiles: files })
      return { targets, changedFiles: files }
    },
    observe: targets => createFluxObserver(cluster, targets, clock),
    commitTime: () => Promise.resolve(undefined),
  }
}
