// What pods of the newest revision say long before their workload gives up.
import type { Goal, PodState, Reason, Time } from '../types.ts'
import { currentPods, isPull, type PodsSeen } from './seen.ts'

export interface PodFailure extends Reason {
  /** Milliseconds for which it may still last. */
  after: number
}

/** A pull that the registry refuses is tried once more. */
const SECOND_PULL = 8000
const HOPELESS = new Set(['InvalidImageName', 'ErrImageNeverPull'])
const BROKEN = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'PostStartHookError',
  'StartError',
])

/**
 * The failure that ends first; undefined where the pods may still become what they shall be.
 *
 * @param isOurs was the pod made for what we wait for?
 * @param from when it was applied: what failed before may still go away with it
 */
export function failureOf(
  seen: PodsSeen,
  isOurs: (pod: PodState) => boolean,
  goal: Goal,
  at: Time,
  from: Time,
): PodFailure | undefined {
  return currentPods(seen)
    .filter(isOurs)
    .flatMap(pod => judge(pod, seen, goal, at, from) ?? [])
    .toSorted((a, b) => a.after - b.after || (a.sentence < b.sentence ? -1 : 1))[0]
}

function judge(pod: PodState, seen: PodsSeen, goal: Goal, at: Time, from: Time): PodFailure | undefined {
  const { uid, name, workload, reason, restarts } = pod
  const where = `pod ${name} of ${workload}`
  if (HOPELESS.has(reason)) {
    return {
      code: 'bad-image-name',
      sentence: `The image of ${where} can never be pulled: ${saying(pod)}`,
      next: 'Write a valid reference into the manifest.',
      after: 0,
    }
  }
  if (isPull(pod)) {
    const refused = seen.refused.get(uid)
    return {
      code: 'image-pull',
      sentence: `The image of ${where} cannot be pulled: ${refused ?? saying(pod)}`,
      next: 'Check that the digest was pushed to this registry, and that the cluster may pull it.',
      after: refused === undefined ? goal.degradedGrace : Math.min(SECOND_PULL, goal.degradedGrace),
    }
  }
  const loop = seen.looping.get(uid)
  if (loop && loop.runsSince === undefined) {
    return {
      code: 'crash-loop',
      sentence: `A container of ${where} crashed ${restarts} times: ${saying(pod)}`,
      next: `Look at kubectl logs --previous -n ${name.replace('/', ' ')}.`,
      after: Math.max(0, Math.max(loop.since, from) + goal.degradedGrace - at),
    }
  }
  if (!BROKEN.has(reason)) return undefined
  return {
    code: 'container-error',
    sentence: `A container of ${where} does not start: ${saying(pod)}`,
    next: 'Check the command, and the ConfigMaps and Secrets that it names.',
    after: goal.degradedGrace,
  }
}

const saying = ({ reason, message }: PodState): string => (message === '' ? reason : `${reason}: ${message}`)
