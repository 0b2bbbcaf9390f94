// An Argo CD Application as its API shows it: the shapes are those of a recorded v3.5.1.

export type Health = 'Healthy' | 'Progressing' | 'Degraded' | 'Suspended' | 'Missing' | 'Unknown'

export interface ApplicationDefinition {
  name: string
  repoURL: string
  /** Directory in the repository. */
  path: string
  /** Default `main`. */
  branch?: string
  /** Default `default`. */
  project?: string
  /** Where it deploys to; default `default`. */
  namespace?: string
  labels?: Readonly<Record<string, string>>
  annotations?: Readonly<Record<string, string>>
  /** Is automated sync on? Default true. */
  automated?: boolean
  /** Attempts after a failed one; default 1 (the real default is 5, which takes minutes). */
  retryLimit?: number
}

export interface Resource {
  group?: string
  version: string
  kind: string
  namespace: string
  name: string
  status?: string
  health?: { status: Health; message?: string }
  [further: string]: unknown
}

export interface Operation {
  sync: { revision: string; prune: boolean; source: object; [further: string]: unknown }
  initiatedBy: { automated: true } | { username: string }
  info?: unknown
  retry: { limit: number }
}

export interface Application {
  metadata: {
    name: string
    namespace: string
    uid: string
    resourceVersion: string
    generation: number
    creationTimestamp: string
    labels?: Readonly<Record<string, string>>
    annotations: Record<string, string>
  }
  spec: {
    source: { repoURL: string; path: string; targetRevision: string }
    destination: { server: string; namespace: string }
    [further: string]: unknown
    project: string
  }
  operation?: Operation
  status: {
    resources: Resource[]
    sync: { status: 'Synced' | 'OutOfSync' | 'Unknown'; comparedTo: object; revision: string }
    health: { status: Health; lastTransitionTime: string }
    conditions?: { type: string; message: string; lastTransitionTime: string }[]
    history: { revision: string; id: number; [further: string]: unknown }[]
    reconciledAt: string
    operationState?: {
      operation: Operation
      phase: 'Running' | 'Succeeded' | 'Failed' | 'Error' | 'Terminating'
      message?: string
      syncResult?: { resources: object[]; revision: string; source: object }
      startedAt: string
      finishedAt?: string
      retryCount?: number
    }
    summary: { images: string[] }
    [further: string]: unknown
  }
}
