// A watch against a real API server whose connections, tokens and memory fail on demand.
import { createServer } from 'node:http'
import { describe, expect, test } from '@jest/globals'
import { kubeServer, type KubeServer } from '@gitops-relay/testing'
import * as fc from 'fast-check'
import { inLane } from '../../../../test/lane.ts'
import type { WatchEvent } from './watch.ts'
import { connect, kustomizations, machine, never, next, pod, pods, until } from './world.ts'

const inShop = { namespace: 'shop' }
const queries = (server: KubeServer, kind: 'list' | 'watch') =>
  server.requests
    .map(({ path }) => new URL(path, 'http://x').searchParams)
    .filter(query => query.has('watch') === (kind === 'watch'))

test('what exists is told, then that this was all, then each change', async () => {
  await using server = await kubeServer({
    objects: [pod('a'), { ...pod('b'), metadata: { name: 'b', namespace: 'other' } }],
  })
  const events = connect(server).watch(pods, inShop, never)
  expect(await next(events, 2)).toEqual(['ADDED a Running', 'LISTED'])
  server.apply(pod('b', 'Pending'))
  server.apply(pod('b'))
  server.remove('Pod', 'a', 'shop')
  expect(await next(events, 3)).toEqual(['ADDED b Pending', 'MODIFIED b Running', 'DELETED a Running'])
  const [query] = queries(server, 'watch')
  expect(query?.get('timeoutSeconds')).toBe('290')
})

test('selectors go with the list and with the watch', async () => {
  await using server = await kubeServer({ objects: [pod('a', 'Running', { app: 'x' }), pod('b')] })
  const labelled = connect(server).watch(pods, { ...inShop, labelSelector: 'app=x' }, never)
  expect(await next(labelled, 2)).toEqual(['ADDED a Running', 'LISTED'])
  server.apply(pod('b', 'Running', { app: 'x' }))
  server.apply(pod('a', 'Running'))
  expect(await next(labelled, 2)).toEqual(['ADDED b Running', 'DELETED a Running'])
  const named = connect(server).watch(pods, { ...inShop, fieldSelector: 'metadata.name=b' }, never)
  expect(await next(named, 2)).toEqual(['ADDED b Running', 'LISTED'])
})

describe('a watch goes on where it was, without loss or repetition, after', () => {
  test.each<[string, (server: KubeServer) => void, string[]]>([
    ['a cut', server => server.watches.cut(), ['TROUBLE']],
    ['an end in good order', server => server.watches.end(), []],
    ['half a line', server => server.watches.end('{"type":"MODIFIED","obj'), ['TROUBLE']],
    ['what is no JSON', server => server.watches.say('<html>'), ['TROUBLE']],
    [
      'an error of the server',
      server => server.watches.say('{"type":"ERROR","object":{"code":500}}'),
      ['TROUBLE'],
    ],
    ['a line of 9 MiB', server => server.watches.say('x'.repeat(9 * 1024 * 1024)), ['TROUBLE']],
  ])('%s', async (_, happen, trouble) => {
    await using server = await kubeServer({ objects: [pod('a')] })
    const events = connect(server).watch(pods, inShop, never)
    await next(events, 2)
    const { metadata } = server.apply(pod('a', 'Failed'))
    await next(events, 1)
    happen(server)
    server.apply(pod('b'))
    server.remove('Pod', 'a', 'shop')
    const found = await next(events, 2 + trouble.length)
    expect(found.filter(one => !one.startsWith('TROUBLE'))).toEqual(['ADDED b Running', 'DELETED a Failed'])
    expect(found.filter(one => one.startsWith('TROUBLE'))).toHaveLength(trouble.length)
    expect(queries(server, 'list')).toHaveLength(1)
    expect(queries(server, 'watch').map(query => query.get('resourceVersion'))[1]).toBe(
      metadata.resourceVersion,
    )
  })
})

test('a bookmark moves the place to go on from, and is no event', async () => {
  await using server = await kubeServer({ objects: [pod('a')] })
  const events = connect(server).watch(pods, inShop, never)
  await next(events, 2)
  const following = next(events, 1)
  await until(() => server.watches.count === 1)
  const { metadata } = server.apply({ ...pod('x'), metadata: { name: 'x', namespace: 'elsewhere' } })
  server.watches.bookmark()
  server.watches.end()
  await until(() => queries(server, 'watch').length === 2)
  expect(queries(server, 'watch')[1]?.get('resourceVersion')).toBe(metadata.resourceVersion)
  server.apply(pod('b'))
  expect(await following).toEqual(['ADDED b Running'])
})

describe('a server that has forgotten is asked for everything again, and only what is new is told', () => {
  test.each<['stream' | 'status']>([['stream'], ['status']])('refused in the %s', async way => {
    await using server = await kubeServer({ objects: [pod('a'), pod('b'), pod('c'), pod('d')] })
    server.refuseOldBy(way)
    const events = connect(server).watch(pods, inShop, never)
    await next(events, 5)
    server.fail({
      match: /watch=1/,
      kind: 'meanwhile',
      act: () => {
        server.apply(pod('a', 'Failed'))
        server.remove('Pod', 'b', 'shop')
        server.remove('Pod', 'd', 'shop')
        server.apply(pod('d'))
        server.apply(pod('e'))
        server.forget()
      },
    })
    expect(await next(events, 6)).toEqual([
      'DELETED b',
      'MODIFIED a Failed',
      'DELETED d',
      'ADDED d Running',
      'ADDED e Running',
      'LISTED',
    ])
    server.apply(pod('c', 'Failed'))
    expect(await next(events, 1)).toEqual(['MODIFIED c Failed'])
  })

  test('in the middle of a stream', async () => {
    await using server = await kubeServer({ objects: [pod('a'), pod('b')] })
    const events = connect(server).watch(pods, inShop, never)
    await next(events, 3)
    server.apply(pod('a', 'Failed'))
    await next(events, 1)
    server.remove('Pod', 'b', 'shop')
    server.forget()
    expect(await next(events, 2)).toEqual(['DELETED b Running', 'LISTED'])
  })
})

test('what vanished unseen is told with the metadata that was known of it', async () => {
  await using server = await kubeServer({ objects: [pod('a', 'Running', { app: 'x' })] })
  const events = connect(server).watch(pods, inShop, never)
  await next(events, 2)
  server.fail({
    match: /watch=1/,
    kind: 'meanwhile',
    act: () => {
      server.remove('Pod', 'a', 'shop')
      server.forget()
    },
  })
  const { value } = await events.next()
  expect(value).toMatchObject({
    type: 'DELETED',
    object: { kind: 'Pod', apiVersion: 'v1', metadata: { labels: { app: 'x' } } },
  })
  expect(value).not.toHaveProperty('object.metadata.managedFields')
})

describe('a server that is busy', () => {
  test('is given the time that it asks for', async () => {
    await using server = await kubeServer({ objects: [pod('a')] })
    const on = machine()
    server.fail({ kind: 'status', status: 429, headers: { 'retry-after': '7' }, times: 2 })
    server.fail({ match: /watch=1/, kind: 'status', status: 503, headers: { 'retry-after': '9' } })
    const events = connect(server, {}, on).watch(pods, inShop, never)
    expect(await next(events, 2)).toEqual(['ADDED a Running', 'LISTED'])
    server.apply(pod('b'))
    expect(await next(events, 1)).toEqual(['ADDED b Running'])
    expect(on.slept).toEqual([7000, 7000, 9000])
  })

  test('is told as trouble when it stays so, and asked again with longer pauses', async () => {
    await using server = await kubeServer({ objects: [pod('a')] })
    const on = machine()
    const events = connect(server, {}, on).watch(pods, inShop, never)
    await next(events, 2)
    server.fail({ match: /./, kind: 'status', status: 500, times: 10 })
    server.apply(pod('b'))
    const found = await next(events, 3)
    expect(found.map(one => one.replace(/ .*500.*/, ' 500'))).toEqual([
      'TROUBLE 500',
      'TROUBLE 500',
      'ADDED b Running',
    ])
    expect(on.slept.filter(pause => [375, 750].includes(pause))).toEqual([375, 750])
  })
})

test('a connection that is refused is trouble until it is not', async () => {
  await using server = await kubeServer({ objects: [pod('a')] })
  server.fail({ kind: 'reset', times: 5 })
  const events = connect(server).watch(pods, inShop, never)
  const [trouble = '', ...found] = await next(events, 3)
  expect(trouble).toContain('TROUBLE The other side cut the connection')
  expect(found).toEqual(['ADDED a Running', 'LISTED'])
})

test('a state that always fails is given up for a new list', async () => {
  await using server = await kubeServer({ objects: [pod('a')] })
  const events = connect(server).watch(pods, inShop, never)
  await next(events, 2)
  server.fail({ match: /watch=1/, kind: 'status', status: 504, times: 15 })
  expect((await next(events, 4)).map(one => one.split(' ')[0])).toEqual([
    'TROUBLE',
    'TROUBLE',
    'TROUBLE',
    'LISTED',
  ])
})

test('streams that end at once are not opened again at once', async () => {
  await using server = await kubeServer()
  const on = machine()
  const events = connect(server, {}, on).watch(pods, inShop, never)
  await next(events, 1)
  const ended = { kind: 'status', status: 200, body: '' } as const
  server.fail({ match: /watch=1/, ...ended, times: 2 })
  const following = next(events, 1)
  await until(() => server.watches.count === 1)
  server.apply(pod('a'))
  await following
  expect(on.slept).toEqual([375, 750])
})

test('a stream that is silent for too long is replaced, without a word', async () => {
  await using server = await kubeServer({ objects: [pod('a')] })
  const on = machine()
  const events = connect(server, {}, on).watch(pods, inShop, never)
  await next(events, 2)
  const following = next(events, 1)
  await until(() => on.limits() === 1)
  on.pass(101_000)
  await until(() => queries(server, 'watch').length === 2)
  server.apply(pod('b'))
  expect(await following).toEqual(['ADDED b Running'])
  await until(() => server.watches.count === 1)
})

function minting() {
  let count = 0
  return { kind: 'mint', mint: () => Promise.resolve(`token-${(count += 1)}`) } as const
}

describe('credentials that end in the middle', () => {
  const tokens = { 'token-1': { user: 'relay' } }
  test('are renewed, masked, and the watch goes on', async () => {
    await using server = await kubeServer({ tokens, objects: [pod('a')] })
    const on = machine()
    const events = connect(server, {}, on, minting()).watch(pods, inShop, never)
    await next(events, 2)
    server.apply(pod('b'))
    await next(events, 1)
    server.revoke('token-1')
    server.accept('token-2', { user: 'relay' })
    server.watches.end()
    server.apply(pod('c'))
    expect(await next(events, 1)).toEqual(['ADDED c Running'])
    expect(on.masked).toEqual(['token-1', 'token-2'])
  })

  test('and cannot be renewed are told as trouble for a while, and then thrown', async () => {
    await using server = await kubeServer({ tokens, objects: [pod('a')] })
    const events = connect(server, { token: 'token-1' }).watch(pods, inShop, never)
    await next(events, 2)
    server.apply(pod('b'))
    await next(events, 1)
    server.revoke('token-1')
    server.watches.end()
    expect((await next(events, 4)).map(one => one.split(' ')[0])).toEqual(
      Array.from({ length: 4 }, () => 'TROUBLE'),
    )
    await expect(events.next()).rejects.toMatchObject({ code: 'kube-unauthorized' })
  })
})

describe('what waiting cannot mend is thrown at once', () => {
  test('no right to list', async () => {
    await using server = await kubeServer({ rules: [] })
    await expect(connect(server).watch(pods, inShop, never).next()).rejects.toMatchObject({
      code: 'kube-forbidden',
      remedy: expect.stringContaining('verb "list" on "pods" in the namespace "shop"'),
    })
  })

  test('a right to list, and none to watch', async () => {
    await using server = await kubeServer({ rules: [{ verbs: ['list'] }] })
    const events = connect(server).watch(pods, inShop, never)
    await next(events, 1)
    await expect(events.next()).rejects.toMatchObject({
      code: 'kube-forbidden',
      remedy: expect.stringContaining('verb "watch" on "pods"'),
    })
  })

  test('a resource that is not there', async () => {
    await using server = await kubeServer()
    server.uninstall(kustomizations.group)
    await expect(connect(server).watch(kustomizations, {}, never).next()).rejects.toMatchObject({
      code: 'kube-not-installed',
      sentence: expect.stringContaining('kustomizations.kustomize.toolkit.fluxcd.io'),
    })
  })

  test('a selector that the server does not know', async () => {
    await using server = await kubeServer()
    const events = connect(server).watch(pods, { fieldSelector: 'spec.x=1' }, never)
    await expect(events.next()).rejects.toThrow('field label not supported: spec.x')
  })
})

test('a right that is missing for a moment, as after a restart of the server, is waited for', async () => {
  await using server = await kubeServer({ objects: [pod('a')] })
  const events = connect(server).watch(pods, inShop, never)
  await next(events, 2)
  server.apply(pod('b'))
  await next(events, 1)
  server.revokeRights()
  server.watches.end()
  expect((await next(events, 2)).map(one => one.split(' ')[0])).toEqual(['TROUBLE', 'TROUBLE'])
  server.grant({ verbs: ['*'] })
  server.apply(pod('c'))
  expect(await next(events, 1)).toEqual(['ADDED c Running'])
})

describe('an end that is wanted', () => {
  test('by the signal is thrown, and closes the connection', async () => {
    await using server = await kubeServer()
    const stop = new AbortController()
    const events = connect(server).watch(pods, inShop, stop.signal)
    await next(events, 1)
    const following = events.next()
    await until(() => server.watches.count === 1)
    stop.abort(new Error('enough'))
    await expect(following).rejects.toThrow('enough')
    await until(() => server.watches.count === 0)
  })

  test('by who reads closes the connection', async () => {
    await using server = await kubeServer()
    for await (const { type } of connect(server).watch(pods, inShop, never)) {
      if (type === 'LISTED') server.apply(pod('a'))
      else break
    }
    await until(() => server.watches.count === 0)
  })

  test('comes in a pause, too', async () => {
    await using server = await kubeServer()
    const stop = new AbortController()
    const on = machine()
    const asleep = {
      ...on,
      clock: { ...on.clock, sleep: (_: number, signal?: AbortSignal) => on.clock.sleep(Infinity, signal) },
    }
    server.fail({ kind: 'status', status: 500, times: Infinity })
    const events = connect(server, {}, asleep).watch(pods, inShop, stop.signal)
    const following = events.next()
    await until(() => server.requests.length === 1)
    stop.abort(new Error('enough'))
    await expect(following).rejects.toThrow('enough')
  })
})

test('a server that is none of Kubernetes is trouble, not an empty cluster', async () => {
  const other = createServer((_, response) => void response.end('{"hello":"world"}'))
  await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
  const address = other.address()
  await using server = await kubeServer()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  const elsewhere = { ...server, kubeconfig: () => server.kubeconfig().replace(server.url, url) }
  const events = connect(elsewhere).watch(pods, inShop, never)
  expect(await next(events, 1)).toEqual([
    expect.stringContaining('TROUBLE The answer is no list of Kubernetes'),
  ])
  other.closeAllConnections()
  other.close()
})

test('whatever happens, what was told comes to what there is, and no state is told twice', async () => {
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.tuple(
        fc.constant('apply' as const),
        fc.constantFrom('a', 'b', 'c'),
        fc.constantFrom('Running', 'Failed'),
      ),
    },
    {
      weight: 3,
      arbitrary: fc.tuple(fc.constant('remove' as const), fc.constantFrom('a', 'b', 'c'), fc.constant('')),
    },
    {
      weight: 4,
      arbitrary: fc.tuple(
        fc.constantFrom('cut', 'end', 'half', 'garbage', 'bookmark', 'forget', 'busy', 'wait' as const),
        fc.constant(''),
        fc.constant(''),
      ),
    },
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 25 }),
      fc.constantFrom('stream' as const, 'status' as const),
      async (steps, way) => {
        await using server = await kubeServer({ objects: [pod('a')], history: 8 })
        server.refuseOldBy(way)
        const events = connect(server).watch(pods, inShop, never)
        const told = new Map<string, unknown>()
        const states: string[] = []
        const read = (event: WatchEvent) => {
          if (event.type === 'LISTED' || event.type === 'TROUBLE') return false
          const { name, uid, resourceVersion } = event.object['metadata'] as Record<string, string> // oxlint-disable-line no-unsafe-type-assertion -- pods of our own
          if (event.type === 'DELETED') expect(told.delete(name ?? '')).toBe(true)
          else {
            expect(told.has(name ?? '')).toBe(event.type === 'MODIFIED')
            told.set(name ?? '', event.object['status'])
            states.push(`${uid} ${resourceVersion}`)
          }
          return name === 'end'
        }
        const reading = (async () => {
          for await (const event of events) if (read(event)) return
        })()
        for (const [kind, name, phase] of steps) {
          if (kind === 'apply') server.apply(pod(name, phase))
          else if (kind === 'remove' && server.object('Pod', name, 'shop')) server.remove('Pod', name, 'shop')
          else if (kind === 'cut') server.watches.cut()
          else if (kind === 'end') server.watches.end()
          else if (kind === 'half') server.watches.end('{"type":"ADDED","object":{"metadata":')
          else if (kind === 'garbage') server.watches.say('\u0000')
          else if (kind === 'bookmark') server.watches.bookmark()
          else if (kind === 'forget') server.forget()
          else if (kind === 'busy') server.fail({ match: /./, kind: 'status', status: 503 })
          else await until(() => server.watches.count === 1)
        }
        server.apply(pod('end'))
        await reading
        const there = server.objects('Pod').map(({ metadata, status }) => [metadata.name, status])
        expect(Object.fromEntries(told)).toEqual(Object.fromEntries(there))
        expect(new Set(states).size).toBe(states.length)
      },
    ),
    { numRuns: inLane(60, 2000) },
  )
})
