// The whole story over HTTP: a server by hand plays what a real Argo CD sent, faster.
import { readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { describe, expect, test } from '@jest/globals'
import { repositoryUrl } from '@gitops-relay/config-repo/url'
import { createHttp } from '@gitops-relay/http'
import { systemClock as clock } from '@gitops-relay/http/clock'
import {
  createArgoServer,
  openSession,
  type Observation,
  type Relation,
  type ValueFate,
} from '@gitops-relay/sync'
import type { Inputs } from './inputs.ts'
import type { ArgoInputs } from './inputs-argocd.ts'
import { waitForSync } from './main.ts'
import { argoProvider } from './providers/argocd.ts'

type Wishes = Partial<Omit<Inputs, 'provider'> & Pick<ArgoInputs, 'applications' | 'credentials'>>

interface Line {
  t: number
  source: string
  object: { metadata: { resourceVersion: string }; status: object }
}
interface Header {
  commit: string
  application: string
  newerCommits: { sha: string }[]
}

const FASTER = 20

function readTrace(scenario: string): { header: Header; lines: Line[] } {
  const file = new URL(`../../../packages/sync/test/traces/argocd/${scenario}.jsonl`, import.meta.url)
  const [header, ...lines]: [Header, ...Line[]] = JSON.parse(
    `[${readFileSync(file, 'utf8').trim().replaceAll('\n', ',')}]`,
  )
  return { header, lines: lines.filter(line => line.source === 'argocd.stream') }
}

/** Shows the state before the push; plays the rest of the recording once it is asked to refresh. */
async function play(scenario: string) {
  const { header, lines } = readTrace(scenario)
  let current = lines.find(({ t }) => t < 0)?.object
  let open = 0
  const streams = new Set<ServerResponse>()
  const timers: NodeJS.Timeout[] = []
  const show = (object: Line['object']) => {
    current = object
    for (const stream of streams) stream.write(event(object))
  }
  const start = () => {
    for (const { t, object } of lines.filter(line => line.t >= 0)) {
      timers.push(setTimeout(() => show(object), t / FASTER))
    }
  }
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost')
    if (url.pathname === '/api/v1/stream/applications') {
      open += 1
      streams.add(response)
      response.on('close', () => {
        streams.delete(response)
        open -= 1
      })
      response.writeHead(200, { 'content-type': 'application/json' })
      if (current) response.write(event(current))
      return
    }
    if (url.searchParams.has('refresh')) {
      if (timers.length === 0) start()
      else if (current) show(comparedAgain(current))
    }
    const found =
      url.pathname === '/api/v1/applications'
        ? { items: [current] }
        : url.pathname.endsWith(header.application) && current
    response
      .writeHead(found ? 200 : 404, { 'content-type': 'application/json' })
      .end(JSON.stringify(found || {}))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const url = new URL(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`)
  return {
    header,
    url,
    openStreams: () => open,
    [Symbol.asyncDispose]: async () => {
      timers.forEach(clearTimeout)
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

/** What a further refresh leaves: the same state, compared anew. */
const comparedAgain = (object: Line['object']): Line['object'] => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion: String(Number(object.metadata.resourceVersion) + 1) },
  status: { ...object.status, reconciledAt: new Date().toISOString() },
})

const event = (application: object): string =>
  `${JSON.stringify({ result: { type: 'MODIFIED', application } })}\n`

async function wait(
  scenario: string,
  wishes: Wishes = {},
  fate: ValueFate = 'kept',
  signal = new AbortController().signal,
) {
  const server = await play(scenario)
  const { header, url } = server
  const observations: Observation[] = []
  const { applications, credentials, ...others } = wishes
  const argo = {
    name: 'argocd' as const,
    server: url,
    credentials: credentials ?? { token: 'api-token' },
    ca: undefined,
    project: '',
    applications: applications ?? [header.application],
    selector: '',
  }
  const inputs: Inputs = {
    provider: argo,
    commit: header.commit,
    changedFiles: ['envs/staging/kustomization.yaml'],
    repository: repositoryUrl('http://127.0.0.1:18090/config.git', ''),
    branch: '',
    token: undefined,
    proof: undefined,
    refresh: true,
    timeout: 8000,
    appearTimeout: 200,
    settle: 300,
    degradedGrace: 300,
    onSuperseded: 'success',
    onRetry: 'wait',
    onSuspended: 'fail',
    feedback: false,
    environment: '',
    sourceToken: '',
    checkRun: '',
    record: undefined,
    ...others,
  }
  const http = createHttp({})
  const relate = (revision: string): Relation =>
    header.newerCommits.some(({ sha }) => sha === revision) ? 'newer' : 'older'
  try {
    const outcome = await waitForSync(
      inputs,
      {
        provider: argoProvider(
          createArgoServer(
            http,
            url,
            openSession(http, url, argo.credentials, () => {}),
            '',
            clock,
          ),
          argo,
          inputs,
          clock,
        ),
        ancestry: {
          changedFiles: () => Promise.resolve(undefined),
          relate: revision => Promise.resolve({ relation: relate(revision), value: fate }),
        },
        recorder: { path: '/record.jsonl', goal: () => {}, observation: seen => observations.push(seen) },
        narrator: { begin: () => {}, progress: () => {}, trouble: () => {}, proof: () => {} },
        feedback: { during: (_, waiting) => waiting, sweep: () => Promise.resolve() },
        clock,
      },
      signal,
    )
    return { outcome, observations, streams: server.openStreams() }
  } finally {
    await server[Symbol.asyncDispose]()
  }
}

describe('what a real Argo CD sent becomes a result', () => {
  test.each<[string, string, RegExp, Wishes, ValueFate]>([
    ['01-healthy', 'live', /^$/, {}, 'kept'],
    ['05-superseded', 'superseded', /^superseded: .* contains cf45b74 and keeps its values/, {}, 'kept'],
    ['06-reverted', 'reverted', /^reverted: .* puts the earlier values back/, {}, 'reverted'],
    ['07-sync-off', 'blocked', /^auto-sync-off: .* spec\.syncPolicy\.automated is off/, {}, 'kept'],
    [
      '08-presync-hook-fails',
      'failed',
      /^sync-retrying: .*Job\/argo-staging\/migrate/,
      { onRetry: 'fail' },
      'kept',
    ],
    ['16-broken-yaml', 'failed', /^manifest: .*Failed to unmarshal "extra.yaml"/, {}, 'kept'],
    ['03-crashloop', 'timeout', /^timeout: Not live after 2 s/, { timeout: 2000 }, 'kept'],
  ])('%s: %s', async (scenario, result, reason, wishes, fate) => {
    const { outcome } = await wait(scenario, wishes, fate)
    expect(outcome.result).toBe(result)
    expect(outcome.reason ?? '').toMatch(reason)
    expect(outcome.failure === undefined).toBe(result === 'live' || result === 'superseded')
  })
})

test('the outputs of a live commit are complete, and every stream is closed', async () => {
  const { outcome, streams } = await wait('01-healthy')
  const commit = '8444616fb53f11447311b17b13c643400c5157de'
  const { targets, timeline, ...others } = outcome.outputs
  expect(others).toEqual({
    revision: commit,
    'verified-pods': 'unverified',
    duration: expect.any(Number),
    'record-path': '/record.jsonl',
  })
  expect(JSON.parse(String(targets))).toEqual([
    { target: 'shop-staging', result: 'live', revision: commit, health: 'Healthy', reason: '' },
  ])
  expect(JSON.parse(String(timeline)).map(({ event: name }: { event: string }) => name)).toEqual([
    'seen',
    'synced',
    'healthy',
  ])
  expect(outcome.summary).toContain('### wait-for-sync: live')
  expect(streams).toBe(0)
})

test('a newer commit is red where it shall be', async () => {
  const { outcome } = await wait('05-superseded', { onSuperseded: 'fail' })
  expect(outcome).toMatchObject({ result: 'superseded', failure: { code: 'superseded' } })
})

test('without names the applications are found by repository and path', async () => {
  const { outcome } = await wait('11-noop', {
    applications: [],
    repository: repositoryUrl('http://127.0.0.1:18090/Config', ''),
  })
  expect(outcome).toMatchObject({ result: 'live' })
})

test('no target is a failure', async () => {
  await expect(
    wait('11-noop', { applications: [], repository: repositoryUrl('https://git.example/other', '') }),
  ).rejects.toMatchObject({ code: 'no-target' })
})

test('an application that does not exist is missing after appear-timeout', async () => {
  const { outcome } = await wait('11-noop', { applications: ['shop-prod'] })
  expect(outcome).toMatchObject({ result: 'failed', failure: { code: 'app-missing' } })
})

test('a server that is not there is named', async () => {
  const nowhere = createArgoServer(
    createHttp({}),
    new URL('http://127.0.0.1:9/'),
    { token: () => Promise.resolve('x'), renew: () => false },
    '',
    clock,
  )
  await expect(nowhere.get({ name: 'shop', namespace: '' }, AbortSignal.timeout(10_000))).rejects.toThrow()
})

test('a cancelled wait ends with the reason of the signal', async () => {
  const cancel = new AbortController()
  setTimeout(() => cancel.abort(new Error('cancelled')), 100)
  await expect(wait('02-bad-image', {}, 'kept', cancel.signal)).rejects.toThrow('cancelled')
})
