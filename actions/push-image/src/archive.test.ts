import { createHash } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { cp, mkdir, readFile, readdir, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import { registry, temporaryDirectory } from '@gitops-relay/testing'
import { json, onBase, addBase, run } from './world.ts'

/** Builds an image, keeps what `output-archive` wrote as `kept`, and gives its digest. */
async function build(kept: string, values: Record<string, string> = {}) {
  await using target = await registry()
  addBase(target, [
    { os: 'linux', architecture: 'amd64' },
    { os: 'linux', architecture: 'arm64' },
  ])
  const base = onBase(target, { platforms: 'linux/amd64\nlinux/arm64' })
  let workspace = ''
  const built = await run(target, {
    values: { push: 'false', 'output-archive': 'out/image.tar', ...base, ...values },
    prepare: path => {
      workspace = path
      return Promise.resolve()
    },
    finish: async () => rename(join(workspace, 'out/image.tar'), kept),
  })
  expect(built.result).toBe('built')
  return built
}

const pushing = (archive: string, more: Record<string, string> = {}) => ({
  values: { layers: '', archive: 'image', tags: 'v1', ...more },
  prepare: (workspace: string) => cp(archive, join(workspace, 'image'), { recursive: true }),
})

/** GNU tar, not the library that wrote the archive. */
function tar(...argv: string[]) {
  const { status, stderr } = spawnSync('tar', argv, { encoding: 'utf8' })
  expect([status, stderr]).toEqual([0, ''])
}

describe('what was built is pushed by a later job, bit for bit', () => {
  test.each(['tar', 'directory'])('from a layout as %s', async shape => {
    await using temporary = await temporaryDirectory()
    const archive = join(temporary.path, 'image.tar')
    const built = await build(archive)
    const directory = join(temporary.path, 'layout')
    await mkdir(directory)
    if (shape === 'directory') tar('-xf', archive, '-C', directory)
    await using target = await registry()
    const pushed = await run(target, pushing(shape === 'tar' ? archive : directory))
    expect([pushed.failure, pushed.result, pushed.digest]).toEqual([undefined, 'pushed', built.digest])
    for (const name of ['platforms', 'digests', 'image-id', 'media-type'])
      expect(pushed.outputs[name]).toEqual(built.outputs[name])
    expect(target.manifest('acme/shop', 'v1')?.digest).toBe(built.digest)
  })

  test('and the archive is the same each time', async () => {
    await using temporary = await temporaryDirectory()
    const paths = ['a', 'b'].map(name => join(temporary.path, name))
    for (const path of paths) await build(path)
    const [a, b] = await Promise.all(paths.map(async path => readFile(path)))
    expect(a?.equals(b ?? Buffer.alloc(0))).toBe(true)
    expect((await readdir(temporary.path)).toSorted()).toEqual(['a', 'b'])
  })
})

/** As `docker save` wrote it until version 24. */
async function dockerSave(path: string, { diffId }: { diffId?: string } = {}) {
  const layer = Buffer.alloc(2048, 'layer')
  const own = `sha256:${createHash('sha256').update(layer).digest('hex')}`
  const config = {
    os: 'linux',
    architecture: 'amd64',
    rootfs: { type: 'layers', diff_ids: [diffId ?? own, own] },
  }
  const image = { Config: 'config.json', RepoTags: ['x:1'], Layers: ['one/layer.tar', 'two/layer.tar'] }
  await using temporary = await temporaryDirectory()
  for (const name of ['one', 'two']) await mkdir(join(temporary.path, name))
  await writeFile(join(temporary.path, 'one/layer.tar'), layer)
  await symlink('../one/layer.tar', join(temporary.path, 'two/layer.tar'))
  await writeFile(join(temporary.path, 'config.json'), JSON.stringify(config))
  await writeFile(join(temporary.path, 'manifest.json'), JSON.stringify([image]))
  tar('-cf', path, '-C', temporary.path, 'one', 'two', 'config.json', 'manifest.json')
  return layer
}

test('an old docker save becomes an image whose layers are the same inside', async () => {
  await using temporary = await temporaryDirectory()
  const archive = join(temporary.path, 'saved.tar')
  const layer = await dockerSave(archive)
  await using target = await registry()
  const { digest, outputs } = await run(target, pushing(archive))
  const { layers = [] } = json(target.manifest('acme/shop', digest)?.bytes)
  expect(layers).toHaveLength(2)
  for (const each of layers)
    expect(gunzipSync(target.blobs.get(each.digest) ?? Buffer.alloc(0)).equals(layer)).toBe(true)
  expect(JSON.parse(String(outputs['platforms']))).toEqual({ 'linux/amd64': digest })
})

describe('what is no whole image is refused before anything is sent', () => {
  const cases: [string, string, (path: string) => Promise<unknown>][] = [
    ['no file', 'no-archive', () => Promise.resolve()],
    ['no tar', 'bad-archive', path => writeFile(path, Buffer.alloc(4000, 'x'))],
    ['an empty directory', 'bad-archive', path => mkdir(path)],
    [
      'other layers than the config says',
      'bad-archive',
      path => dockerSave(path, { diffId: `sha256:${'0'.repeat(64)}` }),
    ],
    [
      'a half tar',
      'bad-archive',
      async path => {
        await build(path)
        const bytes = await readFile(path)
        await writeFile(path, bytes.subarray(0, bytes.length >> 1))
      },
    ],
    [
      'another blob under its name',
      'digest-mismatch',
      async path => {
        await build(path)
        const bytes = await readFile(path)
        const at = bytes.indexOf('"architecture"')
        bytes.write('"architectUre"', at)
        await writeFile(path, bytes)
      },
    ],
  ]
  test.each(cases)('%s: %s', async (_, code, write) => {
    await using temporary = await temporaryDirectory()
    const archive = join(temporary.path, 'archive')
    await write(archive)
    await using target = await registry()
    const prepare = (workspace: string) =>
      cp(archive, join(workspace, 'image'), { recursive: true }).catch(() => {})
    const { failure } = await run(target, { ...pushing(archive), prepare })
    expect(failure).toMatchObject({ code })
    expect(target.requests.filter(({ method }) => method === 'PUT')).toEqual([])
  })

  test('layers beside an archive', async () => {
    await using target = await registry()
    await expect(run(target, { values: { archive: 'image' } })).rejects.toMatchObject({
      code: 'contradiction',
    })
  })
})
