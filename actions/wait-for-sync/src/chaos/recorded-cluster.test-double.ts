// A Kubernetes API that shows a recording as its time passes, and is away, silent or forgetful as often as it is told to.
import { readFileSync } from 'node:fs'
import { HttpError } from '@gitops-relay/http'
import type { Clock, Random } from '@gitops-relay/http/clock'
import type { Cluster, KubeObject, Resource, WatchEvent } from '@gitops-relay/sync'
import type { Header } from './waiting.test-double.ts'

export interface FluxHeader extends Header {
  kustomization: string
}

interface Line {
  t: number
  type: string
  object?: KubeObject & { kind: string; metadata: { namespace: string; name: string } }
}

export interface Trace {
  header: FluxHeader
  lines: Line[]
}

export function readTrace(scenario: string): Trace {
  const file = new URL(`../../../../packages/sync/test/traces/flux/${scenario}.jsonl`, import.meta.url)
  const text = readFileSync(file, 'utf8').trim().replaceAll('\n', ',')
  const [header, ...lines]: [FluxHeader, ...Line[]] = JSON.parse(`[${text}]`)
  return { header, lines }
}

/** Shares: of the requests that fail, of the events before which a watch is cut, and of those after which it is silent. */
export interface Weather {
  failed: number
  cut: number
  silent: number
  /** Of the cuts after which the server does not remember what went by. */
  forgotten: number
}

export const fair: Weather = { failed: 0, cut: 0, silent: 0, forgotten: 0 }

const broken = () => new HttpError('network', 'The connection was cut.', { url: 'https://kube/' })

/** @param pushed when the commit of the recording was pushed, on the clock */
export function recordedCluster(
  { lines }: Trace,
  pushed: number,
  clock: Clock,
  random: Random,
  weather: Weather,
): Cluster {
  const happens = (share: number) => random() < share
  const linesOf = ({ plural }: Resource, namespace: string | undefined) =>
    lines.filter(({ object }) => {
      if (object === undefined || pluralOf(object.kind) !== plural) return false
      return namespace === undefined || object.metadata.namespace === namespace
    })
  /** What is there at a time, by name. */
  const present = (found: readonly Line[], at: number) => {
    const objects = new Map<string, KubeObject>()
    for (const { t, type, object } of found) {
      if (object === undefined || pushed + t > at) continue
      if (type === 'DELETED') objects.delete(nameOf(object))
      else objects.set(nameOf(object), object)
    }
    return objects
  }
  const request = async (signal: AbortSignal) => {
    signal.throwIfAborted()
    await clock.sleep(1 + random() * 40, signal)
    if (happens(weather.failed)) throw broken()
  }
  return {
    list: async (resource, { namespace }, signal) => {
      await request(signal)
      return { items: [...present(linesOf(resource, namespace), clock.now()).values()], resourceVersion: '1' }
    },
    get: async (resource, { namespace, name }, signal) => {
      await request(signal)
      const objects = present(linesOf(resource, namespace), clock.now())
      return [...objects].find(([key]) => key.endsWith(`/${name}`))?.[1]
    },
    patch: async (_resource, _place, _change, signal) => {
      await request(signal)
      return { metadata: { resourceVersion: '0' } }
    },
    watch: async function* (resource, { namespace }, signal): AsyncGenerator<WatchEvent, never> {
      const found = linesOf(resource, namespace)
      while (happens(weather.failed)) {
        yield { type: 'TROUBLE', error: broken() }
        await clock.sleep(500, signal)
      }
      const passed = () => found.filter(({ t }) => pushed + t <= clock.now()).length
      let index = passed()
      for (const object of present(found, clock.now()).values()) yield { type: 'ADDED', object }
      yield { type: 'LISTED' }
      for (;;) {
        const next = found[index]
        await clock.sleep(next ? Math.max(0, pushed + next.t - clock.now()) : 1e9, signal)
        if (next?.object === undefined) continue
        // What went by meanwhile comes at once.
        const isLate = pushed + next.t < clock.now() - 1
        if (!isLate && happens(weather.silent)) await clock.sleep(random() * 60_000, signal)
        if (!isLate && happens(weather.cut)) {
          yield { type: 'TROUBLE', error: broken() }
          await clock.sleep(random() * 15_000, signal)
          if (happens(weather.forgotten)) {
            const before = present(found.slice(0, index), Infinity)
            const now = present(found, clock.now())
            for (const [name, object] of before) if (!now.has(name)) yield { type: 'DELETED', object }
            for (const [name, object] of now)
              if (before.get(name) !== object) yield { type: 'MODIFIED', object }
            yield { type: 'LISTED' }
            index = passed()
            continue
          }
        }
        yield { type: next.type === 'DELETED' ? 'DELETED' : 'MODIFIED', object: next.object }
        index += 1
      }
    },
  }
}

const nameOf = ({ kind, metadata: { namespace, name } }: NonNullable<Line['object']>): string =>
  `${kind}/${namespace}/${name}`

const pluralOf = (kind: string): string =>
  kind.endsWith('y') ? `${kind.slice(0, -1).toLowerCase()}ies` : `${kind.toLowerCase()}s`
