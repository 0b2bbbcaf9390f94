// The doors of this package: what was seen, what is wanted, and what follows from it.

/** Every time is in milliseconds since the epoch, by the clock of the machine that waits. */
export type Time = number

/** How a revision stands to our commit: the commit itself, one that contains it, one that it contains, neither, not known. */
export type Relation = 'ours' | 'newer' | 'older' | 'diverged' | 'unknown'

/** What a newer commit made of the value that ours had set; `unreadable` when nobody could look. */
export type ValueFate = 'kept' | 'changed' | 'reverted' | 'unreadable'

/** What may be out of sight: the target, its pods, or all of it until it has been read once more. */
export type Sighted = 'target' | 'pods' | 'all'

/** Something that was seen; plain JSON, without secrets, so that a recording of all of them replays the verdict. */
export type Observation =
  /** An application as the controller described it. `version` orders the states of one object (its resourceVersion). */
  | { kind: 'application'; at: Time; target: string; version: string; state: ApplicationState }
  /** There is none: not found, hidden by missing rights (or absent, the server does not say which), or deleted. */
  | { kind: 'absent'; at: Time; target: string; cause: 'not-found' | 'hidden' | 'deleted' }
  /** The controller looked again because we asked: every state from `version` on is newer than the question. */
  | { kind: 'refreshed'; at: Time; target: string; version: string }
  | { kind: 'refresh-failed'; at: Time; target: string; detail: string }
  /** What the config repository says about a revision that the controller named. */
  | { kind: 'revision'; at: Time; revision: string; relation: Relation; value?: ValueFate; detail?: string }
  /** Do sync windows keep the automation from syncing? `failed`: nobody could say. */
  | { kind: 'windows'; at: Time; target: string; closed: boolean; detail: string; failed?: true }
  /** From here on changes of the target, or of its pods, are not seen. */
  | { kind: 'lost'; at: Time; target: string; of: Sighted }
  /** They are again; `missed`: there were some, `from` a time on where nothing had told that they were lost. */
  | { kind: 'resumed'; at: Time; target: string; of: Sighted; missed: boolean; from?: Time }
  /** A Flux object as it stands, by its name `Kind/namespace/name`. */
  | { kind: 'flux'; at: Time; object: string; version: string; state: FluxObject }
  /** The pods of an application with what they belong to; all of them, each time. `order` tells what came at one time apart. */
  | { kind: 'pods'; at: Time; target: string; pods: PodState[]; order?: number }
  /** What runs in one pod, read from the pod itself. */
  | ({ kind: 'containers'; at: Time; target: string } & Containers)
  /** Pods, or what runs in them, could not be read; `forbidden` will not change by itself. */
  | { kind: 'unreadable'; at: Time; target: string; forbidden: boolean; detail: string }
  /** The controller could not be asked; never a verdict, but the reason of a timeout. */
  | { kind: 'trouble'; at: Time; detail: string }

export type SyncStatus = 'Synced' | 'OutOfSync' | 'Unknown'
export type HealthStatus = 'Healthy' | 'Progressing' | 'Degraded' | 'Suspended' | 'Missing' | 'Unknown'

/** The part of an Argo CD Application that a verdict rests on. Its times are the server's own and only compared with each other. */
export interface ApplicationState {
  project: string
  sources: { repository: string; path: string; targetRevision: string; chart: boolean }[]
  /** Manifests are hydrated into another branch, whose revisions are not ours. */
  hydrated: boolean
  automated: boolean
  /** The annotation `skip-reconcile`. */
  skipped: boolean
  deleting: boolean
  /** Revisions of an operation that was requested and has not started, by source. */
  requested?: string[]
  /** Absent on an application that was never compared. */
  sync?: { status: SyncStatus; revisions: string[] }
  operation?: Operation
  health?: { status: HealthStatus; message: string; since?: Time }
  reconciledAt?: Time
  conditions: { type: string; message: string }[]
  /** Objects that are not Synced or not Healthy. */
  resources: ResourceState[]
  /** Revisions of the newest entry of the deployment history, by source. */
  deployed: string[]
}

export interface Operation {
  phase: 'Running' | 'Terminating' | 'Failed' | 'Error' | 'Succeeded'
  message: string
  revisions: string[]
  startedAt?: Time
  finishedAt?: Time
  retries: number
  failures: { object: string; message: string }[]
}

export interface ResourceState {
  /** `Kind/namespace/name`. */
  object: string
  synced: boolean
  health: string
  message: string
  /** A hook, or only waiting to be pruned: neither makes an application out of sync for us. */
  aside: boolean
}

/** The part of a GitRepository, Kustomization or HelmRelease that a verdict rests on. */
export interface FluxObject {
  generation: number
  observedGeneration: number
  suspended: boolean
  conditions: {
    type: string
    status: 'True' | 'False' | 'Unknown'
    reason: string
    message: string
    observedGeneration: number
  }[]
  /** Commits, where the object has seen any; of a source that of its artifact. */
  artifact: string
  attempted: string
  applied: string
  /** Source of a Kustomization, as `Kind/namespace/name`. */
  source: string
  dependsOn: string[]
  /** The Kustomization that made it, by its labels; empty where it was made by hand. */
  owner: string
  /** Directory in the repository. */
  path: string
  repository: string
  /** What a source follows; a tag or commit does not move by a push to the branch. */
  ref: { branch: string; fixed: string }
  /** Newest release of a HelmRelease. */
  release?: { status: string; action: string }
  /** The poke that was answered last. */
  handled: string
}

export interface PodState {
  uid: string
  /** `namespace/name`. */
  name: string
  /** resourceVersion. */
  version: string
  /** What it belongs to, as `Kind/namespace/name`. */
  workload: string
  /** Of the newest revision of its workload. */
  current: boolean
  /** Being deleted. */
  leaving: boolean
  /** What `kubectl get pods` shows as its status, such as `Running` or `ErrImagePull`. */
  reason: string
  message: string
  restarts: number
  /** What its containers shall run, as written in its spec. */
  images?: string[]
  createdAt?: Time
}

export interface Containers {
  uid: string
  version: string
  /** Of the pod. */
  phase: string
  containers: { name: string; image: string; imageID: string }[]
}

/** What must run, beyond what the controller says. */
export interface Proof {
  /** Each names the containers of its repository, and the digest that they shall have. */
  images: { repository: string; digest: string }[]
  /** Accepted besides: the digests of platforms and configurations; without `images`, one of them in every pod. */
  digests: string[]
  /** False: what cannot be read stays unverified, and is no failure. */
  required: boolean
}

export interface Goal {
  provider: 'argocd' | 'flux'
  /** Full SHA of the commit of the config repository that shall be live. */
  commit: string
  /** URL of the config repository, to tell which source of an application is ours. */
  repository: string
  targets: readonly string[]
  /** What the commit changes, relative to the repository; undefined where nobody knows. */
  changedFiles?: readonly string[]
  startedAt: Time
  /** After it nothing counts any more. */
  deadline: Time
  /** Milliseconds, as in the action's inputs of these names. */
  appearTimeout: number
  settle: number
  degradedGrace: number
  refresh: boolean
  onRetry: 'wait' | 'fail'
  onSuspended: 'fail' | 'wait' | 'success'
  /** Absent: the pods are not asked what they run. */
  proof?: Proof
}

export type Result = 'live' | 'superseded' | 'reverted' | 'failed' | 'blocked' | 'timeout'

/** Code first, for machines; the sentence names the object and field, `next` what to do about it. */
export interface Reason {
  code: string
  sentence: string
  next?: string
}

export interface TargetVerdict {
  target: string
  result: Result | 'waiting'
  /** The commit that is live there, as far as the controller says; empty when unknown. */
  revision: string
  health: string
  /** What holds it now, or what decided it. */
  reason: Reason
  /** Since when, without interruption. */
  since: Time
  /** When it was decided; later than `since` where time had to pass. */
  decidedAt?: Time
  /** First times at our commit (or one that contains it). */
  seenAt?: Time
  syncedAt?: Time
  healthyAt?: Time
  /** Of the pods that count for the proof. */
  pods?: { proven: number; of: number }
}

/** Something that `evaluate` wants to know before it can go on; the answer is an observation. */
export type Question =
  | { ask: 'refresh'; target: string }
  | { ask: 'revision'; revision: string }
  | { ask: 'windows'; target: string }
  | { ask: 'containers'; target: string; pods: { uid: string; name: string }[] }

export interface Verdict {
  /** `waiting`: ask again at the next observation, or at `deadline`. */
  result: Result | 'waiting'
  reason: Reason
  /** The commit that is live, of the target that is furthest behind. */
  revision: string
  targets: TargetVerdict[]
  /** The next moment at which the verdict may change without a further observation. */
  deadline: Time
  questions: Question[]
  /** Targets whose pods matter by now. */
  attend: string[]
}
