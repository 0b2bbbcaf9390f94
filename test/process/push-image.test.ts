import { randomInt } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import {
  findSecret,
  registry,
  runAction,
  watchArguments,
  type Fault,
  type RunActionOptions,
  type TestRegistry,
} from '@gitops-relay/testing'
import { forked, inPairs, leftInTemp, project, type Project } from './project.ts'

const PASSWORD = 'canary/0123456789+abcdef&XYZ'
const files = { 'app/server.js': 'listen()\n', 'app/lib/a.js': `${'a'.repeat(50_000)}\n` }

const push = (
  images: TestRegistry,
  { path }: Project,
  inputs: Record<string, string> = {},
  { env, ...more }: Partial<RunActionOptions> = {},
) =>
  runAction({
    action: 'push-image',
    inputs: { images: `${images.host}/acme/shop`, layers: 'app:/app', tags: '1.2.3\nlatest', ...inputs },
    workspace: path,
    env: { SOURCE_DATE_EPOCH: '1700000000', ...env },
    ...more,
  })

/** Is every tag that is there one of a whole image? */
function expectWhole(images: TestRegistry): void {
  for (const digest of Object.values(images.tags('acme/shop'))) {
    const manifest = images.manifest('acme/shop', digest)
    const { config, layers }: { config: { digest: string }; layers: { digest: string }[] } = JSON.parse(
      manifest?.bytes.toString() ?? '{}',
    )
    for (const blob of [config, ...layers]) expect(images.blobs.has(blob.digest)).toBe(true)
  }
}

test('an image goes into the registry once, and is proven there', async () => {
  await using images = await registry()
  await using workspace = await project(files)
  await using run = await push(images, workspace)
  const { digest = '', ref, tags } = run.outputs
  expect([run.exitCode, run.outputs['result'], run.outputs['reason']]).toEqual([0, 'pushed', ''])
  expect(images.tags('acme/shop')).toEqual({ '1.2.3': digest, latest: digest })
  expect(ref).toBe(`${images.host}/acme/shop:1.2.3@${digest}`)
  expect(JSON.parse(tags ?? '')).toEqual([
    `${images.host}/acme/shop:1.2.3`,
    `${images.host}/acme/shop:latest`,
  ])
  expect([run.annotations, run.orphans, await leftInTemp(run)]).toEqual([[], [], []])
  expectWhole(images)

  const before = images.requests.length
  await using again = await push(images, workspace)
  expect([again.outputs['result'], again.outputs['digest'], again.outputs['bytes-uploaded']]).toEqual([
    'exists',
    digest,
    '0',
  ])
  const written = images.requests.slice(before).filter(({ method }) => method !== 'GET' && method !== 'HEAD')
  expect(written).toEqual([])
}, 30_000)

test.each([
  ['a dry run', { 'dry-run': 'true' }, 'planned'],
  ['a build without push', { push: 'false' }, 'built'],
])(
  '%s sends nothing',
  async (_, inputs, result) => {
    await using images = await registry()
    await using workspace = await project(files)
    const before = await workspace.snapshot()
    await using run = await push(images, workspace, inputs)
    expect([run.exitCode, run.outputs['result'], run.outputs['ref']]).toEqual([0, result, ''])
    expect([images.requests, await workspace.snapshot()]).toEqual([[], before])
  },
  30_000,
)

describe('what a user can mend has one error, with its remedy', () => {
  test.each<{ inputs: Record<string, string>; code: string }>`
    inputs                                       | code
    ${{ image: 'x' }}                            | ${'unknown-input'}
    ${{ images: '' }}                            | ${'missing-input'}
    ${{ images: 'not a reference' }}             | ${'bad-reference'}
    ${{ engine: 'buildx' }}                      | ${'not-yet'}
    ${{ layers: 'app' }}                         | ${'bad-layers'}
    ${{ layers: 'none:/app' }}                   | ${'no-source'}
    ${{ tags: 'type=raw,value=x,enable=false' }} | ${'no-tags'}
    ${{ platforms: 'linux' }}                    | ${'bad-platform'}
    ${{ username: 'robot' }}                     | ${'half-credential'}
    ${{ compression: 'lzma' }}                   | ${'bad-value'}
    ${{ 'base-image': '{host}/acme/none:1' }}    | ${'(?:no-base-image|registry-denied)'}
    ${{ images: '127.0.0.1:1/acme/shop' }}       | ${'registry-unreachable'}
  `(
    '$inputs',
    async ({ inputs, code }) => {
      await using images = await registry()
      await using workspace = await project(files)
      const own = Object.entries(inputs).map(([name, value]) => [name, value.replace('{host}', images.host)])
      await using run = await push(images, workspace, Object.fromEntries(own) as Record<string, string>) // oxlint-disable-line no-unsafe-type-assertion -- pairs of texts
      expect([run.exitCode, run.outputs['result'], run.outputs['ref']]).toEqual([1, 'failed', ''])
      expect(run.outputs['reason']).toMatch(new RegExp(`^${code}: \\S`))
      expect(run.annotations.filter(({ level }) => level === 'error')).toHaveLength(1)
      expect([images.tags('acme/shop'), await leftInTemp(run)]).toEqual([{}, []])
    },
    60_000,
  )

  test('wrong rights, another image under the tag, and code of a fork', async () => {
    await using images = await registry({ auth: 'bearer', rights: () => ['pull'] })
    await using workspace = await project(files)
    const credential = { username: images.username, password: images.password }
    await using denied = await push(images, workspace, credential)
    expect(denied.outputs['reason']).toMatch(/^registry-denied: /)

    await using open = await registry()
    open.addManifest('acme/shop', '1.2.3', {
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      other: 1,
    })
    const before = open.tags('acme/shop')
    await using kept = await push(open, workspace, { 'if-tag-exists': 'keep' })
    expect([kept.outputs['reason'], open.tags('acme/shop')]).toEqual([
      expect.stringMatching(/^tag-exists: /),
      before,
    ])

    await using stranger = await push(open, workspace, {}, { event: forked })
    expect([stranger.outputs['reason'], open.tags('acme/shop')]).toEqual([
      expect.stringMatching(/^untrusted-checkout: /),
      before,
    ])
  }, 60_000)
})

describe('the wire may break: the image is whole, or nothing points to it', () => {
  test.each<{ fault: Fault; result: string }>`
    fault                                                                                         | result
    ${{ kind: 'reset', match: /PUT .*blobs/ }}                                                    | ${'pushed'}
    ${{ kind: 'drop-answer', match: /PUT .*blobs/ }}                                              | ${'pushed'}
    ${{ kind: 'reset', match: /PUT .*manifests/ }}                                                | ${'pushed'}
    ${{ kind: 'drop-answer', match: /PUT .*manifests/ }}                                          | ${'pushed'}
    ${{ kind: 'status', status: 500, match: /PUT .*manifests/ }}                                  | ${'pushed'}
    ${{ kind: 'status', status: 429, headers: { 'retry-after': '1' }, match: '/blobs/uploads/' }} | ${'pushed'}
    ${{ kind: 'status', status: 403, match: /PUT .*manifests/, times: 9 }}                        | ${'failed'}
    ${{ kind: 'truncate', match: /GET .*manifests/ }}                                             | ${'pushed'}
  `(
    '$fault',
    async ({ fault, result }) => {
      await using images = await registry()
      await using workspace = await project(files)
      images.fail(fault)
      await using run = await push(images, workspace)
      const { outputs } = run
      expect(outputs['result']).toBe(result)
      expect(outputs['reason']).not.toMatch(/^bug:/)
      expectWhole(images)
      if (outputs['result'] === 'pushed')
        expect(images.tags('acme/shop')).toEqual({ '1.2.3': outputs['digest'], latest: outputs['digest'] })
      else expect([run.exitCode, outputs['ref'], outputs['digest']]).toEqual([1, '', ''])
    },
    60_000,
  )

  test('a token that expires in the middle is renewed', async () => {
    await using images = await registry({ auth: 'bearer' })
    await using workspace = await project(files)
    images.fail({ match: /PUT .*blobs/, kind: 'meanwhile', act: () => images.expireTokens() })
    const credential = { username: images.username, password: images.password }
    await using run = await push(images, workspace, credential)
    expect([run.outputs['reason'], run.outputs['result']]).toEqual(['', 'pushed'])
  }, 30_000)
})

test('a password is found nowhere, whatever the way in, green or red', async () => {
  await using watch = await watchArguments(PASSWORD)
  const ways = (['basic', 'bearer'] as const).flatMap(auth =>
    [{}, { 'base-image': '{host}/acme/none:1' }, { username: 'stranger' }].map(inputs => ({ auth, inputs })),
  )
  await inPairs(ways, async ({ auth, inputs }) => {
    await using images = await registry({ auth, password: PASSWORD })
    await using workspace = await project(files)
    const own = Object.entries({ username: images.username, password: PASSWORD, ...inputs }).map(
      ([name, value]) => [name, value.replace('{host}', images.host)],
    )
    await using run = await push(images, workspace, Object.fromEntries(own) as Record<string, string>) // oxlint-disable-line no-unsafe-type-assertion -- pairs of texts
    const { log, outputs, summary, state, env, directories } = run
    const hits = await findSecret(PASSWORD, {
      texts: { log, outputs, summary, state, env },
      directories: [directories.temp, directories.home, workspace.path],
    })
    expect([hits, run.orphans]).toEqual([[], []])
  })
  expect(watch.arguments).toEqual([])
}, 60_000)

test('cancelled at any moment, it leaves no process, and no tag to half an image', async () => {
  const moments = Array.from({ length: 20 }, () => randomInt(20, 500))
  await inPairs(moments, async cancelAfter => {
    await using images = await registry()
    await using workspace = await project(files)
    await using run = await push(images, workspace, {}, { cancelAfter })
    expect([run.orphans, run.signal === 'SIGINT' ? [] : await leftInTemp(run)]).toEqual([[], []])
    expectWhole(images)
    const tags = Object.keys(images.tags('acme/shop'))
    if (run.exitCode === 0) expect(tags).toEqual(['1.2.3', 'latest'])
    // Before it could listen to signals, it had not begun.
    else if (run.signal === 'SIGINT') expect(tags).toEqual([])
    else {
      expect([run.exitCode, run.outputs['ref']]).toEqual([130, ''])
      const [, state] = /remote state: (landed|not landed|unknown)\.$/.exec(run.outputs['reason'] ?? '') ?? []
      const truths = tags.length === 0 ? ['not landed', 'unknown'] : ['landed', 'unknown']
      expect(truths).toContain(state)
    }
  })
}, 60_000)
