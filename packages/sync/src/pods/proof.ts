// Do the pods run the very digests that were pushed?
import { parseReference } from '@gitops-relay/oci/reference'
import type { Containers, Goal, PodState, Proof } from '../types.ts'
import { currentPods, type PodsSeen } from './seen.ts'

export type Proven =
  /** `of`: the pods that count; `serving`: all of them. */
  | { is: 'proven'; proven: number; of: number; serving: number; isDemanded: boolean }
  /** These pods have not been read since they last changed; without any, nobody knows yet which there are. */
  | { is: 'unread'; pods: PodState[]; trouble: PodsSeen['unreadable'] }
  | { is: 'wrong'; proven: number; of: number; detail: string }

/**
 * Pods that are done or being deleted serve nobody.
 *
 * @param isDemanded false: a pod that runs something else does not count
 */
export function prove(seen: PodsSeen, proof: Proof, isDemanded: boolean): Proven {
  const pods = currentPods(seen)
  const unread = pods.filter(({ uid, version }) => !isFresh(seen.containers.get(uid), version))
  if (unread.length > 0 || seen.pods === undefined)
    return { is: 'unread', pods: unread, trouble: seen.unreadable }
  const serving = pods.flatMap(pod => {
    const read = seen.containers.get(pod.uid)
    return read && read.phase !== 'Succeeded' && read.phase !== 'Failed' ? [{ pod, read }] : []
  })
  const judged = serving
    .map(({ pod, read }) => judge(pod, read, proof))
    .filter(said => said !== 'not-meant' && (isDemanded || said === ''))
  const wrong = judged.filter(said => said !== '')
  const counts = { proven: judged.length - wrong.length, of: judged.length }
  return wrong.length === 0
    ? { is: 'proven', ...counts, serving: serving.length, isDemanded }
    : { is: 'wrong', ...counts, detail: wrong[0] ?? '' }
}

const isFresh = (read: Containers | undefined, version: string): boolean =>
  read !== undefined && Number(read.version) >= Number(version)

/** Empty: as wanted. */
function judge(pod: PodState, { containers }: Containers, { images, digests }: Proof): string {
  if (images.length === 0) {
    if (containers.some(({ imageID }) => digests.includes(digestOf(imageID)))) return ''
    const running = containers.map(({ imageID }) => digestOf(imageID) || 'nothing').join(', ')
    return `pod ${pod.name} runs ${running}, and none of the digests that were asked for`
  }
  const meant = containers.flatMap(container => {
    const accepted = images
      .filter(
        ({ repository }) =>
          repository === normalName(container.image) || repository === normalName(container.imageID),
      )
      .map(({ digest }) => digest)
    return accepted.length > 0 ? [{ container, accepted }] : []
  })
  if (meant.length === 0) return 'not-meant'
  const wrong = meant.find(({ container: { imageID }, accepted }) => {
    const digest = digestOf(imageID)
    return !accepted.includes(digest) && !digests.includes(digest)
  })
  if (wrong === undefined) return ''
  const { name, imageID } = wrong.container
  return `container ${name} of pod ${pod.name} runs ${digestOf(imageID) || 'nothing yet'}, not ${wrong.accepted.join(' or ')}`
}

/** False for a pod whose spec names another digest of an image that shall be proven: it is of an earlier revision. */
export function asksForOurs({ images = [] }: PodState, { proof }: Goal): boolean {
  return images.every(image => {
    const digest = digestOf(image)
    const wanted = proof?.images.filter(({ repository }) => repository === normalName(image)) ?? []
    return digest === '' || wanted.length === 0 || wanted.some(one => one.digest === digest)
  })
}

/** Of `repo@sha256:…`, `docker-pullable://repo@sha256:…` or a bare `sha256:…`. */
const digestOf = (imageID: string): string => /sha(?:256|512):[\da-f]+$/.exec(imageID)?.[0] ?? ''

/** Empty for what is no reference: some runtimes report a bare digest. */
function normalName(reference: string): string {
  try {
    return parseReference(reference.replace(/^[a-z-]+:\/\//, '')).name
  } catch {
    return ''
  }
}
