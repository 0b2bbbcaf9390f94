// What others take for deployed: their rules, written down from their sources as functions of what a controller showed.
import type { ApplicationState, FluxObject, Observation, Time } from '@gitops-relay/sync'

/** When it would have said that all is well; undefined: it waits, and fails at its timeout. */
type Rule = (seen: readonly Observation[], target: string) => { at: Time; revision: string } | undefined

export interface OtherWait {
  name: string
  provider: 'argocd' | 'flux'
  /** Where the rule stands. */
  source: string
  says: Rule
}

const ARGO = 'https://github.com/argoproj/argo-cd/blob/v3.5.1/cmd/argocd/commands/app.go'
const FLUX = 'https://github.com/fluxcd/flux2/blob/v2.9.0/cmd/flux/reconcile.go'

export const otherWaits: readonly OtherWait[] = [
  {
    name: '`argocd app get --refresh`, then `argocd app wait`',
    provider: 'argocd',
    source: ARGO,
    says: (seen, target) => firstApplication(seen, target, refreshedAt(seen)),
  },
  {
    name: '`argocd app wait` after the push',
    provider: 'argocd',
    source: ARGO,
    says: (seen, target) => firstApplication(seen, target, PUSHED),
  },
  {
    name: '`flux reconcile kustomization --with-source`',
    provider: 'flux',
    source: FLUX,
    says: reconciles,
  },
  {
    name: '`kubectl wait --for=condition=Ready kustomization`',
    provider: 'flux',
    source: 'https://github.com/kubernetes/kubectl/blob/v0.36.3/pkg/cmd/wait/condition.go',
    says: (seen, target) => firstFlux(seen, target, PUSHED, ({ state }) => isReady(state)),
  },
]

/** Of a recording's own clock. */
export const PUSHED: Time = Date.UTC(2030, 0, 1)

type SeenApplication = Extract<Observation, { kind: 'application' }>
type SeenFlux = Extract<Observation, { kind: 'flux' }>

const refreshedAt = (seen: readonly Observation[]): Time =>
  seen.find(one => one.kind === 'refreshed')?.at ?? PUSHED

/** An operation that is requested, not finished, or newer than the last comparison is still going on. */
function isWaitedFor({ requested, operation, reconciledAt, sync, health }: ApplicationState): boolean {
  const isGoingOn =
    requested !== undefined ||
    (operation !== undefined &&
      (operation.finishedAt === undefined ||
        reconciledAt === undefined ||
        reconciledAt < operation.finishedAt))
  return sync?.status === 'Synced' && health?.status === 'Healthy' && !isGoingOn
}

function firstApplication(seen: readonly Observation[], target: string, from: Time): ReturnType<Rule> {
  const states = seen.filter(
    (one): one is SeenApplication => one.kind === 'application' && one.target === target,
  )
  const found = standingFrom(states, from).find(({ state }) => isWaitedFor(state))
  return found && { at: Math.max(found.at, from), revision: found.state.sync?.revisions[0] ?? '' }
}

/** The poke is answered (by whom does not matter) and kstatus calls the object Current; first the source, then the Kustomization. */
function reconciles(seen: readonly Observation[], target: string): ReturnType<Rule> {
  const states = seen.filter((one): one is SeenFlux => one.kind === 'flux')
  const source = states.find(({ object }) => object === target)?.state.source ?? ''
  let at = PUSHED
  let revision = ''
  for (const object of [source, target]) {
    const own = states.filter(one => one.object === object)
    const before = own.findLast(one => one.at <= at)?.state.handled ?? ''
    const answered = firstFlux(seen, object, at, ({ state }) => state.handled !== before && isCurrent(state))
    if (answered === undefined) return undefined
    at = answered.at
    revision = answered.revision
  }
  return { at, revision }
}

function firstFlux(
  seen: readonly Observation[],
  target: string,
  from: Time,
  isGood: (state: SeenFlux) => boolean,
): ReturnType<Rule> {
  const states = seen.filter((one): one is SeenFlux => one.kind === 'flux' && one.object === target)
  const found = standingFrom(states, from).find(isGood)
  return found && { at: Math.max(found.at, from), revision: found.state.attempted }
}

const isReady = ({ conditions }: FluxObject): boolean =>
  conditions.some(({ type, status }) => type === 'Ready' && status === 'True')

/** kstatus: what is observed, neither Reconciling nor Stalled, and Ready. */
const isCurrent = (state: FluxObject): boolean =>
  state.observedGeneration === state.generation &&
  !state.conditions.some(
    ({ type, status }) => (type === 'Reconciling' || type === 'Stalled') && status === 'True',
  ) &&
  isReady(state)

/** What stands at a time, and all that follows. */
function standingFrom<Seen extends { at: Time }>(states: readonly Seen[], from: Time): Seen[] {
  const standing = states.findLast(({ at }) => at <= from)
  return [...(standing ? [standing] : []), ...states.filter(({ at }) => at > from)]
}
