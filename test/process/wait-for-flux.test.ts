// The bundle against a Kubernetes API that plays what a real Flux showed, faster, with the rights of docs/rbac-flux.yaml and no more.
import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import {
  findSecret,
  kubeServer,
  runAction,
  type KubeRule,
  type RunActionOptions,
} from '@gitops-relay/testing'
import { join } from 'node:path'
import { root } from '../../scripts/actions.ts'
import { leftInTemp } from './project.ts'

const SECRET = 'kube-canary+0123456789/abcdefXYZ'
const FASTER = 20

interface Line {
  t: number
  type: string
  object?: { kind: string; metadata: { name: string; namespace: string } }
}
interface Header {
  commit: string
  kustomization: string
  image: string
}

function readTrace(scenario: string): { header: Header; lines: Line[] } {
  const text = readFileSync(join(root, 'packages/sync/test/traces/flux', `${scenario}.jsonl`), 'utf8')
  const [header, ...lines]: [Header, ...Line[]] = JSON.parse(`[${text.trim().replaceAll('\n', ',')}]`)
  return { header, lines }
}

const API: Record<string, string> = {
  Kustomization: 'kustomize.toolkit.fluxcd.io/v1',
  GitRepository: 'source.toolkit.fluxcd.io/v1',
  HelmRelease: 'helm.toolkit.fluxcd.io/v2',
  Pod: 'v1',
}

/** What docs/rbac-flux.yaml grants. */
const rules: KubeRule[] = parse(readFileSync(join(root, 'docs/rbac-flux.yaml'), 'utf8')).rules.map(
  ({ apiGroups, resources, verbs }: Record<string, string[]>) => ({
    subject: 'ci',
    groups: apiGroups,
    resources,
    verbs,
  }),
)

const timers = new Set<NodeJS.Timeout>()
afterEach(() => timers.forEach(clearTimeout))

/** Shows what stood before the push; plays the rest once it is poked. */
async function world(scenario: string, { granted = rules } = {}) {
  const { header, lines } = readTrace(scenario)
  const server = await kubeServer({ tls: true, tokens: { [SECRET]: { user: 'ci' } }, rules: granted })
  const show = ({ type, object }: Line) => {
    if (object === undefined) return
    const { name, namespace } = object.metadata
    if (type === 'DELETED') server.remove(object.kind, name, namespace)
    else server.apply({ apiVersion: API[object.kind] ?? 'apps/v1', ...object })
  }
  lines.filter(({ t }) => t < 0).forEach(show)
  const play = () => {
    stop()
    for (const line of lines.filter(({ t }) => t >= 0))
      timers.add(setTimeout(() => show(line), line.t / FASTER))
  }
  const stop = server.onChange((_, object) => {
    if (JSON.stringify(object.metadata).includes('gitops-relay-')) play()
  })
  return {
    server,
    play,
    wait: (inputs: Record<string, string> = {}, more: Partial<RunActionOptions> = {}) =>
      runAction({
        action: 'wait-for-sync',
        inputs: {
          provider: 'flux',
          commit: header.commit,
          repository: 'http://127.0.0.1:18090/config.git',
          changes: '[{"file":"envs/staging/kustomization.yaml"}]',
          kubeconfig: server.kubeconfig({ token: SECRET }),
          kustomizations: header.kustomization,
          images: header.image,
          feedback: 'false',
          settle: '300ms',
          'degraded-grace': '1s',
          timeout: '20s',
          ...inputs,
        },
        ...more,
      }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

describe('what a real Flux showed becomes a result', () => {
  test.each<[string, string, RegExp, Record<string, string>]>([
    ['01-healthy', 'live', /^$/, {}],
    ['02-bad-image', 'failed', /^image-pull: .*ErrImagePull|^image-pull: .*not found/, {}],
    ['07-sync-off', 'blocked', /^suspended: Kustomization\/flux-system\/shop-staging is suspended/, {}],
    ['14-depends-on', 'blocked', /^dependency-not-ready: .*infra, which is not ready: ArtifactFailed/, {}],
    ['16-broken-yaml', 'failed', /^manifest: .*BuildFailed: failed to decode Kubernetes YAML/, {}],
    ['20-helm-healthy', 'live', /^$/, {}],
  ])('%s: %s', async (scenario, result, reason, inputs) => {
    await using at = await world(scenario)
    await using run = await at.wait(inputs)
    expect([run.outputs['result'], run.outputs['reason'] ?? '']).toEqual([
      result,
      expect.stringMatching(reason),
    ])
    expect(run.exitCode).toBe(result === 'live' ? 0 : 1)
    if (result === 'live') expect(run.outputs['verified-pods']).toBe('2/2')
    const { root: directory } = run.directories
    expect(
      await findSecret(SECRET, { texts: { log: run.log, summary: run.summary }, directories: [directory] }),
    ).toEqual([])
    expect(await leftInTemp(run)).toEqual([expect.stringMatching(/^wait-for-sync-\w+$/)])
  })
})

test('without names the Kustomizations are found by repository and path', async () => {
  await using at = await world('01-healthy')
  await using run = await at.wait({ kustomizations: '', repository: 'http://127.0.0.1:18090/config' })
  expect(run.outputs['result']).toBe('live')
  expect(JSON.parse(run.outputs['targets'] ?? '')).toMatchObject([
    { target: 'Kustomization/flux-system/shop-staging' },
  ])
})

const without = (resource: string) =>
  rules.map(rule => ({ ...rule, resources: rule.resources?.filter(name => name !== resource) ?? [] }))

describe('a right that is missing is named', () => {
  test.each<[string, string, RegExp]>([
    ['kustomizations', 'kube-forbidden', /verb "list" on "kustomizations.kustomize.toolkit.fluxcd.io"/],
    ['gitrepositories', 'kube-forbidden', /verb "list" on "gitrepositories.source.toolkit.fluxcd.io"/],
    ['pods', 'pods-unreadable', /get, list and watch on pods/],
  ])('%s', async (resource, code, remedy) => {
    await using at = await world('01-healthy', { granted: without(resource) })
    await using run = await at.wait()
    expect([run.exitCode, run.outputs['reason']]).toEqual([1, expect.stringContaining(`${code}: `)])
    expect(run.log).toMatch(remedy)
  })

  test('patch may be left out: Flux looks when it looks', async () => {
    const granted = rules.map(rule => ({ ...rule, verbs: rule.verbs.filter(verb => verb !== 'patch') }))
    await using at = await world('01-healthy', { granted })
    const waiting = at.wait()
    at.play()
    await using run = await waiting
    expect(run.outputs['result']).toBe('live')
  })

  test('rights in the namespace of the targets are enough', async () => {
    const granted = rules.map(rule => ({ ...rule, namespaces: ['flux-system', 'flux-staging'] }))
    await using at = await world('01-healthy', { granted })
    await using run = await at.wait()
    expect(run.outputs['result']).toBe('live')
  })
})

test('a token that ends in the middle is said, and a connection that breaks is not', async () => {
  await using at = await world('01-healthy')
  const broken = setInterval(() => at.server.watches.cut(), 100)
  timers.add(broken)
  await using run = await at.wait()
  clearInterval(broken)
  expect(run.outputs['result']).toBe('live')
  at.server.revoke(SECRET)
  await using refused = await at.wait()
  expect(refused.outputs['reason']).toMatch(/^kube-unauthorized: /)
})
