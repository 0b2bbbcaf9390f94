// What can become of a change, and what the action has to say of it.
import { FATE, READY_AFTER, fates } from './stages.ts'
import { STAGING, configMap, files, job, service } from './manifests.ts'
import type { Scenario, Scene } from './scenario.ts'
import { setTimeout as delay } from 'node:timers/promises'

/** A newer commit comes as soon as the controller has seen ours. */
const thenPush = (newer: (scene: Scene) => Record<string, string | null>) => async (scene: Scene) => {
  await scene.known(scene.commit)
  await scene.push(newer(scene))
  await scene.look()
}
const both = (result: string, reason = /^$/) =>
  ({ argocd: [result, reason], flux: [result, reason] }) as const

export const scenarios: readonly Scenario[] = [
  { name: 'healthy', ...both('live') },
  {
    name: 'bad image',
    fate: fates['image-pull'],
    ...both('failed', /^image-pull: .*not found/),
  },
  {
    name: 'crash loop',
    fate: fates['crash-loop'],
    ...both('failed', /^crash-loop: .*exit code 1\b/),
  },
  {
    name: 'out of memory',
    fate: fates['out-of-memory'],
    ...both('failed', /^crash-loop: .*OOMKilled, exit code 137/),
  },
  {
    name: 'rejected manifest',
    files: scene => ({ ...files(scene), [`${STAGING}/service.yaml`]: service(99_999_999) }),
    inputs: () => ({ 'on-retry': 'fail' }),
    argocd: ['failed', /^sync-[a-z]+: .*99999999/],
    flux: ['failed', /^[a-z-]+: .*99999999/],
  },
  {
    name: 'manifest that is no YAML',
    files: scene => ({
      ...files(scene),
      [`${STAGING}/broken.yaml`]: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: [broken\n',
    }),
    ...both('failed', /^manifest: /),
  },
  {
    name: 'newer commit that keeps ours',
    during: thenPush(() => ({ [`${STAGING}/flags.yaml`]: configMap() })),
    ...both('superseded', /^superseded: /),
  },
  {
    name: 'newer commit that reverts ours',
    during: thenPush(({ before }) => files({ digest: before })),
    ...both('reverted', /^reverted: /),
  },
  {
    name: 'automated sync off',
    before: scene => scene.patch({ spec: { syncPolicy: null } }),
    argocd: ['blocked', /^auto-sync-off: /],
  },
  {
    name: 'suspended',
    before: (scene, controller) =>
      controller === 'flux' ? scene.patch({ spec: { suspend: true } }) : Promise.resolve(),
    workload: { spec: { paused: true } },
    argocd: ['failed', /^suspended: /],
    flux: ['blocked', /^suspended: /],
  },
  {
    name: 'failing hook',
    files: scene => ({
      ...files(scene),
      [`${STAGING}/job.yaml`]: job(
        { [FATE]: 'job-fails' },
        {
          'argocd.argoproj.io/hook': 'PreSync',
          'argocd.argoproj.io/hook-delete-policy': 'BeforeHookCreation',
        },
      ),
    }),
    inputs: () => ({ 'on-retry': 'fail' }),
    argocd: ['failed', /^[a-z-]+: .*Job\/.*\/migrate/],
    flux: ['failed', /^[a-z-]+: .*migrate/],
  },
  {
    name: 'slow past the progress deadline',
    fate: fates.slow,
    workload: { spec: { progressDeadlineSeconds: 5 }, annotations: { [READY_AFTER]: '12s' } },
    inputs: () => ({ 'degraded-grace': '20s' }),
    ...both('live'),
  },
  {
    name: 'application created later',
    late: true,
    during: async scene => {
      // The action has to have looked, and found nothing; nothing that it writes would say so.
      await delay(3000)
      await scene.create()
    },
    ...both('live'),
  },
  {
    name: 'commit that changes no manifest',
    files: () => ({ 'README.md': configMap() }),
    inputs: ({ before }) => ({ images: `registry.test/shop/web@sha256:${before}` }),
    ...both('live'),
  },
  {
    name: 'commit that touches another path',
    files: () => ({ 'envs/prod/flags.yaml': configMap() }),
    inputs: ({ before }) => ({ images: `registry.test/shop/web@sha256:${before}` }),
    ...both('live'),
  },
  {
    name: 'closed sync window',
    before: async scene => {
      await scene.cluster.kube.apply({
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'AppProject',
        metadata: { name: 'closed', namespace: 'argocd' },
        spec: {
          sourceRepos: ['*'],
          destinations: [{ namespace: '*', server: '*' }],
          clusterResourceWhitelist: [{ group: '*', kind: '*' }],
          syncWindows: [
            {
              kind: 'deny',
              schedule: '* * * * *',
              duration: '1h',
              applications: ['*'],
              manualSync: false,
              timeZone: 'UTC',
            },
          ],
        },
      })
      await scene.patch({ spec: { project: 'closed' } })
    },
    inputs: () => ({ 'argocd-project': 'closed' }),
    argocd: ['blocked', /^sync-window: /],
  },
  {
    name: 'dependency that is not ready',
    before: scene => scene.patch({ spec: { dependsOn: [{ name: 'nobody' }] } }),
    flux: ['blocked', /^dependency-not-ready: .*nobody/],
  },
  { name: 'stateful set', workload: { kind: 'StatefulSet' }, ...both('live') },
  { name: 'daemon set', workload: { kind: 'DaemonSet' }, ...both('live') },
]
