// A goal, a live application, and what a repository answers; for tests.
import type { ApplicationState, FluxObject, Goal, Observation, Relation, ValueFate } from './types.ts'

export const sha = (letter: string) => letter.repeat(40)
export const [OURS, OLD, NEWER] = [sha('a'), sha('b'), sha('c')]
export const START = Date.UTC(2030, 0, 1)

export const goal: Goal = {
  provider: 'argocd',
  commit: OURS,
  repository: 'https://git.example/shop/config',
  targets: ['shop'],
  startedAt: START,
  deadline: START + 600_000,
  appearTimeout: 120_000,
  settle: 5000,
  degradedGrace: 30_000,
  refresh: true,
  onRetry: 'wait',
  onSuspended: 'fail',
}

export const live: ApplicationState = {
  project: 'default',
  sources: [
    { repository: 'https://git.example/shop/config', path: 'prod', targetRevision: 'main', chart: false },
  ],
  hydrated: false,
  automated: true,
  skipped: false,
  deleting: false,
  sync: { status: 'Synced', revisions: [OURS] },
  operation: {
    phase: 'Succeeded',
    message: 'synced',
    revisions: [OURS],
    finishedAt: START + 1000,
    retries: 0,
    failures: [],
  },
  health: { status: 'Healthy', message: '', since: START + 2000 },
  conditions: [],
  resources: [],
  deployed: [OURS],
}

export const answer = (revision: string, relation: Relation, value?: ValueFate): Observation => ({
  kind: 'revision',
  at: START,
  revision,
  relation,
  ...(value ? { value } : {}),
})

export const K = 'Kustomization/flux-system/shop'
export const SOURCE = 'GitRepository/flux-system/config'
export const RELEASE = 'HelmRelease/flux-system/shop'

export const is = (
  type: string,
  status: 'True' | 'False' | 'Unknown',
  reason = '',
  message = '',
  observedGeneration = 1,
): FluxObject['conditions'][number] => ({ type, status, reason, message, observedGeneration })

const nothingOfFlux: FluxObject = {
  generation: 1,
  observedGeneration: 1,
  suspended: false,
  conditions: [is('Ready', 'True')],
  artifact: '',
  attempted: '',
  applied: '',
  source: '',
  dependsOn: [],
  owner: '',
  path: '',
  repository: '',
  ref: { branch: '', fixed: '' },
  handled: '',
}

/** A source, a Kustomization and a release at our commit. */
export const source: FluxObject = {
  ...nothingOfFlux,
  artifact: OURS,
  repository: 'https://git.example/shop/config',
  ref: { branch: 'main', fixed: '' },
}
export const kustomization: FluxObject = {
  ...nothingOfFlux,
  attempted: OURS,
  applied: OURS,
  source: SOURCE,
  path: './prod',
}
export const release: FluxObject = {
  ...nothingOfFlux,
  owner: K,
  release: { status: 'deployed', action: 'upgrade' },
}
