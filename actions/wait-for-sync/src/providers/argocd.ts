// Argo CD, through its API server.
import { UserError } from '@gitops-relay/action-kit/user-error'
import { HttpError } from '@gitops-relay/http'
import type { Clock } from '@gitops-relay/http/clock'
import {
  createObserver,
  findTargets,
  nameTargets,
  type ApplicationName,
  type ArgoServer,
} from '@gitops-relay/sync'
import type { Inputs } from '../inputs.ts'
import type { ArgoInputs } from '../inputs-argocd.ts'
import type { Provider } from './provider.ts'

export function argoProvider(
  server: ArgoServer,
  { applications, project, selector }: Pick<ArgoInputs, 'applications' | 'project' | 'selector'>,
  {
    repository,
    branch,
    commit,
    changedFiles: given,
  }: Pick<Inputs, 'repository' | 'branch' | 'commit' | 'changedFiles'>,
  clock: Clock,
): Provider {
  let names: ReadonlyMap<string, ApplicationName> = nameTargets(applications)
  return {
    name: 'argocd',
    choose: async (changedFiles, signal) => {
      if (names.size > 0) return { targets: [...names.keys()], changedFiles: given }
      const all = await server.list({ project, selector }, signal).catch(error => {
        if (!(error instanceof HttpError)) throw error
        const remedy = 'Check "argocd-server", and that the runner can reach it.'
        throw new UserError('argocd-unreachable', `Argo CD cannot be asked: ${error.message}`, remedy, {
          cause: error,
        })
      })
      const files = given ?? (await changedFiles())
      names = findTargets(all, { repository: repository.url, branch, changedFiles: files })
      return { targets: [...names.keys()], changedFiles: files }
    },
    observe: () => createObserver(server, names, { project, selector }, clock),
    commitTime: async (_targets, signal) => {
      const [first] = names.values()
      return first && server.commitTime(first, commit, signal)
    },
  }
}
