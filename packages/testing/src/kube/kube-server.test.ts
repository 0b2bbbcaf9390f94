// What the server says, in the words of kube-apiserver.
import { describe, expect, test } from '@jest/globals'
import { kubeServer, type KubeServer } from './kube-server.ts'

type Fields = Record<string, any> // oxlint-disable-line no-explicit-any -- answers of our own server

const pod = (name: string, labels: Record<string, string> = {}, namespace = 'shop') => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels },
  spec: { nodeName: 'n' },
  status: { phase: 'Running' },
})
const release = {
  apiVersion: 'helm.toolkit.fluxcd.io/v2',
  kind: 'HelmRelease',
  metadata: { name: 'shop', namespace: 'shop' },
}
const PODS = '/api/v1/namespaces/shop/pods'
const RELEASES = '/apis/helm.toolkit.fluxcd.io/v2/namespaces/shop/helmreleases'

async function ask(server: KubeServer, path: string, init: RequestInit = {}): Promise<[number, Fields]> {
  const response = await fetch(server.url + path, init)
  const body = await response.text()
  return [response.status, body.startsWith('{') ? parse(body) : { body }]
}
const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
const merge = (change: object, type = 'application/merge-patch+json') => ({
  method: 'PATCH',
  headers: { 'content-type': type },
  body: JSON.stringify(change),
})
const parse = (text: string): Fields => JSON.parse(text)
const namesOf = ({ items }: Fields): string[] => items.map((item: Fields) => item['metadata'].name)

/** The lines of a watch, as they come. */
async function* watch(server: KubeServer, path: string): AsyncGenerator<Fields> {
  const response = await fetch(`${server.url}${path}${path.includes('?') ? '&' : '?'}watch=1`)
  let rest = ''
  for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) yield parse(line)
  }
}
const step = async (events: AsyncGenerator<Fields>) => {
  const { value } = await events.next()
  return `${value?.['type']} ${value?.['object'].metadata?.name ?? value?.['object'].code ?? ''}`.trim()
}

describe('refusals', () => {
  test('of an unknown token', async () => {
    await using server = await kubeServer({
      tokens: { t: { user: 'relay' }, old: { user: 'relay', until: 1 } },
    })
    for (const token of ['x', 'old']) {
      expect(await ask(server, PODS, as(token))).toEqual([
        401,
        {
          kind: 'Status',
          apiVersion: 'v1',
          metadata: {},
          status: 'Failure',
          message: 'Unauthorized',
          reason: 'Unauthorized',
          code: 401,
        },
      ])
    }
    expect((await ask(server, PODS, as('t')))[0]).toBe(200)
  })

  test.each([
    [
      `${PODS}/a`,
      'pods "a" is forbidden: User "relay" cannot get resource "pods" in API group "" in the namespace "shop"',
    ],
    [
      PODS,
      'pods is forbidden: User "relay" cannot list resource "pods" in API group "" in the namespace "shop"',
    ],
    [
      '/api/v1/pods?watch=1',
      'pods is forbidden: User "relay" cannot watch resource "pods" in API group "" at the cluster scope',
    ],
    [
      `${RELEASES}/shop/status`,
      'helmreleases.helm.toolkit.fluxcd.io "shop" is forbidden: User "relay" cannot get resource "helmreleases/status" in API group "helm.toolkit.fluxcd.io" in the namespace "shop"',
    ],
  ])('of a right: %s', async (path, message) => {
    await using server = await kubeServer({ tokens: { t: { user: 'relay' } }, rules: [] })
    expect(await ask(server, path, as('t'))).toMatchObject([403, { reason: 'Forbidden', message, code: 403 }])
  })

  test('of what is not there, and of what nobody serves', async () => {
    await using server = await kubeServer()
    expect(await ask(server, `${RELEASES}/shop`)).toMatchObject([
      404,
      {
        reason: 'NotFound',
        message: 'helmreleases.helm.toolkit.fluxcd.io "shop" not found',
        details: { name: 'shop', group: 'helm.toolkit.fluxcd.io', kind: 'helmreleases' },
      },
    ])
    server.uninstall('helm.toolkit.fluxcd.io')
    for (const path of [RELEASES, '/apis/x/v1/ys', '/metrics'])
      expect(await ask(server, path)).toEqual([404, { body: '404 page not found\n' }])
  })

  test('of a selector, and of a state of the future', async () => {
    await using server = await kubeServer()
    expect(await ask(server, `${PODS}?fieldSelector=spec.x%3D1`)).toMatchObject([
      400,
      { message: 'field label not supported: spec.x' },
    ])
    expect(await ask(server, `${PODS}?watch=1&resourceVersion=9999`)).toMatchObject([
      504,
      { details: { causes: [{ reason: 'ResourceVersionTooLarge' }] } },
    ])
  })
})

describe('a list', () => {
  test.each([
    ['fieldSelector=metadata.name%3Da', ['a']],
    ['fieldSelector=metadata.name!%3Da', ['b', 'c']],
    ['labelSelector=app%3Dx', ['a', 'b']],
    ['labelSelector=app%3Dx,tier%3Dweb', ['b']],
    ['labelSelector=app!%3Dx', ['c']],
    ['labelSelector=tier', ['b', 'c']],
    ['labelSelector=!tier', ['a']],
    ['labelSelector=tier in (web, db)', ['b', 'c']],
    ['labelSelector=tier notin (db),app', ['a', 'b']],
  ])('by %s', async (query, names) => {
    const objects = [pod('a', { app: 'x' }), pod('b', { app: 'x', tier: 'web' }), pod('c', { tier: 'db' })]
    await using server = await kubeServer({ objects: [...objects, pod('other', {}, 'elsewhere')] })
    expect(namesOf((await ask(server, `${PODS}?${query}`))[1])).toEqual(names)
  })

  test('goes on in the state in which it began, until that is forgotten', async () => {
    await using server = await kubeServer({ objects: ['a', 'b', 'c', 'd'].map(name => pod(name)) })
    const [, first] = await ask(server, `${PODS}?limit=2`)
    expect(first['metadata']).toMatchObject({ resourceVersion: '1004', remainingItemCount: 2 })
    server.remove('Pod', 'c', 'shop')
    const more = `${PODS}?limit=1&continue=${first['metadata'].continue}`
    const [, second] = await ask(server, more)
    expect([namesOf(second), second['metadata'].resourceVersion]).toEqual([['c'], '1004'])
    server.forget()
    expect(await ask(server, more)).toMatchObject([
      410,
      { reason: 'Expired', metadata: { continue: expect.any(String) } },
    ])
  })

  test('says of what is built in once what kind it is, and of all else every time', async () => {
    await using server = await kubeServer({ objects: [pod('a'), release] })
    const [, pods] = await ask(server, PODS)
    expect([pods['kind'], pods['items'][0].kind]).toEqual(['PodList', undefined])
    const [, releases] = await ask(server, RELEASES)
    expect([releases['kind'], releases['items'][0].kind]).toEqual(['HelmReleaseList', 'HelmRelease'])
  })
})

describe('a watch', () => {
  test('from nowhere begins with what there is; from a state, with what came after', async () => {
    await using server = await kubeServer({ objects: [pod('a'), pod('b')] })
    const fromNowhere = watch(server, PODS)
    expect([await step(fromNowhere), await step(fromNowhere)]).toEqual(['ADDED a', 'ADDED b'])
    expect(await step(watch(server, `${PODS}?resourceVersion=1001`))).toBe('ADDED b')
  })

  test('sees what comes to match as new, and what no longer does as gone', async () => {
    await using server = await kubeServer({ objects: [pod('a')] })
    const events = watch(server, `${PODS}?resourceVersion=1001&labelSelector=app`)
    server.apply(pod('a', { app: 'x' }))
    server.apply(pod('a', { app: 'y' }))
    server.apply(pod('a'))
    expect([await step(events), await step(events), await step(events)]).toEqual([
      'ADDED a',
      'MODIFIED a',
      'DELETED a',
    ])
  })

  test('tells each deletion with a version of its own, and what is the same not at all', async () => {
    await using server = await kubeServer({ objects: [pod('a')] })
    const events = watch(server, `${PODS}?resourceVersion=1001`)
    expect(server.apply(pod('a')).metadata.resourceVersion).toBe('1001')
    server.remove('Pod', 'a', 'shop')
    const { value } = await events.next()
    expect(value).toMatchObject({ type: 'DELETED', object: { metadata: { resourceVersion: '1002' } } })
  })

  test('gets bookmarks only when it asks for them', async () => {
    await using server = await kubeServer({ objects: [pod('a')] })
    const [asking, other] = [watch(server, `${PODS}?allowWatchBookmarks=true`), watch(server, PODS)]
    expect([await step(asking), await step(other)]).toEqual(['ADDED a', 'ADDED a'])
    server.watches.bookmark()
    server.apply(pod('b'))
    const { value } = await asking.next()
    expect(value).toEqual({
      type: 'BOOKMARK',
      object: {
        kind: 'Pod',
        apiVersion: 'v1',
        metadata: { resourceVersion: '1001', creationTimestamp: null },
      },
    })
    expect(await step(other)).toBe('ADDED b')
  })

  test('from a forgotten state is refused in the one way or the other', async () => {
    await using server = await kubeServer({
      objects: ['a', 'b', 'c', 'd'].map(name => pod(name)),
      history: 2,
    })
    const old = `${PODS}?resourceVersion=1001`
    expect(await step(watch(server, old))).toBe('ERROR 410')
    server.refuseOldBy('status')
    expect(await ask(server, `${old}&watch=1`)).toMatchObject([410, { reason: 'Expired' }])
    expect(await step(watch(server, `${PODS}?resourceVersion=1002`))).toBe('ADDED c')
  })

  test('ends when its time is over, as the server orders it', async () => {
    await using server = await kubeServer()
    const events = watch(server, `${PODS}?timeoutSeconds=0.01`)
    expect(await events.next()).toEqual({ done: true, value: undefined })
    expect(server.watches.count).toBe(0)
  })

  test('with a name is allowed by a right to that name', async () => {
    await using server = await kubeServer({
      objects: [pod('a')],
      rules: [{ verbs: ['watch'], names: ['a'] }],
    })
    expect((await ask(server, `${PODS}?watch=1`))[0]).toBe(403)
    expect(await step(watch(server, `${PODS}?fieldSelector=metadata.name%3Da`))).toBe('ADDED a')
  })
})

describe('a merge patch', () => {
  test('changes what is wanted or the status, never both, and counts generations', async () => {
    await using server = await kubeServer({ objects: [pod('a')] })
    const heard: string[] = []
    server.onChange((type, { metadata }) => heard.push(`${type} ${metadata.generation}`))
    const both = { spec: { nodeName: 'm' }, status: { phase: 'Failed' } }
    expect(await ask(server, `${PODS}/a`, merge(both))).toMatchObject([
      200,
      { spec: { nodeName: 'm' }, status: { phase: 'Running' }, metadata: { generation: 2 } },
    ])
    const again = { spec: { nodeName: 'x' }, status: { phase: 'Failed' } }
    expect(await ask(server, `${PODS}/a/status`, merge(again))).toMatchObject([
      200,
      { spec: { nodeName: 'm' }, status: { phase: 'Failed' }, metadata: { generation: 2 } },
    ])
    expect(heard).toEqual(['MODIFIED 2', 'MODIFIED 2'])
  })

  test('takes away what is null, and changes neither name nor identity', async () => {
    await using server = await kubeServer({ objects: [pod('a', { app: 'x' })] })
    const before = server.object('Pod', 'a', 'shop')?.metadata
    await ask(server, `${PODS}/a`, merge({ metadata: { labels: { app: null }, name: 'b', uid: 'forged' } }))
    const after = server.object('Pod', 'a', 'shop')?.metadata
    expect([after?.labels, after?.uid]).toEqual([{}, before?.uid])
    expect(server.objects()).toHaveLength(1)
  })

  test('of an old state, or of another kind, is refused', async () => {
    await using server = await kubeServer({ objects: [pod('a')] })
    const stale = merge({ metadata: { resourceVersion: '1' } })
    expect(await ask(server, `${PODS}/a`, stale)).toMatchObject([409, { reason: 'Conflict' }])
    expect((await ask(server, `${PODS}/a`, merge({}, 'application/json')))[0]).toBe(415)
    expect((await ask(server, `${PODS}/b`, merge({})))[0]).toBe(404)
  })
})

test('objects come and go over HTTP, too', async () => {
  await using server = await kubeServer()
  const create = { method: 'POST', body: JSON.stringify({ metadata: { name: 'a' } }) }
  expect(await ask(server, PODS, create)).toMatchObject([
    201,
    { kind: 'Pod', metadata: { namespace: 'shop' } },
  ])
  expect(await ask(server, PODS, create)).toMatchObject([409, { reason: 'AlreadyExists' }])
  expect(await ask(server, `${PODS}/a`, { method: 'DELETE' })).toMatchObject([200, { status: 'Success' }])
  expect(server.objects()).toEqual([])
})

const review = (verb: string) => ({
  method: 'POST',
  body: JSON.stringify({ spec: { resourceAttributes: { verb, resource: 'pods' } } }),
})

test('whoever says nothing is nobody, and may ask all the same what he may do', async () => {
  await using server = await kubeServer({
    tokens: {},
    rules: [{ subject: 'system:unauthenticated', verbs: ['get'] }],
  })
  const at = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
  expect(await ask(server, at, review('get'))).toMatchObject([201, { status: { allowed: true } }])
  expect(await ask(server, at, review('list'))).toMatchObject([201, { status: { allowed: false } }])
  expect((await ask(server, PODS))[1]['message']).toContain('User "system:anonymous" cannot list')
})

test('faults hit it as they hit every server here', async () => {
  await using server = await kubeServer({ objects: [pod('a')] })
  server.fail({ kind: 'status', status: 429, headers: { 'retry-after': '3' } })
  expect((await ask(server, PODS))[0]).toBe(429)
  server.fail({ match: /watch=1/, kind: 'reset' })
  await expect(watch(server, PODS).next()).rejects.toThrow()
  const events = watch(server, PODS)
  expect(await step(events)).toBe('ADDED a')
  server.watches.cut()
  await expect(events.next()).rejects.toThrow()
})
