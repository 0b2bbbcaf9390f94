// The whole story between a real git server and a stand-in for Argo CD that watches it.
import { describe, expect, test } from '@jest/globals'
import { createHttp } from '@gitops-relay/http'
import { systemClock as clock } from '@gitops-relay/http/clock'
import { repositoryUrl } from '@gitops-relay/config-repo/url'
import { execute } from '@gitops-relay/process'
import { createArgoServer, openSession } from '@gitops-relay/sync'
import {
  gitServer,
  recordingHost,
  standInController,
  type ApplicationDefinition,
  type StandInControllerOptions,
} from '@gitops-relay/testing'
import { gitAncestry } from './ancestry.ts'
import type { Inputs } from './inputs.ts'
import type { ArgoInputs } from './inputs-argocd.ts'
import { waitForSync } from './main.ts'
import { argoProvider } from './providers/argocd.ts'
import { createNarrator } from './narrator.ts'
import { createRecorder } from './recorder.ts'

const deployment = (tag: string) => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
        - name: web
          image: registry.example/shop/web:${tag}
`
const files = (tag: string) => ({ 'envs/prod/web.yaml': deployment(tag) })

type Wishes = Partial<Omit<Inputs, 'provider'> & Pick<ArgoInputs, 'applications' | 'credentials' | 'project'>>

interface World {
  /** Pushes, and gives the commit. */
  push: (tag: string) => Promise<string>
  wait: (commit: string, wishes?: Wishes) => ReturnType<typeof waitForSync>
}

type Options = Partial<StandInControllerOptions> & { application?: Partial<ApplicationDefinition> }

async function inWorld(
  { application, ...options }: Options,
  story: (world: World) => Promise<void>,
): Promise<void> {
  await using git = await gitServer()
  await git.createRepository('shop/config', files('1'))
  const repository = git.url('shop/config')
  await using controller = await standInController({
    applications: [{ name: 'web-prod', repoURL: repository, path: 'envs/prod', ...application }],
    token: 'api-token',
    pace: 0.1,
    interval: 0,
    ...options,
  })
  await using host = await recordingHost()
  const http = createHttp({})
  const server = new URL(`${controller.url}/`)
  await story({
    push: tag => git.commit('shop/config', 'main', files(tag), `deploy ${tag}`),
    wait: (commit, wishes = {}) => {
      const { applications, credentials, project = '', ...others } = wishes
      const argo = {
        name: 'argocd' as const,
        server,
        credentials: credentials ?? { token: 'api-token' },
        ca: undefined,
        project,
        applications: applications ?? [],
        selector: '',
      }
      const inputs: Inputs = {
        provider: argo,
        commit,
        changedFiles: undefined,
        repository: repositoryUrl(repository, ''),
        branch: '',
        token: undefined,
        proof: undefined,
        refresh: true,
        timeout: 15_000,
        appearTimeout: 300,
        settle: 400,
        degradedGrace: 500,
        onSuperseded: 'success',
        onRetry: 'fail',
        onSuspended: 'fail',
        feedback: false,
        environment: '',
        sourceToken: '',
        checkRun: '',
        record: undefined,
        ...others,
      }
      return waitForSync(
        inputs,
        {
          provider: argoProvider(
            createArgoServer(
              http,
              server,
              openSession(http, server, argo.credentials, secret => host.mask(secret)),
              project,
              clock,
            ),
            argo,
            inputs,
            clock,
          ),
          ancestry: gitAncestry({
            repository: inputs.repository,
            token: undefined,
            directory: () => host.temporaryDirectory(),
            env: process.env,
            execute,
          }),
          recorder: createRecorder(host, undefined),
          narrator: createNarrator(host.log, clock),
          feedback: { during: (_, waiting) => waiting, sweep: () => Promise.resolve() },
          clock,
        },
        new AbortController().signal,
      )
    },
  })
}

test('a commit goes live, found by its repository and path, with the time of its push', async () => {
  await inWorld({}, async ({ push, wait }) => {
    const commit = await push('2')
    const outcome = await wait(commit)
    expect(outcome).toMatchObject({ result: 'live', outputs: { revision: commit } })
    const events = JSON.parse(String(outcome.outputs['timeline'])).map(
      ({ event }: { event: string }) => event,
    )
    expect(events).toEqual(['pushed', 'seen', 'synced', 'healthy'])
  })
})

test('a commit that is live already is live again', async () => {
  await inWorld({}, async ({ push, wait }) => {
    const commit = await push('2')
    await wait(commit)
    expect((await wait(commit)).result).toBe('live')
  })
})

describe('a newer commit that was pushed meanwhile', () => {
  test.each([
    ['sets another value: superseded', '3', 'superseded'],
    ['puts the earlier one back: reverted', '1', 'reverted'],
  ])('%s', async (_, tag, result) => {
    await inWorld({}, async ({ push, wait }) => {
      const commit = await push('2')
      const newer = await push(tag)
      expect(await wait(commit)).toMatchObject({ result, outputs: { revision: newer } })
    })
  })
})

describe('what goes wrong has its name', () => {
  test.each<[string, string, string, Options, Wishes]>([
    ['a sync that fails', 'failed', 'sync-retrying', { scenario: 'sync-failed' }, {}],
    [
      'a sync whose retries are used up',
      'failed',
      'sync-failed',
      { scenario: 'sync-failed' },
      { onRetry: 'wait' },
    ],
    ['a rollout that degrades', 'failed', 'degraded', { scenario: 'degraded' }, {}],
    ['a rollout that is paused', 'failed', 'suspended', { scenario: 'suspended' }, {}],
    ['automation that is off', 'blocked', 'auto-sync-off', { application: { automated: false } }, {}],
    [
      'a green that is stale',
      'timeout',
      'timeout',
      { scenario: 'stale-green', staleFor: 60_000 },
      { timeout: 2000 },
    ],
    ['a crash loop', 'failed', 'crash-loop', { scenario: 'crash-loop' }, {}],
    ['an image that is missing', 'failed', 'image-pull', { scenario: 'image-missing' }, {}],
    ['an application that nobody has', 'failed', 'app-missing', {}, { applications: ['other'] }],
    [
      'one that the project lacks',
      'failed',
      'app-missing',
      {},
      { applications: ['other'], project: 'default' },
    ],
  ])('%s: %s', async (_, result, code, options, wishes) => {
    await inWorld(options, async ({ push, wait }) => {
      expect(await wait(await push('2'), wishes)).toMatchObject({ result, failure: { code } })
    })
  })

  test('a crash loop, and how the container ended', async () => {
    await inWorld({ scenario: 'crash-loop' }, async ({ push, wait }) => {
      const { failure } = await wait(await push('2'))
      expect(failure?.message).toMatch(/it ended with Error, exit code 1/)
    })
  })

  test('a token that is refused', async () => {
    await inWorld({}, async ({ push, wait }) => {
      await expect(wait(await push('2'), { credentials: { token: 'old' } })).rejects.toMatchObject({
        code: 'argocd-unauthorized',
      })
    })
  })
})
