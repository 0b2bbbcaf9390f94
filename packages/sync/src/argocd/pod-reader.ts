// The pods of a tree. The tree does not say why a container ended; its pod does, and is asked once for each time.
import type { Fields } from '../fields.ts'
import { readTrouble } from '../pods/read.ts'
import type { PodState } from '../types.ts'
import type { ApplicationName } from './server.ts'
import { readTree } from './tree.ts'

/** @param manifestOf a live pod by `namespace/name`; undefined where it is gone */
export function createPodReader(
  manifestOf: (name: ApplicationName, pod: string, signal: AbortSignal) => Promise<Fields | undefined>,
): (name: ApplicationName, tree: unknown, signal: AbortSignal) => Promise<PodState[]> {
  const known = new Map<string, string>()
  const explain = async (name: ApplicationName, pod: PodState, signal: AbortSignal): Promise<PodState> => {
    if (pod.reason !== 'CrashLoopBackOff') return pod
    const crash = `${pod.uid} ${pod.restarts}`
    if (!known.has(crash)) {
      const manifest = await manifestOf(name, pod.name, signal).catch(() => undefined)
      signal.throwIfAborted()
      known.set(crash, (manifest && readTrouble(manifest)) || pod.message)
    }
    return { ...pod, message: known.get(crash) ?? pod.message }
  }
  return (name, tree, signal) => Promise.all(readTree(tree).map(pod => explain(name, pod, signal)))
}
