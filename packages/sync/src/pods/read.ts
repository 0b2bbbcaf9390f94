// Pods and what they belong to, as the Kubernetes API gives them.
import { array, object, text, time, type Fields } from '../fields.ts'
import type { Containers, PodState } from '../types.ts'

/** `Kind/namespace/name`. */
export function nameOf(manifest: Fields): string {
  const { namespace, name } = object(manifest['metadata'])
  return [manifest['kind'], namespace, name].map(text).filter(Boolean).join('/')
}

/**
 * The pods of the workloads that count; those of Jobs are left out, since a task that is over says nothing about what runs.
 *
 * @param manifests Deployments, ReplicaSets, StatefulSets, DaemonSets, ControllerRevisions, Rollouts and Pods, with their `kind`
 * @param counts asked of the workload at the top, or of a pod that stands alone
 */
export function readPods(
  manifests: Iterable<Fields>,
  counts: (workload: Fields) => boolean,
): { state: PodState; containers: Containers }[] {
  const all = [...manifests]
  const byUid = new Map(all.map(manifest => [text(object(manifest['metadata'])['uid']), manifest]))
  const ownerOf = (manifest: Fields) => byUid.get(controllerOf(manifest))
  return all.flatMap(pod => {
    if (pod['kind'] !== 'Pod') return []
    const owner = ownerOf(pod)
    // What owns it is not known (yet), or a Job.
    if (owner === undefined && controllerOf(pod) !== '') return []
    const top = (owner?.['kind'] === 'ReplicaSet' ? ownerOf(owner) : undefined) ?? owner ?? pod
    if (!counts(top)) return []
    return [
      { state: readPod(pod, nameOf(top), isCurrent(pod, owner, top, all)), containers: readContainers(pod) },
    ]
  })
}

/** Of the newest template of its workload, which its controller has taken up. */
function isCurrent(pod: Fields, owner: Fields | undefined, top: Fields, all: readonly Fields[]): boolean {
  const label = (name: string) => text(object(object(pod['metadata'])['labels'])[name])
  const status = object(top['status'])
  const { generation, uid } = object(top['metadata'])
  const isObserved = status['observedGeneration'] === generation
  switch (top['kind']) {
    case 'Deployment':
      return isObserved && owner !== undefined && revisionOf(owner) === revisionOf(top)
    case 'Rollout':
      return label('rollouts-pod-template-hash') === status['currentPodHash']
    case 'StatefulSet':
      return isObserved && label('controller-revision-hash') === status['updateRevision']
    case 'DaemonSet': {
      const [newest] = all
        .filter(({ kind }) => kind === 'ControllerRevision')
        .filter(manifest => controllerOf(manifest) === uid)
        .toSorted((a, b) => Number(b['revision']) - Number(a['revision']))
      const hash = text(object(object(newest?.['metadata'])['labels'])['controller-revision-hash'])
      return isObserved && (hash === '' || label('controller-revision-hash') === hash)
    }
    default:
      return true
  }
}

const revisionOf = (manifest: Fields): string =>
  text(object(object(manifest['metadata'])['annotations'])['deployment.kubernetes.io/revision'])

function controllerOf(manifest: Fields): string {
  const owners = array(object(manifest['metadata'])['ownerReferences']).map(object)
  return text(owners.find(({ controller }) => controller === true)?.['uid'])
}

const statusesOf = (pod: Fields): Fields[] =>
  ['initContainerStatuses', 'containerStatuses'].flatMap(list =>
    array(object(pod['status'])[list]).map(object),
  )

/** What keeps the first container that does not run from it, and how it ended before; empty where all run, or are about to. */
export const readTrouble = (pod: Fields): string =>
  statusesOf(pod).flatMap(status => troubleOf(status)?.message ?? [])[0] ?? ''

function readPod(pod: Fields, workload: string, current: boolean): PodState {
  const metadata = object(pod['metadata'])
  const status = object(pod['status'])
  const statuses = statusesOf(pod)
  const trouble = statuses.map(troubleOf).find(found => found !== undefined)
  const createdAt = time(metadata['creationTimestamp'])
  return {
    uid: text(metadata['uid']),
    name: `${text(metadata['namespace'])}/${text(metadata['name'])}`,
    version: text(metadata['resourceVersion']),
    workload,
    current,
    leaving: metadata['deletionTimestamp'] !== undefined,
    reason:
      trouble?.reason ?? unscheduled(status)?.reason ?? (text(status['reason']) || text(status['phase'])),
    message: trouble?.message ?? unscheduled(status)?.message ?? text(status['message']),
    restarts: Math.max(0, ...statuses.map(({ restartCount }) => Number(restartCount ?? 0))),
    images: array(object(pod['spec'])['containers']).map(container => text(object(container)['image'])),
    ...(createdAt === undefined ? {} : { createdAt }),
  }
}

const ON_THE_WAY = new Set(['', 'ContainerCreating', 'PodInitializing'])

/** Why a container does not run; undefined: it does, or is about to. */
function troubleOf(status: Fields): { reason: string; message: string } | undefined {
  const state = object(status['state'])
  const [waiting, ended] = [object(state['waiting']), object(state['terminated'])]
  if (!ON_THE_WAY.has(text(waiting['reason']))) {
    const last = object(object(status['lastState'])['terminated'])
    const before = last['reason'] === undefined ? '' : `; it ended with ${sayEnd(last)}`
    return { reason: text(waiting['reason']), message: `${text(waiting['message'])}${before}` }
  }
  if (ended['reason'] === undefined || ended['exitCode'] === 0) return undefined
  return { reason: text(ended['reason']), message: sayEnd(ended) }
}

const sayEnd = (ended: Fields): string => {
  const message = text(ended['message'])
  return `${text(ended['reason'])}, exit code ${Number(ended['exitCode'] ?? 0)}${message && `: ${message}`}`
}

function unscheduled(status: Fields): { reason: string; message: string } | undefined {
  const found = array(status['conditions'])
    .map(object)
    .find(({ type, status: is }) => type === 'PodScheduled' && is === 'False')
  return found && { reason: text(found['reason']), message: text(found['message']) }
}

/** @param manifest a live Pod. Init containers have done their work and do not count. */
export function readContainers(manifest: unknown): Containers {
  const pod = object(manifest)
  const { uid, resourceVersion } = object(pod['metadata'])
  const status = object(pod['status'])
  return {
    uid: text(uid),
    version: text(resourceVersion),
    phase: text(status['phase']),
    containers: array(status['containerStatuses'])
      .map(object)
      .map(({ name, image, imageID }) => ({ name: text(name), image: text(image), imageID: text(imageID) })),
  }
}
