// The resource tree of an application, read as its pods: which workload each belongs to, and whether it is of the newest revision.
import type { PodState } from '../types.ts'
import { array, object, text, time, type Fields } from '../fields.ts'

/** @param value `{nodes}` as the API gives it. Pods of Jobs are left out: a hook or a task, long over, says nothing about what runs. */
export function readTree(value: unknown): PodState[] {
  const nodes = array(object(value)['nodes']).map(object)
  const byUid = new Map(nodes.map(node => [text(node['uid']), node]))
  const parentOf = (node: Fields) => byUid.get(text(object(array(node['parentRefs'])[0])['uid']))
  const newest = new Map<string, number>()
  for (const node of nodes) {
    const parent = text(parentOf(node)?.['uid'])
    if (node['kind'] === 'ReplicaSet' && parent !== '')
      newest.set(parent, Math.max(newest.get(parent) ?? 0, revisionOf(node)))
  }
  return nodes.flatMap(node => {
    if (node['kind'] !== 'Pod') return []
    const owner = parentOf(node)
    const above = owner && parentOf(owner)
    const isReplica = owner?.['kind'] === 'ReplicaSet' && above !== undefined
    const workload = (isReplica ? above : owner) ?? node
    if (owner?.['kind'] === 'Job') return []
    const current = !isReplica || revisionOf(owner) === newest.get(text(above['uid']))
    return [readPod(node, nameOf(workload), current)]
  })
}

function readPod(node: Fields, workload: string, current: boolean): PodState {
  const { status, message } = object(node['health'])
  const reason = info(node, 'Status Reason')
  const createdAt = time(node['createdAt'])
  return {
    uid: text(node['uid']),
    name: `${text(node['namespace'])}/${text(node['name'])}`,
    version: text(node['resourceVersion']),
    workload,
    current,
    leaving: reason === 'Terminating' || message === 'Pending deletion',
    reason: reason.replace(/^Init:(?=[A-Z])/, ''),
    message: status === 'Healthy' ? '' : text(message),
    restarts: Number(info(node, 'Restart Count')) || 0,
    images: array(node['images']).map(text),
    ...(createdAt === undefined ? {} : { createdAt }),
  }
}

function info(node: Fields, name: string): string {
  const entry = array(node['info'])
    .map(object)
    .find(one => one['name'] === name)
  return text(entry?.['value'])
}

const revisionOf = (node: Fields): number => Number(info(node, 'Revision').replace(/^Rev:/, '')) || 0
const nameOf = (node: Fields): string =>
  [node['kind'], node['namespace'], node['name']].map(text).filter(Boolean).join('/')
