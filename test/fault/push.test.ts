// Each request of a push meets each fault: the image is whole and under its tags, or the push says why not; what has arrived is not sent again.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createHttp } from '../../packages/http/src/index.ts'
import {
  createLayout,
  imageManifest,
  openRepository,
  pushImage,
  type Image,
  type Layout,
} from '../../packages/oci/src/index.ts'
import {
  registry,
  temporaryDirectory,
  type Fault,
  type TestRegistry,
} from '../../packages/testing/src/index.ts'

const LAYER = 'application/vnd.oci.image.layer.v1.tar'
let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let layout: Layout
let image: Image

beforeAll(async () => {
  directory = await temporaryDirectory()
  layout = await createLayout(join(directory.path, 'image'))
  const config = await layout.put(Buffer.from('{"os":"linux"}'), 'application/vnd.oci.image.config.v1+json')
  const layers = [await layout.put(randomBytes(300_000), LAYER), await layout.put(randomBytes(1000), LAYER)]
  const manifest = imageManifest(
    {
      platform: { os: 'linux', architecture: 'amd64' },
      created: '',
      run: {},
      annotations: {},
      layers: layers.map(descriptor => ({ descriptor, diffId: descriptor.digest, source: '' })),
    },
    config,
  )
  const top = await layout.put(Buffer.from(JSON.stringify(manifest)), manifest.mediaType)
  image = { top, manifests: [], blobs: [config, ...layers] }
})
afterAll(async () => directory[Symbol.asyncDispose]())

/** Time passes as soon as somebody waits for it. */
function hastyClock() {
  let past = 0
  return {
    now: () => Date.now() + past,
    async sleep(delay: number) {
      past += delay
      await new Promise(done => setImmediate(done))
    },
  }
}

async function push(target: TestRegistry, tags = ['v1', 'latest']) {
  const clock = hastyClock()
  const { signal } = new AbortController()
  const repository = openRepository({
    http: createHttp({ clock, random: () => 0.5 }),
    registry: target.host,
    repository: 'acme/shop',
    scheme: 'http',
    credential: { username: target.username, password: target.password },
    mask: () => {},
    clock,
    signal,
  })
  const to = { repository, registry: target.host, tags }
  return pushImage(layout, image, [to], { ifTagExists: 'move', onTag: () => {}, clock, signal })
}

/** Nothing that a tag names lacks anything. */
function expectWhole(target: TestRegistry) {
  for (const digest of Object.values(target.tags('acme/shop'))) {
    expect(digest).toBe(image.top.digest)
    for (const blob of image.blobs) expect(target.blobs.has(blob.digest)).toBe(true)
  }
}

/** A blob that has arrived, by its session's answer or unheard, is never sent again. */
function expectOnce(target: TestRegistry) {
  for (const { digest } of image.blobs) {
    const stored = target.requests.filter(
      ({ method, path, status }) =>
        method === 'PUT' && status === 201 && decodeURIComponent(path).includes(digest),
    )
    expect(stored.length).toBeLessThanOrEqual(1)
  }
}

const withAuth = { auth: 'bearer' } as const
/** Every request of a quiet push, as its place among those of its kind. */
const KINDS = [
  /^GET \/token/,
  /^HEAD .*\/manifests\//,
  /^HEAD .*\/blobs\//,
  /^POST .*\/blobs\/uploads\//,
  /^PUT .*\/blobs\/uploads\//,
  /^PUT .*\/manifests\//,
  /^GET .*\/manifests\//,
]
const FAULTS: { name: string; fault: Fault }[] = [
  { name: 'reset before', fault: { kind: 'reset' } },
  { name: 'cut in the body', fault: { kind: 'cut-body' } },
  { name: 'cut after', fault: { kind: 'drop-answer' } },
  { name: 'half an answer', fault: { kind: 'truncate' } },
  { name: '429', fault: { kind: 'status', status: 429, headers: { 'retry-after': '2' }, body: 'slow down' } },
  { name: '500', fault: { kind: 'status', status: 500 } },
  { name: '503', fault: { kind: 'status', status: 503 } },
]

describe('one fault, anywhere', () => {
  test.each(KINDS.flatMap(match => FAULTS.map(fault => ({ match, ...fault }))))(
    '$name at $match',
    async ({ match, fault }) => {
      await using quiet = await registry(withAuth)
      await push(quiet)
      const places = quiet.requests.filter(({ method, path }) => match.test(`${method} ${path}`)).length
      expect(places).toBeGreaterThan(0)
      for (let after = 0; after < places; after++) {
        await using target = await registry(withAuth)
        target.fail({ ...fault, match, after })
        await push(target)
        expectWhole(target)
        expectOnce(target)
        expect(target.tags('acme/shop')).toEqual({ latest: image.top.digest, v1: image.top.digest })
      }
    },
  )

  test.each(KINDS.slice(1))('a token that has expired, or a session that is lost, at %s', async match => {
    for (const act of ['expireTokens', 'forgetUploads'] as const) {
      for (let after = 0; after < 3; after++) {
        await using target = await registry(withAuth)
        target.fail({ kind: 'meanwhile', match, after, act: () => target[act]() })
        await push(target)
        expectWhole(target)
        expect(Object.keys(target.tags('acme/shop'))).toHaveLength(2)
      }
    }
  })

  test('a fault that stays ends the push without a tag', async () => {
    for (const status of [403, 429, 500]) {
      for (const match of KINDS.slice(2, 6)) {
        await using target = await registry(withAuth)
        target.fail({ kind: 'status', status, match, times: 1000 })
        // A registry that says 403 of a blob is believed to lack it, so that one push goes on.
        const isHarmless = status === 403 && match.source.startsWith('^HEAD')
        const ended = await push(target).then(
          () => 'pushed',
          (error: { code?: string }) => error.code,
        )
        expect(ended).toEqual(isHarmless ? 'pushed' : expect.stringMatching(/^registry-/))
        if (!isHarmless) expect(target.tags('acme/shop')).toEqual({})
      }
    }
  })
})

describe('a registry that lies is found out', () => {
  const bytes = '{"schemaVersion":2}'
  test.each<{ name: string; fault: Fault; code: string }>([
    {
      name: 'another digest than that of the bytes',
      fault: {
        kind: 'status',
        status: 201,
        headers: { 'docker-content-digest': `sha256:${'0'.repeat(64)}` },
        match: /^PUT .*manifests\/sha/,
      },
      code: 'digest-mismatch',
    },
    {
      name: 'other bytes under the digest',
      fault: { kind: 'status', status: 200, body: bytes, match: /^GET .*manifests/, times: 99 },
      code: 'digest-mismatch',
    },
    {
      name: 'a manifest that vanishes',
      fault: { kind: 'status', status: 404, match: /^GET .*manifests/, times: 99 },
      code: 'not-readable',
    },
    {
      name: 'an upload that never was',
      fault: { kind: 'status', status: 201, match: /^PUT .*uploads/, times: 99 },
      code: 'blob-missing',
    },
  ])('$name', async ({ fault, code }) => {
    await using target = await registry()
    target.fail(fault)
    await expect(push(target)).rejects.toMatchObject({ code })
  })

  test('a layer that is cleaned away before the manifest comes is sent again', async () => {
    await using target = await registry()
    const clean = () => target.blobs instanceof Map && target.blobs.delete(image.blobs[1]?.digest)
    target.fail({ kind: 'meanwhile', match: /^PUT .*manifests/, act: clean })
    await push(target)
    expectWhole(target)
    expect(target.requests.filter(({ status }) => status === 400)).toHaveLength(1)
  })
})

test('many tags are one request where the registry can, and one each where it cannot', async () => {
  const tags = Array.from({ length: 8 }, (_, index) => `t${index}`)
  await using target = await registry()
  await push(target, tags)
  const writes = () =>
    target.requests.filter(({ method, path }) => method === 'PUT' && path.includes('/manifests/'))
  expect(writes()).toHaveLength(2)
  await using old = await registry()
  old.fail({ kind: 'status', status: 201, match: /[?]tag=/ })
  await push(old, tags)
  expect(Object.keys(old.tags('acme/shop'))).toEqual(tags)
})
