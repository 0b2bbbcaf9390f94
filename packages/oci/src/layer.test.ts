import { spawnSync } from 'node:child_process'
import {
  chmod,
  mkdir,
  readFile,
  readdir,
  readlink,
  lstat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import * as fc from 'fast-check'
import { describe, expect, test } from '@jest/globals'
import { temporaryDirectory } from '@gitops-relay/testing'
import { inLane } from '../../../test/lane.ts'
import { addLayer } from './layer.ts'
import { createLayout } from './layout.ts'

const gzip = { algorithm: 'gzip', level: 6 } as const

interface Leaf {
  path: string[]
  kind: 'file' | 'program' | 'link'
  content: string
}

/** Names of every length that a file system takes, in the letters of many alphabets. */
const name = fc
  .oneof(
    fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }),
    fc.string({ minLength: 90, maxLength: 200, unit: fc.constantFrom('a', 'b', '-') }),
  )
  .map(text => text.replaceAll(/[/\0\uD800-\uDFFF]/g, '_'))
  .filter(text => text !== '.' && text !== '..' && Buffer.byteLength(text) < 240)
const leaf = fc.record<Leaf>({
  path: fc.array(name, { minLength: 1, maxLength: 3 }),
  kind: fc.constantFrom('file', 'program', 'link'),
  content: fc.string({ maxLength: 2000 }),
})

/** Leaves that stand where another is a directory, or a link leads, are left out. */
async function plant(root: string, leaves: readonly Leaf[]) {
  await mkdir(root, { recursive: true })
  for (const { path, kind, content } of leaves) {
    const file = join(root, ...path)
    try {
      await mkdir(join(file, '..'), { recursive: true })
      if (kind === 'link') await symlink('somewhere/below', file)
      else await writeFile(file, content, { mode: kind === 'program' ? 0o700 : 0o600, flag: 'wx' })
    } catch {
      // Another is there.
    }
  }
}

/** What is in a directory, as far as a layer promises it. */
async function describeTree(directory: string, prefix = ''): Promise<string[]> {
  const found: string[] = []
  for (const child of await readdir(join(directory, prefix))) {
    const inner = join(prefix, child)
    const path = join(directory, inner)
    const stat = await lstat(path)
    if (stat.isDirectory()) found.push(`${inner}/`, ...(await describeTree(directory, inner)))
    else if (stat.isSymbolicLink()) found.push(`${inner} -> ${await readlink(path)}`)
    else {
      const isProgram = (stat.mode & 0o100) !== 0
      found.push(`${inner} ${isProgram ? 'x' : '-'} ${(await readFile(path)).toString('base64')}`)
    }
  }
  return found.toSorted()
}

async function pack(source: string, directory: string, mtime = 1_700_000_000) {
  const layout = await createLayout(directory)
  const { signal } = new AbortController()
  const layer = { root: source, source, target: '/', isExcluded: () => false }
  const { descriptor, diffId } = await addLayer(layout, layer, { mtime, compression: gzip, signal })
  return { diffId, bytes: await buffer(layout.open(descriptor.digest)) }
}

function gnuTar(bytes: Buffer, ...argv: string[]) {
  const { status, stdout, stderr } = spawnSync('tar', [...argv, '-z', '-f', '-'], {
    input: bytes,
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  })
  expect([status, stderr]).toEqual([0, ''])
  return stdout
}

test('GNU tar finds in a layer what was in the directory, whatever that is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(leaf, { minLength: 1, maxLength: 12 }), async leaves => {
      await using temporary = await temporaryDirectory()
      const [source, out] = [join(temporary.path, 'source'), join(temporary.path, 'out')]
      await plant(source, leaves)
      await mkdir(out)
      const { bytes } = await pack(source, join(temporary.path, 'layout'))
      gnuTar(bytes, '-x', '-C', out)
      expect(await describeTree(out)).toEqual(await describeTree(source))
    }),
    { numRuns: inLane(30, 2000) },
  )
})

describe('the same files are the same bytes', () => {
  const leaves: Leaf[] = ['b', 'a', 'ä', 'Z', 'a-b', 'a.b'].flatMap(first => [
    { path: [first, 'x'], kind: 'file', content: first },
    { path: [first, 'y'], kind: 'program', content: first },
  ])

  test('in whatever order, with whatever times and modes, wherever the checkout is', async () => {
    await using temporary = await temporaryDirectory()
    const umask = process.umask()
    const packed: Buffer[] = []
    for (const [index, mask] of [0o022, 0o077, 0o002].entries()) {
      const source = join(temporary.path, `checkout-${'x'.repeat(index * 20)}`)
      process.umask(mask)
      await plant(source, index === 1 ? leaves.toReversed() : leaves).finally(() => process.umask(umask))
      await utimes(join(source, 'a', 'x'), index, index)
      await chmod(join(source, 'a'), 0o700 + index)
      const { bytes } = await pack(source, join(temporary.path, `layout-${index}`))
      packed.push(bytes)
    }
    for (const other of packed) expect(other.equals(packed[0] ?? Buffer.alloc(0))).toBe(true)
  })

  test.each([
    [0, '1970-01-01 00:00'],
    [1_700_000_000, '2023-11-14 22:13'],
    [2_208_988_800, '2040-01-01 00:00'],
  ])('with the time %d', async (mtime, shown) => {
    await using temporary = await temporaryDirectory()
    const source = join(temporary.path, 'source')
    await plant(source, [{ path: ['x'], kind: 'file', content: 'x' }])
    const { bytes } = await pack(source, join(temporary.path, 'layout'), mtime)
    expect(gnuTar(bytes, '-tv', '--utc')).toContain(` ${shown} x`)
  })
})
