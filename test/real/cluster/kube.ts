// The administrator of a test's cluster.
import { request as https } from 'node:https'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'

export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string; [key: string]: unknown }
  // oxlint-disable-next-line no-explicit-any -- whatever the server has
  [key: string]: any
}

export interface Kube {
  server: string
  /** Makes it or changes it, by server-side apply. Waits for a kind that is not served yet. */
  apply(...objects: KubeObject[]): Promise<void>
  /** By a merge patch. */
  merge(object: Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>, patch: object): Promise<void>
  /** `undefined` when it is not there. */
  get(apiVersion: string, kind: string, name: string, namespace?: string): Promise<KubeObject | undefined>
  remove(apiVersion: string, kind: string, name: string, namespace?: string): Promise<void>
  /** Reads it until it is as wanted. Thrown: Error with its last state after `timeout` milliseconds. */
  until(
    of: readonly [apiVersion: string, kind: string, name: string, namespace?: string],
    wanted: (object: KubeObject) => boolean,
    timeout?: number,
  ): Promise<KubeObject>
  readonly ready: () => Promise<boolean>
}

interface Answer {
  status: number
  body: string
}

export function kubeAdmin(server: string, ca: string, token: string): Kube {
  function send(method: string, path: string, body?: string, type = 'application/json'): Promise<Answer> {
    const headers = { authorization: `Bearer ${token}`, accept: 'application/json', 'content-type': type }
    return new Promise((done, failed) => {
      const sent = https(server + path, { method, ca, headers, timeout: 10_000 }, response => {
        text(response).then(read => done({ status: response.statusCode ?? 0, body: read }), failed)
      })
      sent.on('timeout', () => sent.destroy(new Error('The API server does not answer.')))
      sent.on('error', failed).end(body)
    })
  }

  /** Plural names by kind; asked again where one is missing, as CRDs come late. */
  const known = new Map<string, { name: string; namespaced: boolean }>()
  async function pathOf(apiVersion: string, kind: string, name: string, namespace = 'default') {
    const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
    const key = `${apiVersion}/${kind}`
    if (!known.has(key)) {
      const { status, body } = await send('GET', base)
      const list = status === 200 ? JSON.parse(body).resources : []
      for (const resource of list)
        if (!resource.name.includes('/')) known.set(`${apiVersion}/${resource.kind}`, resource)
    }
    const found = known.get(key)
    if (found === undefined) return undefined
    return `${base}/${found.namespaced ? `namespaces/${namespace}/` : ''}${found.name}/${name}`
  }

  async function write(
    object: Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>,
    query: string,
    type: string,
    body: object,
  ) {
    const { apiVersion, kind, metadata } = object
    for (let left = 40; ; left--) {
      const path = await pathOf(apiVersion, kind, metadata.name, metadata.namespace)
      const answer =
        path === undefined ? undefined : await send('PATCH', path + query, JSON.stringify(body), type)
      if (answer !== undefined && answer.status < 300) return
      const passing = answer === undefined || [404, 409, 500, 503].includes(answer.status)
      if (!passing || left === 0)
        throw new Error(`${kind}/${metadata.name}: ${answer?.status} ${answer?.body.slice(0, 500)}`)
      await delay(250)
    }
  }

  const kube: Kube = {
    server,
    async apply(...objects) {
      for (const object of objects)
        await write(object, '?fieldManager=test&force=true', 'application/apply-patch+yaml', object)
    },
    merge: (object, patch) => write(object, '', 'application/merge-patch+json', patch),
    async get(apiVersion, kind, name, namespace) {
      const path = await pathOf(apiVersion, kind, name, namespace)
      const answer = path === undefined ? undefined : await send('GET', path)
      return answer?.status === 200 ? JSON.parse(answer.body) : undefined
    },
    async remove(apiVersion, kind, name, namespace) {
      const path = await pathOf(apiVersion, kind, name, namespace)
      if (path !== undefined) await send('DELETE', path)
    },
    async until(of, wanted, timeout = 60_000) {
      let last: KubeObject | undefined
      for (const end = Date.now() + timeout; Date.now() < end; await delay(100)) {
        last = await kube.get(...of)
        if (last !== undefined && wanted(last)) return last
      }
      throw new Error(
        `${of.slice(1).join('/')} did not become what was waited for: ${JSON.stringify(last?.['status'])}`,
      )
    },
    ready: async () => (await send('GET', '/readyz')).status === 200,
  }
  return kube
}
