// What is known of an application's pods at a moment, folded from all that was seen of them.
import type { Containers, Observation, PodState, Time } from '../types.ts'

export type PodObservation = Extract<Observation, { kind: 'pods' | 'containers' | 'unreadable' }>

export interface PodsSeen {
  /** Undefined: not looked at yet. */
  pods: readonly PodState[] | undefined
  /** Pods whose image the registry refused, while they back off from asking it again. */
  refused: ReadonlyMap<string, string>
  /** Pods that restarted while we looked. */
  restarted: ReadonlySet<string>
  /** Pods that crashed twice or more: since when, and since when they run again. */
  looping: ReadonlyMap<string, { since: Time; runsSince?: Time }>
  containers: ReadonlyMap<string, Containers>
  unreadable: Extract<Observation, { kind: 'unreadable' }> | undefined
}

export const nothing: PodsSeen = {
  pods: undefined,
  refused: new Map(),
  restarted: new Set(),
  looping: new Map(),
  containers: new Map(),
  unreadable: undefined,
}

/** A pod that ran so long is not in a loop any more. */
const STEADY = 30_000
const PULL = new Set(['ErrImagePull', 'ImagePullBackOff', 'RegistryUnavailable'])
const REFUSED =
  /not ?found|denied|unauthori[sz]ed|forbidden|manifest unknown|does not exist|no match for platform/i

export const isPull = ({ reason }: PodState): boolean => PULL.has(reason)

/** Pure. The observations have to come in the order of their times. */
export function see(before: PodsSeen, seen: PodObservation): PodsSeen {
  if (seen.kind === 'unreadable') return { ...before, unreadable: seen }
  if (seen.kind === 'containers') {
    const { uid, version, phase, containers } = seen
    const known = new Map(before.containers).set(uid, { uid, version, phase, containers })
    return { ...before, containers: known, unreadable: undefined }
  }
  const refused = new Map<string, string>()
  const restarted = new Set<string>()
  const looping = new Map<string, { since: Time; runsSince?: Time }>()
  for (const pod of seen.pods) {
    const last = before.pods?.find(({ uid }) => uid === pod.uid)
    const known = before.refused.get(pod.uid)
    if (isPull(pod) && (REFUSED.test(pod.message) || known !== undefined))
      refused.set(pod.uid, REFUSED.test(pod.message) ? pod.message : (known ?? ''))
    const isNew = before.pods !== undefined && last === undefined
    const hasRestarted = pod.restarts > (last?.restarts ?? (isNew ? 0 : pod.restarts))
    if (hasRestarted || before.restarted.has(pod.uid)) restarted.add(pod.uid)
    const loop = before.looping.get(pod.uid)
    if (pod.reason === 'CrashLoopBackOff' && pod.restarts >= 2) {
      const ranFor = seen.at - (loop?.runsSince ?? seen.at)
      looping.set(pod.uid, { since: loop && ranFor < STEADY ? loop.since : seen.at })
    } else if (loop) looping.set(pod.uid, { ...loop, runsSince: loop.runsSince ?? seen.at })
  }
  return { ...before, pods: seen.pods, refused, restarted, looping }
}

/** Of the newest revisions, and here to stay. */
export const currentPods = ({ pods = [] }: PodsSeen): PodState[] =>
  pods.filter(({ current, leaving }) => current && !leaving)
