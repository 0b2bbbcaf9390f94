// What other rooms may use of this package.
export * from './types.ts'
export { evaluate } from './evaluate.ts'
export { timeline, type Milestone } from './timeline.ts'
export { readRecord, recordGoal, recordObservation } from './record.ts'
export { normaliseRepository, sameRepositoryUrl } from './repository-url.ts'
export { isCommit } from './standing.ts'
export { FIELDS, readApplication, type Application } from './argocd/application.ts'
export { openSession, type Credentials, type Session } from './argocd/session.ts'
export { createArgoServer, type ApplicationName, type ArgoServer, type Filter } from './argocd/server.ts'
export { createObserver } from './argocd/observer.ts'
export type { Observer } from './watch/observer.ts'
export { readTree } from './argocd/tree.ts'
export { readContainers } from './pods/read.ts'
export { createFluxObserver, listFlux } from './flux/observer.ts'
export { findKustomizations, nameKustomizations } from './flux/targets.ts'
export type { Cluster } from './watch/pods.ts'
export {
  createKubeClient,
  readInCluster,
  readKubeconfig,
  secretsOf,
  type KubeClient,
  type KubeconfigFile,
  type KubeObject,
  type Resource,
  type WatchEvent,
} from './kube/index.ts'
export { findTargets, nameTargets, type Wanted } from './argocd/targets.ts'
