// The world of a delivery: the shop in a workspace, its config repository over HTTP, a registry, and the stand-in controller.
import { cp, readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { execute } from '@gitops-relay/process'
import {
  gitEnvironment,
  gitServer,
  registry,
  runAction,
  standInController,
  temporaryDirectory,
  type ActionRun,
  type RunActionOptions,
} from '@gitops-relay/testing'
import { root } from '../../scripts/actions.ts'

export const fixtures = join(root, 'test', 'fixtures')
export const STAGING = 'overlays/staging/kustomization.yaml'
export const TOKEN = 'ghs_config-repository-token-0123456789'

/** Files below a directory as texts, by their paths in it. */
export async function readTree(directory: string): Promise<Record<string, string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  return Object.fromEntries(
    await Promise.all(
      files.map(async file => [file.slice(directory.length + 1), await readFile(file, 'utf8')] as const),
    ),
  )
}

export const ARGOCD_TOKEN = 'argocd-token-0123456789'

/** @param log what the stand-in controller says */
export async function openShop({ log }: { log?: (line: string) => void } = {}) {
  await using stack = new AsyncDisposableStack()
  const home = stack.use(await temporaryDirectory())
  const git = stack.use(await gitServer({ token: TOKEN }))
  const images = stack.use(await registry())
  await git.createRepository('acme/shop-config', await readTree(join(fixtures, 'config', 'shop')))
  const controller = stack.use(
    await standInController({
      applications: [
        {
          name: 'shop-staging',
          repoURL: git.url('acme/shop-config'),
          path: 'overlays/staging',
          namespace: 'shop-staging',
        },
      ],
      gitToken: TOKEN,
      token: ARGOCD_TOKEN,
      pace: 0.1,
      ...(log === undefined ? {} : { log }),
    }),
  )
  const workspace = join(home.path, 'shop')
  await cp(join(fixtures, 'apps', 'shop'), workspace, { recursive: true })
  const sh = async (...argv: [string, ...string[]]) => {
    const { exitCode, stdout, stderr } = await execute(argv, {
      cwd: workspace,
      env: { ...gitEnvironment, PATH: process.env['PATH'] ?? '' },
    })
    if (exitCode !== 0) throw new Error(`${argv.join(' ')}: ${stderr}`)
    return stdout.trim()
  }
  await sh('git', 'init', '-q', '-b', 'main')
  const commit = async (message: string) => {
    await sh('git', 'add', '-A')
    await sh('git', 'commit', '-q', '--allow-empty', '-m', message)
    return sh('git', 'rev-parse', 'HEAD')
  }
  await commit('shop: begin')

  const owned = stack.move()
  const step = async (
    action: string,
    inputs: Record<string, string>,
    more: Partial<RunActionOptions> = {},
  ): Promise<ActionRun> => {
    const sha = await sh('git', 'rev-parse', 'HEAD')
    const env = {
      GITHUB_SHA: sha,
      GITHUB_SERVER_URL: git.origin,
      ACTIONS_RESULTS_URL: undefined,
      ...more.env,
    }
    const run = await runAction({ action, inputs, workspace, ...more, env })
    owned.use(run)
    return run
  }
  /** The five actions in a row; each is given what a workflow would hand on. */
  const deliver = async () => {
    const build = await step('build', {})
    const test = await step('test', {})
    const push = await step('push-image', {
      images: `${images.host}/acme/shop`,
      layers: 'package.json:/app/\ndist:/app/dist',
      cmd: '["node", "/app/dist/server.js"]',
    })
    const bump = await step('bump-manifest', {
      repository: 'acme/shop-config',
      token: TOKEN,
      files: STAGING,
      image: push.outputs['ref'] ?? '',
      match: 'shop',
    })
    const wait = await step('wait-for-sync', {
      commit: bump.outputs['commit'] ?? '',
      changes: bump.outputs['changes'] ?? '',
      images: push.outputs['ref'] ?? '',
      digests: push.outputs['digests'] ?? '',
      repository: 'acme/shop-config',
      token: TOKEN,
      'argocd-server': controller.url,
      'argocd-token': ARGOCD_TOKEN,
      settle: '1s',
      timeout: '60s',
    })
    return { build, test, push, bump, wait }
  }
  return {
    git,
    images,
    controller,
    workspace,
    sh,
    commit,
    step,
    deliver,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
