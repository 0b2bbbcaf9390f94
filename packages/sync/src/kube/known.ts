// What a watch has told so far, so that nothing is told twice and nothing that went stays.
import { object } from '../fields.ts'
import { nameOf, type KubeObject } from './resource.ts'

/** Of what is gone while nobody looked, the last known `metadata` is told, and no more. */
export interface ObjectEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: KubeObject
}

export interface Known {
  /** What is new about an object that exists; nothing where it is known in this state. */
  exists(item: KubeObject): ObjectEvent[]
  gone(item: KubeObject): ObjectEvent[]
  /** What is new when exactly these exist. */
  only(items: readonly KubeObject[]): ObjectEvent[]
}

export function createKnown(): Known {
  const heads = new Map<string, KubeObject>()

  function exists(item: KubeObject): ObjectEvent[] {
    const key = keyOf(item)
    const before = heads.get(key)
    heads.set(key, headOf(item))
    if (before === undefined) return [{ type: 'ADDED', object: item }]
    const [was, is] = [nameOf(before), nameOf(item)]
    if (was.uid !== is.uid)
      return [
        { type: 'DELETED', object: before },
        { type: 'ADDED', object: item },
      ]
    return was.resourceVersion === is.resourceVersion ? [] : [{ type: 'MODIFIED', object: item }]
  }

  function gone(item: KubeObject): ObjectEvent[] {
    return heads.delete(keyOf(item)) ? [{ type: 'DELETED', object: item }] : []
  }

  function only(items: readonly KubeObject[]): ObjectEvent[] {
    const present = new Set(items.map(keyOf))
    const vanished = [...heads].filter(([key]) => !present.has(key)).map(([, head]) => head)
    return [...vanished.flatMap(gone), ...items.flatMap(exists)]
  }

  return { exists, gone, only }
}

function keyOf(item: KubeObject): string {
  const { namespace, name } = nameOf(item)
  return `${namespace}/${name}`
}

/** Thousands of whole objects would cost memory for the sake of the few that go unseen. */
const headOf = ({ apiVersion, kind, metadata }: KubeObject): KubeObject => ({
  apiVersion,
  kind,
  metadata: object(metadata),
})
