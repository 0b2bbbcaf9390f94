// One change on its way: a repository, a namespace and an application of its own, deployed and healthy before the change comes.
import { gitServer, runAction, type ActionRun, type GitServer } from '@gitops-relay/testing'
import type { Cluster } from './cluster.ts'
import type { Kube, KubeObject } from './kube.ts'
import { IMAGE, files, newDigest, type Wanted } from './manifests.ts'

/** How a controller is told what to deploy. */
export interface Controller {
  /** What deploys envs/staging of a repository into a namespace, by its name; the last one is the target. */
  objects(name: string, url: string): KubeObject[]
  /** Does it run this commit, in health? */
  settled(target: KubeObject, commit: string): boolean
  /** Asks it to look at the repository, as a webhook would. */
  look(kube: Kube, name: string): Promise<void>
  /** Does it know this commit? */
  knows(target: KubeObject, commit: string): boolean
  inputs(name: string): Record<string, string>
}

export interface Scene extends AsyncDisposable {
  name: string
  cluster: Cluster
  git: GitServer
  /** The digest that ran before. */
  before: string
  /** The digest that ours asks for. */
  digest: string
  commit: string
  /** [apiVersion, kind, name, namespace] of what is waited for. */
  target: readonly [string, string, string, string]
  create(): Promise<void>
  push(files: Record<string, string | null>): Promise<string>
  /** Asks the controller to look at the repository, as its webhook would. */
  look(): Promise<void>
  /** Waits until the controller knows a commit. */
  known(commit: string): Promise<void>
  patch(patch: object): Promise<void>
}

export interface Scenario {
  name: string
  /** [result, reason], by controller; none: it has no such thing. */
  argocd?: readonly [string, RegExp]
  flux?: readonly [string, RegExp]
  /** Begin of the digest. */
  fate?: string
  /** Of the change; default: the workload with its new digest. */
  files?: (scene: Scene) => Record<string, string | null>
  workload?: Omit<Wanted, 'digest'>
  /** Before the change is pushed. */
  before?: (scene: Scene, controller: 'argocd' | 'flux') => Promise<void>
  /** While the action waits. */
  during?: (scene: Scene) => Promise<void>
  inputs?: (scene: Scene, controller: 'argocd' | 'flux') => Record<string, string>
  /** Deployed only by `during`. */
  late?: boolean
}

const QUICK = {
  settle: '2s',
  'degraded-grace': '4s',
  'appear-timeout': '30s',
  timeout: '90s',
  feedback: 'false',
}

/** Runs a scenario to the end of the action. The caller disposes the run. */
export async function play(
  scenario: Scenario,
  kind: 'argocd' | 'flux',
  controller: Controller,
  cluster: Cluster,
): Promise<ActionRun> {
  await using scene = await prepare(scenario, controller, cluster)
  await scenario.before?.(scene, kind)
  scene.commit = await scene.push(
    scenario.files?.(scene) ?? files({ ...scenario.workload, digest: scene.digest }),
  )
  const running = runAction({
    action: 'wait-for-sync',
    inputs: {
      commit: scene.commit,
      repository: scene.git.url(scene.name),
      images: `${IMAGE}@sha256:${scene.digest}`,
      ...QUICK,
      ...controller.inputs(scene.name),
      ...scenario.inputs?.(scene, kind),
    },
    timeout: 150_000,
  })
  const [run] = await Promise.all([running, scenario.during?.(scene)])
  return run
}

async function prepare(
  { name: title, fate = '', workload, late }: Scenario,
  controller: Controller,
  cluster: Cluster,
): Promise<Scene> {
  await using stack = new AsyncDisposableStack()
  const { kube } = cluster
  const name = title.replaceAll(/[^a-z]+/gi, '-').toLowerCase()
  const git = stack.use(await gitServer())
  const before = newDigest()
  const first = await git.createRepository(
    name,
    files({ kind: workload?.kind ?? 'Deployment', digest: before }),
  )
  const objects = controller.objects(name, git.url(name))
  const last = objects.at(-1)
  if (last === undefined) throw new Error('There is nothing to deploy with.')
  const target = [last.apiVersion, last.kind, last.metadata.name, last.metadata.namespace ?? ''] as const
  const create = () => kube.apply(...objects)
  await kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  stack.defer(async () => {
    for (const { apiVersion, kind, metadata } of objects.toReversed())
      await kube.remove(apiVersion, kind, metadata.name, metadata.namespace)
    await kube.remove('v1', 'Namespace', name)
  })
  if (late !== true) {
    await create()
    await kube.until(target, object => controller.settled(object, first))
  }
  const kept = stack.move()
  return {
    name,
    cluster,
    git,
    before,
    digest: newDigest(fate),
    commit: first,
    target,
    create,
    push: changed => git.commit(name, 'main', changed, 'change'),
    look: () => controller.look(kube, name),
    known: async commit => void (await kube.until(target, object => controller.knows(object, commit))),
    patch: patch => kube.merge(last, patch),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}
