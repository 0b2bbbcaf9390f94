import { describe, expect, test } from '@jest/globals'
import { execute } from '@gitops-relay/process'
import { temporaryDirectory } from '@gitops-relay/testing'
import { root } from '../../scripts/actions.ts'

/** What `npm run demo -- …` starts, in a home of its own. */
async function demo(...options: string[]) {
  await using home = await temporaryDirectory()
  const env = { PATH: process.env['PATH'] ?? '', HOME: home.path, TMPDIR: home.path }
  const argv = [process.execPath, 'scripts/demo.ts', ...options] as const
  return await execute(argv, { cwd: root, env })
}

test('the demo ends live, with the diff, the digest and the timeline, and live again without a change', async () => {
  const { exitCode, stdout } = await demo()
  expect(exitCode).toBe(0)
  const results = [...stdout.matchAll(/^### (\S+: .+)$/gm)].map(([, result]) => result)
  expect(results).toEqual([
    'build: built',
    'test: passed',
    'push-image: pushed',
    'bump-manifest: landed',
    'wait-for-sync: live',
    'build: built',
    'test: passed',
    'push-image: exists',
    'bump-manifest: nothing to do',
    'wait-for-sync: live',
  ])
  expect(stdout).toContain("-      newTag: '1.0.0'   # quotes stay as they are")
  expect(stdout).toMatch(/^\+ {6}digest: (sha256:[0-9a-f]{64})[^]*^digest {2}\1$/m)
  expect(stdout).toMatch(/pushed → .*seen.* → .*synced.* → .*healthy/)
  expect(stdout).toContain('[stand-in for Argo CD, no cluster]')
}, 60_000)

describe('a broken link ends the demo red, with its reason', () => {
  test.each<{ link: string; reason: RegExp }>`
    link      | reason
    ${'test'} | ${/^Red, as it has to be: tests-failed: 1 of 8 tests failed\./m}
    ${'push'} | ${/^Red, as it has to be: registry-denied: /m}
    ${'sync'} | ${/^Red, as it has to be: sync-failed: /m}
  `(
    '$link',
    async ({ link, reason }) => {
      const { exitCode, stdout } = await demo('--break', link)
      expect(exitCode).toBe(1)
      expect(stdout).toMatch(reason)
    },
    60_000,
  )

  test('what cannot be broken is told', async () => {
    const { exitCode, stderr } = await demo('--break', 'everything')
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('Write one of: test, push, sync.')])
  })
})
