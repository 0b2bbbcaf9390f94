// The bundle against a real Argo CD: what becomes of a change, told by its API.
import { afterAll, describe, expect, test } from '@jest/globals'
import { NAMESPACE } from './argocd.ts'
import { canRun, clusterWithArgoCd } from './cluster.ts'
import { STAGING } from './manifests.ts'
import { play, type Controller } from './scenario.ts'
import { scenarios } from './scenarios.ts'
import { times } from './times.ts'

const API = 'argoproj.io/v1alpha1'
const cluster = canRun.argocd ? await clusterWithArgoCd() : undefined
afterAll(async () => cluster?.[Symbol.asyncDispose]())

const controller: Controller = {
  objects: (name, url) => [
    {
      apiVersion: API,
      kind: 'Application',
      metadata: { name, namespace: NAMESPACE },
      spec: {
        project: 'default',
        source: { repoURL: url, targetRevision: 'main', path: STAGING },
        destination: { server: 'https://kubernetes.default.svc', namespace: name },
        syncPolicy: { automated: { prune: true } },
      },
    },
  ],
  settled: ({ status, operation }, commit) =>
    status?.sync?.revision === commit &&
    status.sync.status === 'Synced' &&
    status.health?.status === 'Healthy' &&
    operation === undefined,
  knows: ({ status }, commit) => status?.sync?.revision === commit,
  look: (kube, name) =>
    kube.merge(
      { apiVersion: API, kind: 'Application', metadata: { name, namespace: NAMESPACE } },
      { metadata: { annotations: { 'argocd.argoproj.io/refresh': 'normal' } } },
    ),
  inputs: name => ({
    provider: 'argocd',
    'argocd-server': cluster?.argo.url ?? '',
    'argocd-token': cluster?.argo.token ?? '',
    'argocd-project': 'default',
    applications: name,
  }),
}

const describeHere = cluster === undefined ? describe.skip : describe
const durations = times('Argo CD 3.5.1')
afterAll(durations.print)

describeHere('a real Argo CD', () => {
  test.concurrent.each(
    scenarios.flatMap(scenario => (scenario.argocd ? [[scenario.name, scenario] as const] : [])),
  )(
    '%s',
    async (_, scenario) => {
      const [result, reason] = scenario.argocd ?? ['', /^$/]
      if (cluster === undefined) return
      await using run = await play(scenario, 'argocd', controller, cluster)
      durations.add(scenario.name, run.outputs)
      expect([run.outputs['result'], run.outputs['reason'] ?? run.log]).toEqual([
        result,
        expect.stringMatching(reason),
      ])
      expect(run.exitCode).toBe(['live', 'superseded'].includes(result) ? 0 : 1)
    },
    300_000,
  )
})
