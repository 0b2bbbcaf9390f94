// For tests: a real API server without a cluster, a client for it, and a clock that never makes anybody wait.
import { execute } from '@gitops-relay/process'
import type { KubeServer } from '@gitops-relay/testing'
import { createKubeClient, type KubeClient } from './client.ts'
import type { Login } from './connection.ts'
import { readKubeconfig } from './kubeconfig.ts'
import type { Machine } from './machine.ts'
import type { WatchEvent } from './watch.ts'

/** Longer sleeps are limits, which nobody reaches until `silence`. */
const LIMIT = 60_000

export interface TestMachine extends Machine {
  readonly masked: string[]
  readonly slept: number[]
  /** How many limits somebody counts down. */
  limits(): number
  /** Lets this time go by, and every limit be reached. */
  pass(milliseconds: number): void
}

export function machine(more: Partial<Machine> = {}): TestMachine {
  const [masked, slept]: [string[], number[]] = [[], []]
  const limits = new Set<() => void>()
  let now = Date.now()
  const sleep = (milliseconds: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      // The contract of an abort is that its reason is thrown, whatever it is.
      const stop = () => {
        limits.delete(resolve)
        reject(signal?.reason) // oxlint-disable-line prefer-promise-reject-errors
      }
      if (signal?.aborted) return stop()
      signal?.addEventListener('abort', stop, { once: true })
      if (milliseconds > LIMIT) return void limits.add(resolve)
      slept.push(milliseconds)
      now += milliseconds
      setImmediate(resolve)
    })
  return {
    env: { PATH: process.env['PATH'] },
    cwd: import.meta.dirname,
    execute,
    clock: { now: () => now, sleep },
    random: () => 0.5,
    mask: secret => void masked.push(secret),
    masked,
    slept,
    limits: () => limits.size,
    pass(milliseconds) {
      now += milliseconds
      for (const reached of limits) reached()
      limits.clear()
    },
    ...more,
  }
}

/** @param login instead of what the kubeconfig says */
export function connect(
  server: KubeServer,
  user: Parameters<KubeServer['kubeconfig']>[0] = {},
  on: Machine = machine(),
  login?: Login,
): KubeClient {
  const connection = readKubeconfig([{ text: server.kubeconfig(user), directory: '/' }])
  const own = login === undefined ? connection : { ...connection, user: { ...connection.user, login } }
  return createKubeClient(own, on)
}

export const pods = { group: '', version: 'v1', plural: 'pods' }
export const kustomizations = {
  group: 'kustomize.toolkit.fluxcd.io',
  version: 'v1',
  plural: 'kustomizations',
}
export const { signal: never } = new AbortController()

export const pod = (name: string, phase = 'Running', labels: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', labels },
  spec: { containers: [{ name: 'main', image: 'reg.example/shop:1' }] },
  status: { phase },
})

/** `ADDED a Running`; `LISTED`. */
export function said(event: WatchEvent): string {
  if (event.type === 'LISTED') return event.type
  if (event.type === 'TROUBLE') return `TROUBLE ${event.error.message}`
  const { metadata, status } = event.object as { metadata: { name: string }; status?: { phase?: string } } // oxlint-disable-line no-unsafe-type-assertion -- pods of our own
  return [event.type, metadata.name, status?.phase].filter(Boolean).join(' ')
}

/** The next events. */
export async function next(events: AsyncIterator<WatchEvent>, count: number): Promise<string[]> {
  const found: string[] = []
  while (found.length < count) {
    const { value, done } = await events.next()
    if (done) throw new Error('The watch ended.')
    found.push(said(value))
  }
  return found
}

/** Gives all that is under way time to happen, until it has. */
export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise(resolve => setImmediate(resolve))
}
