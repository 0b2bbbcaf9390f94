import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { execute } from '@gitops-relay/process'
import { temporaryDirectory } from '@gitops-relay/testing'
import { root } from '../../scripts/actions.ts'
import { openShop, STAGING } from './shop.ts'

const results = (runs: Record<string, { outputs: Record<string, string> }>) =>
  Object.fromEntries(Object.entries(runs).map(([name, { outputs }]) => [name, outputs['result']]))

describe('one change walks from a commit to live, through the committed bundles', () => {
  test('and a second run without a change finds everything there', async () => {
    await using shop = await openShop()
    const before = await shop.git.read('acme/shop-config', 'main', STAGING)
    const first = await shop.deliver()
    expect(results(first)).toEqual({
      build: 'built',
      test: 'passed',
      push: 'pushed',
      bump: 'updated',
      wait: 'live',
    })
    expect(first.test.outputs).toMatchObject({ 'tests-total': '7', 'tests-passed': '7' })
    expect(first.wait.outputs).toMatchObject({
      'verified-pods': '2/2',
      revision: first.bump.outputs['commit'],
    })

    // Not a byte has changed but the three values of one entry.
    const { digest = '', tag = '' } = first.push.outputs
    const after = await shop.git.read('acme/shop-config', 'main', STAGING)
    const expected = before
      .replace('newName: registry.example/acme/shop', `newName: ${shop.images.host}/acme/shop`)
      .replace(
        "newTag: '1.0.0'   # quotes stay as they are\n",
        `newTag: '${tag}'   # quotes stay as they are\n      digest: ${digest}\n`,
      )
    expect(after).toBe(expected)

    const second = await shop.deliver()
    expect(results(second)).toEqual({
      build: 'built',
      test: 'passed',
      push: 'exists',
      bump: 'unchanged',
      wait: 'live',
    })
    expect(second.push.outputs['digest']).toBe(digest)
    expect(await shop.git.log('acme/shop-config', 'main')).toHaveLength(2)
  }, 90_000)
})

describe('a broken link is red with its reason', () => {
  test('a failing test, on its line', async () => {
    await using shop = await openShop()
    const file = join(shop.workspace, 'test', 'broken.test.js')
    await writeFile(
      file,
      "import assert from 'node:assert/strict'\nimport { test } from 'node:test'\ntest('breaks', () => {\n  assert.equal(1, 2)\n})\n",
    )
    await shop.commit('shop: break a test')
    const run = await shop.step('test', {})
    expect([run.exitCode, run.outputs['result'], run.outputs['tests-failed']]).toEqual([1, 'failed', '1'])
    expect(run.annotations).toContainEqual(
      expect.objectContaining({
        properties: expect.objectContaining({ file: 'test/broken.test.js', line: '4' }),
      }),
    )
  }, 30_000)

  test('a registry that refuses', async () => {
    await using shop = await openShop()
    shop.images.fail({ match: '/blobs/', kind: 'status', status: 403, times: 99 })
    await shop.step('build', {})
    const run = await shop.step('push-image', {
      images: `${shop.images.host}/acme/shop`,
      layers: 'dist:/app',
    })
    expect([run.exitCode, run.outputs['result'], run.outputs['ref']]).toEqual([1, 'failed', ''])
    expect(run.outputs['reason']).toMatch(/^registry-denied: /)
  }, 30_000)

  test('a deploy that the cluster refuses', async () => {
    await using shop = await openShop()
    shop.controller.setScenario('shop-staging', 'sync-failed')
    const { bump, wait } = await shop.deliver()
    expect([bump.outputs['result'], wait.exitCode, wait.outputs['result']]).toEqual(['updated', 1, 'failed'])
    expect(wait.outputs['reason']).toMatch(/^sync-failed: /)
  }, 90_000)
})

const skopeo = (...args: string[]) =>
  execute(['skopeo', ...args], { cwd: root, env: { PATH: process.env['PATH'] ?? '' } })
const hasSkopeo = await skopeo('--version').then(
  () => true,
  () => false,
)

;(hasSkopeo ? test : test.skip)(
  'what was pushed is an image that skopeo copies and reads',
  async () => {
    await using shop = await openShop()
    await using copy = await temporaryDirectory()
    await shop.step('build', {})
    const push = await shop.step('push-image', {
      images: `${shop.images.host}/acme/shop`,
      layers: 'dist:/app/dist',
      cmd: '["node", "/app/dist/server.js"]',
      platforms: 'linux/amd64,linux/arm64',
    })
    const { digest = '', tag = '' } = push.outputs
    const source = `docker://${shop.images.host}/acme/shop`
    const copied = ['copy', '--all', '--preserve-digests', '--src-tls-verify=false']
    const target = `oci:${copy.path}:shop`
    expect(await skopeo('--insecure-policy', ...copied, `${source}@${digest}`, target)).toMatchObject({
      exitCode: 0,
    })
    const arm = ['--override-os=linux', '--override-arch=arm64', 'inspect', '--config', '--tls-verify=false']
    const config: unknown = JSON.parse((await skopeo(...arm, `${source}:${tag}`)).stdout)
    expect(config).toMatchObject({ architecture: 'arm64', config: { Cmd: ['node', '/app/dist/server.js'] } })
  },
  60_000,
)
