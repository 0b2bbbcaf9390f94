import { chmod, symlink, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import { registry } from '@gitops-relay/testing'
import { SHA, json, run } from './world.ts'

/** Inputs are refused by an error, all else by an outcome. */
const failureOf = (running: ReturnType<typeof run>) =>
  running.then(
    ({ failure }) => failure,
    (error: unknown) => error,
  )

const escape = (workspace: string) => symlink('../../secret', join(workspace, 'dist/link'))

describe('an image gets into the registry', () => {
  test('and its digest is the one that the registry has', async () => {
    await using target = await registry()
    const { result, outputs, digest } = await run(target, {
      values: { cmd: '["node", "a.js"]', workdir: '/app', expose: '8080' },
    })
    expect(result).toBe('pushed')
    expect(outputs).toMatchObject({
      image: `${target.host}/acme/shop@${digest}`,
      ref: `${target.host}/acme/shop:sha-a1b2c3d@${digest}`,
      tag: 'sha-a1b2c3d',
      tags: JSON.stringify([`${target.host}/acme/shop:main`, `${target.host}/acme/shop:sha-a1b2c3d`]),
    })
    expect(target.manifest('acme/shop', 'main')?.digest).toBe(digest)
    const config = target.blobs.get(String(outputs['image-id']))
    expect(json(config)).toMatchObject({
      os: 'linux',
      created: '2023-11-14T22:13:20Z',
      config: {
        Cmd: ['node', 'a.js'],
        WorkingDir: '/app',
        ExposedPorts: { '8080/tcp': {} },
        Labels: { 'org.opencontainers.image.revision': SHA },
      },
    })
  })

  test.each(['basic', 'bearer'] as const)('that wants %s credentials', async auth => {
    await using target = await registry({ auth, username: 'me', password: 'secret-password' })
    const credential = { username: 'me', password: 'secret-password' }
    expect(await run(target, { credential })).toMatchObject({ result: 'pushed' })
    const refused = await run(target, { credential: { ...credential, password: 'wrong' } })
    expect(refused.failure).toMatchObject({ code: 'registry-denied' })
  })

  test('a second time nothing is written', async () => {
    await using target = await registry()
    await run(target)
    const before = target.requests.length
    expect(await run(target)).toMatchObject({ result: 'exists', outputs: { 'bytes-uploaded': 0 } })
    expect(
      target.requests.slice(before).filter(({ method }) => method !== 'GET' && method !== 'HEAD'),
    ).toEqual([])
  })

  test('several platforms are an index over the same layers', async () => {
    await using target = await registry()
    const { outputs, digest } = await run(target, { values: { platforms: 'linux/amd64\nlinux/arm64/v8' } })
    const platforms = json(Buffer.from(String(outputs['platforms'])))
    expect(Object.keys(platforms)).toEqual(['linux/amd64', 'linux/arm64'])
    expect(json(target.manifest('acme/shop', digest)?.bytes)).toMatchObject({
      manifests: [{ platform: { architecture: 'amd64' } }, { platform: { architecture: 'arm64' } }],
    })
    expect(JSON.parse(String(outputs['digests']))).toHaveLength(5)
  })

  test('a base brings its layers and settings', async () => {
    await using target = await registry()
    const values = { images: `${target.host}/acme/base`, env: 'A=1\nB=2', entrypoint: '/tini --', tags: 'v1' }
    await run(target, { values, files: { 'dist/base.txt': 'base' } })
    const { outputs, digest } = await run(target, {
      values: { 'base-image': `${target.host}/acme/base:v1`, env: 'B=3' },
    })
    expect(json(target.blobs.get(String(outputs['image-id'])))).toMatchObject({
      config: { Env: ['A=1', 'B=3'], Entrypoint: ['/tini', '--'] },
    })
    expect(json(target.manifest('acme/shop', digest)?.bytes)).toMatchObject({ layers: [{}, {}] })
  })
})

describe('the same files give the same digest', () => {
  test('whatever their times and modes', async () => {
    await using target = await registry()
    const one = await run(target)
    const two = await run(target, {
      prepare: async workspace => {
        await utimes(join(workspace, 'dist/a.js'), 1, 1)
        await chmod(join(workspace, 'dist/a.js'), 0o600)
      },
    })
    expect(two.digest).toBe(one.digest)
    const other = await run(target, { prepare: workspace => chmod(join(workspace, 'dist/a.js'), 0o755) })
    expect(other.digest).not.toBe(one.digest)
  })

  test('in another compression only the layer is another', async () => {
    await using target = await registry()
    const of = async (compression: string) => {
      const { digest, outputs } = await run(target, { values: { compression } })
      const { layers = [] } = json(target.manifest('acme/shop', digest)?.bytes)
      return { layers, image: outputs['image-id'] }
    }
    const [gzip, zstd] = [await of('gzip'), await of('zstd:9')]
    expect(zstd).toMatchObject({
      image: gzip.image,
      layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd' }],
    })
    const bytes = target.blobs.get(zstd.layers[0]?.digest ?? '')
    expect(bytes?.subarray(0, 4).toString('hex')).toBe('28b52ffd')
  })

  test('and a layer holds them under their target, in order, without what is left out', async () => {
    await using target = await registry()
    const files = { 'dist/b/c.js': 'c', 'dist/a.js': 'a', 'dist/a.map': 'm', 'one.txt': '1' }
    const { digest } = await run(target, { files, values: { layers: 'dist:/app\n!**/*.map\none.txt:/etc/' } })
    const { layers = [] } = json(target.manifest('acme/shop', digest)?.bytes)
    const names = layers.map(layer => tarNames(gunzipSync(target.blobs.get(layer.digest) ?? Buffer.alloc(0))))
    expect(names).toEqual([
      ['app/', 'app/a.js', 'app/b/', 'app/b/c.js'],
      ['etc/', 'etc/one.txt'],
    ])
  })
})

/** Names of a ustar archive, read by the format's own rules. */
function tarNames(tar: Buffer): string[] {
  const names: string[] = []
  for (let at = 0; at < tar.length && tar[at] !== 0;) {
    names.push(
      tar
        .subarray(at, at + 100)
        .toString('utf8')
        .replace(/\0.*$/s, ''),
    )
    at += 512 + Math.ceil(Number.parseInt(tar.subarray(at + 124, at + 135).toString(), 8) / 512) * 512
  }
  return names
}

describe('what is refused', () => {
  test.each<{ values: Record<string, string>; code: string }>`
    values                                       | code
    ${{ layers: '' }}                            | ${'not-yet'}
    ${{ layers: 'dist' }}                        | ${'bad-layers'}
    ${{ layers: '../x:/app' }}                   | ${'bad-layers'}
    ${{ layers: 'dist:/a/../../b' }}             | ${'bad-layers'}
    ${{ layers: 'nothing:/app' }}                | ${'no-source'}
    ${{ images: 'ghcr.io/acme/shop:v1' }}        | ${'bad-reference'}
    ${{ username: 'me' }}                        | ${'half-credential'}
    ${{ platforms: 'linux' }}                    | ${'bad-platform'}
    ${{ tags: 'type=semver' }}                   | ${'bad-tags'}
    ${{ flavor: 'latest=perhaps' }}              | ${'bad-flavor'}
    ${{ tags: 'type=raw,value=a,enable=false' }} | ${'no-tags'}
    ${{ compression: 'brotli' }}                 | ${'bad-value'}
  `('$values: $code', async ({ values, code }) => {
    await using target = await registry()
    expect(await failureOf(run(target, { values }))).toMatchObject({ code })
    expect(target.requests.filter(({ method }) => method === 'PUT')).toEqual([])
  })

  test('a link that leads out of its source', async () => {
    await using target = await registry()
    const { failure } = await run(target, { prepare: escape })
    expect(failure).toMatchObject({ code: 'escaping-link' })
  })

  test('a tag of another image, where it is to be kept', async () => {
    await using target = await registry()
    const first = await run(target, { values: { tags: 'v1' } })
    const files = { 'dist/a.js': 'changed' }
    const kept = await run(target, { files, values: { tags: 'v1', 'if-tag-exists': 'keep' } })
    expect(kept.failure).toMatchObject({ code: 'tag-exists' })
    expect(await run(target, { files, values: { tags: 'v1', 'if-tag-exists': 'skip' } })).toMatchObject({
      result: 'pushed',
      outputs: { tags: '[]' },
    })
    expect(target.manifest('acme/shop', 'v1')?.digest).toBe(first.digest)
  })
})

describe('what later steps may deploy', () => {
  const files = { 'dist/a.js': 'changed' }
  const skipping = (tags: string) => ({ files, values: { tags, 'if-tag-exists': 'skip' } })

  test('ref has a tag that points to the image, where a more specific one stayed elsewhere', async () => {
    await using target = await registry()
    await run(target, { values: { tags: 'type=sha' } })
    const { outputs, digest } = await run(target, skipping('type=sha\nv2'))
    expect(outputs).toMatchObject({ ref: `${target.host}/acme/shop:v2@${digest}`, tag: 'v2' })
  })

  test('ref is the digest alone, where every tag stayed elsewhere', async () => {
    await using target = await registry()
    await run(target, { values: { tags: 'v1' } })
    const { outputs, digest } = await run(target, skipping('v1'))
    expect(outputs).toMatchObject({ ref: `${target.host}/acme/shop@${digest}`, tag: '' })
  })

  test('nothing, after a push that failed', async () => {
    await using target = await registry()
    target.fail({ match: '/manifests/', kind: 'status', status: 400, times: 99 })
    const { result, outputs, summary } = await run(target)
    expect(result).toBe('failed')
    expect(Object.values(outputs).filter(value => String(value ?? '') !== '')).toEqual([])
    expect(summary).not.toContain('sha256:')
  })
})

describe('a broken registry', () => {
  test('no tag moves anywhere when one of two registries fails', async () => {
    await using good = await registry()
    await using bad = await registry()
    bad.fail({ match: '/manifests/', kind: 'status', status: 400, times: 99 })
    const { result } = await run(good, {
      values: { images: `${good.host}/acme/shop\n${bad.host}/acme/shop` },
    })
    expect(result).toBe('failed')
    expect(good.manifest('acme/shop', 'main')).toBeUndefined()
  })

  test('an answer that was lost after the manifest landed does no harm', async () => {
    await using target = await registry()
    target.fail({ match: /^PUT .*\/manifests\/main/, kind: 'drop-answer' })
    expect(await run(target)).toMatchObject({ result: 'pushed' })
  })
})

test('a dry run and a fork write nothing', async () => {
  await using target = await registry()
  expect(await run(target, { values: { 'dry-run': 'true' } })).toMatchObject({
    result: 'planned',
    outputs: { ref: '' },
  })
  expect(await run(target, { run: { fork: true } })).toMatchObject({ result: 'built' })
  expect(target.requests).toEqual([])
})
