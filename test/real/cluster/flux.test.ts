// The bundle against a real Flux: what becomes of a change, told by its objects, with the rights of docs/rbac-flux.yaml and no more.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { root } from '../../../scripts/actions.ts'
import { canRun, clusterWithFlux } from './cluster.ts'
import { NAMESPACE } from './flux.ts'
import { STAGING } from './manifests.ts'
import { play, type Controller } from './scenario.ts'
import { scenarios } from './scenarios.ts'
import { times } from './times.ts'

const cluster = canRun.flux ? await clusterWithFlux() : undefined
afterAll(async () => cluster?.[Symbol.asyncDispose]())
const role = parse(readFileSync(join(root, 'docs/rbac-flux.yaml'), 'utf8'))
await cluster?.kube.apply(role, {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: 'ci' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role.metadata.name },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'ci' }],
})

const SOURCE = 'source.toolkit.fluxcd.io/v1'
const controller: Controller = {
  objects: (name, url) => [
    {
      apiVersion: SOURCE,
      kind: 'GitRepository',
      metadata: { name, namespace: NAMESPACE },
      spec: { interval: '10m', url, ref: { branch: 'main' }, timeout: '20s' },
    },
    {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: { name, namespace: NAMESPACE },
      spec: {
        interval: '10m',
        path: `./${STAGING}`,
        prune: true,
        wait: true,
        timeout: '40s',
        retryInterval: '5s',
        targetNamespace: name,
        sourceRef: { kind: 'GitRepository', name },
      },
    },
  ],
  settled: ({ status }, commit) =>
    String(status?.lastAppliedRevision).endsWith(commit) &&
    status.conditions.some(
      (each: { type: string; status: string }) => each.type === 'Ready' && each.status === 'True',
    ),
  knows: ({ status }, commit) => String(status?.lastAttemptedRevision).endsWith(commit),
  look: (kube, name) =>
    kube.merge(
      { apiVersion: SOURCE, kind: 'GitRepository', metadata: { name, namespace: NAMESPACE } },
      { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': new Date().toISOString() } } },
    ),
  inputs: name => ({
    provider: 'flux',
    kubeconfig: cluster?.waiter ?? '',
    kustomizations: `${NAMESPACE}/${name}`,
  }),
}

const describeHere = cluster === undefined ? describe.skip : describe
const durations = times('Flux 2.9')
afterAll(durations.print)

describeHere('a real Flux', () => {
  test.concurrent.each(
    scenarios.flatMap(scenario => (scenario.flux ? [[scenario.name, scenario] as const] : [])),
  )(
    '%s',
    async (_, scenario) => {
      const [result, reason] = scenario.flux ?? ['', /^$/]
      if (cluster === undefined) return
      await using run = await play(scenario, 'flux', controller, cluster)
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
