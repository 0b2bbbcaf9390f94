// The client against a server by hand that answers as Argo CD does.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { describe, expect, test } from '@jest/globals'
import { createHttp } from '@gitops-relay/http'
import { systemClock } from '@gitops-relay/http/clock'
import { createObserver } from './observer.ts'
import { createArgoServer } from './server.ts'
import { openSession, type Credentials } from './session.ts'
import { nameTargets } from './targets.ts'
import type { Observation } from '../types.ts'

type Answer = (response: ServerResponse, url: URL, request: IncomingMessage) => void

/** Answers by path; what is not named is 404 as Argo CD says it. */
async function argo(
  answers: Record<string, Answer>,
  credentials: Credentials = { token: 'api-token' },
  project = '',
) {
  const requests: string[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost')
    requests.push(`${request.method} ${url.pathname}`)
    const answer = answers[url.pathname] ?? json(404, { code: 5, message: `${url.pathname} not found` })
    answer(response, url, request)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  const url = new URL(`http://127.0.0.1:${port}/`)
  const http = createHttp({})
  const masked: string[] = []
  const client = createArgoServer(
    http,
    url,
    openSession(http, url, credentials, secret => masked.push(secret)),
    project,
    systemClock,
  )
  const close = async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
  return { client, requests, masked, [Symbol.asyncDispose]: close }
}

const json =
  (status: number, body: unknown): Answer =>
  response =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

const shop = (version: string, revision = 'a') => ({
  metadata: { name: 'shop', namespace: 'argocd', resourceVersion: version },
  spec: {
    project: 'default',
    source: { repoURL: 'https://git.example/config', path: 'prod', targetRevision: 'main' },
  },
  status: { sync: { status: 'Synced', revision }, health: { status: 'Healthy' } },
})
const result = (type: string, application: object) => JSON.stringify({ result: { type, application } })
const { signal } = new AbortController()
const name = { name: 'shop', namespace: '' }
const all = { project: '', selector: '' }
const denied = json(403, { code: 7, message: 'permission denied' })

describe('a missing application and a forbidden one are told apart where the server does', () => {
  const canI = '/api/v1/account/can-i/applications/get/default/shop'
  test.each<[string, string, Record<string, Answer>, string]>([
    ['404', '', {}, 'not-found'],
    ['403 without a project', '', { '/api/v1/applications/shop': denied }, 'hidden'],
    [
      '403 with a project, and the right to get it',
      'default',
      { '/api/v1/applications/shop': denied, [canI]: json(200, { value: 'yes' }) },
      'not-found',
    ],
  ])('%s: %s', async (_, project, answers, expected) => {
    await using server = await argo(answers, { token: 'x' }, project)
    expect(await server.client.get(name, signal)).toBe(expected)
  })

  test('403 with a project and without the right names the right', async () => {
    await using server = await argo(
      { '/api/v1/applications/shop': denied, [canI]: json(200, { value: 'no' }) },
      { token: 'x' },
      'default',
    )
    await expect(server.client.get(name, signal)).rejects.toMatchObject({
      code: 'argocd-forbidden',
      remedy: expect.stringContaining('applications, get'),
    })
  })

  test('401 is about the credentials', async () => {
    await using server = await argo({ '/api/v1/applications': json(401, { message: 'invalid session' }) })
    await expect(server.client.list(all, signal)).rejects.toMatchObject({ code: 'argocd-unauthorized' })
  })
})

test('a session is opened by password, masked, and renewed when it runs out', async () => {
  let logins = 0
  await using server = await argo(
    {
      '/api/v1/session': (response, url, request) =>
        json(200, { token: `session-${(logins += 1)}` })(response, url, request),
      '/api/v1/applications/shop': (response, url, request) =>
        json(request.headers.authorization === 'Bearer session-2' ? 200 : 401, shop('7'))(
          response,
          url,
          request,
        ),
    },
    { username: 'relay', password: 'secret' },
  )
  expect(await server.client.get(name, signal)).toMatchObject({ version: '7' })
  expect(server.masked).toEqual(['session-1', 'session-2'])
})

test('list and stream ask for the fields that a verdict rests on, and no more', async () => {
  let fields: string[] = []
  await using server = await argo({
    '/api/v1/applications': (response, url, request) => {
      fields = (url.searchParams.get('fields') ?? '').split(',')
      json(200, { items: [shop('7')] })(response, url, request)
    },
  })
  expect(await server.client.list(all, signal)).toHaveLength(1)
  expect(fields).toContain('items.status.sync.revision')
  expect(fields.join()).not.toMatch(/helm|parameters|values|plugin/)
})

describe('a stream is read in both forms, whatever stands between its events', () => {
  const events = [result('ADDED', shop('7')), result('DELETED', shop('8'))]
  test.each<[string, string, string]>([
    [
      'server-sent events',
      'text/event-stream',
      `:\n\n${events.map(event => `data: ${event} \n\n`).join(':\n\n')}`,
    ],
    ['lines of JSON', 'application/json', `${events.join('\n')}\n{"result":{"ty`],
  ])('%s', async (_, type, body) => {
    await using server = await argo({
      '/api/v1/stream/applications': response =>
        void response.writeHead(200, { 'content-type': type }).end(body),
    })
    const seen = []
    for await (const event of server.client.stream(all, signal))
      seen.push([event.type, event.application.version])
    expect(seen).toEqual([
      ['ADDED', '7'],
      ['DELETED', '8'],
    ])
  })
})

test('a stream that is cut is opened again, and what it missed is fetched', async () => {
  let streams = 0
  let gets = 0
  await using server = await argo({
    '/api/v1/applications/shop': (response, url, request) =>
      json(200, shop(String((gets += 1) * 10)))(response, url, request),
    '/api/v1/stream/applications': response => {
      streams += 1
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(`data: ${result('MODIFIED', shop(String(streams * 10 + 1)))}\n\n`, () => {
        if (streams === 1) response.destroy()
      })
    },
  })
  const observer = createObserver(server.client, nameTargets(['shop']), all, systemClock)
  const over = new AbortController()
  const versions: string[] = []
  const tell = (seen: Observation) => {
    if (seen.kind === 'application') versions.push(seen.version)
    if (versions.includes('20') && versions.includes('21')) over.abort()
  }
  await observer.watch(tell, over.signal)
  expect(versions.toSorted()).toEqual(['10', '11', '20', '21'])
  expect(server.requests.filter(request => request.includes('stream'))).toHaveLength(2)
})

describe('windows are those of the automation, not of a sync by hand', () => {
  const deny = { kind: 'deny', schedule: '* * * * *', duration: '1h' }
  const allow = { kind: 'allow', schedule: '0 9 * * *', duration: '8h' }
  test.each<[string, object, boolean]>([
    ['none', { canSync: true }, false],
    [
      'an active deny, though a sync by hand may go',
      { activeWindows: [deny], assignedWindows: [deny], canSync: true },
      true,
    ],
    ['an allow that is not open', { assignedWindows: [allow], canSync: true }, true],
    [
      'an allow that is open',
      { activeWindows: [allow], assignedWindows: [allow, deny], canSync: true },
      false,
    ],
  ])('%s', async (_, answer, closed) => {
    await using server = await argo({ '/api/v1/applications/shop/syncwindows': json(200, answer) })
    expect(await server.client.windows(name, signal)).toMatchObject({ closed })
  })
})

test('a refresh that fails is an answer, and never an error', async () => {
  await using server = await argo({ '/api/v1/applications/shop': denied })
  const observer = createObserver(server.client, nameTargets(['shop']), all, systemClock)
  expect(await observer.answer({ ask: 'refresh', target: 'shop' }, signal)).toMatchObject([
    { kind: 'refresh-failed' },
  ])
})
