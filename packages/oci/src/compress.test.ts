import { spawnSync } from 'node:child_process'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import { compress, type Compression } from './compress.ts'

/** Compressible, and nowhere the same. */
const bytes = Buffer.alloc(9_000_001)
for (let at = 0; at + 4 <= bytes.length; at += 4) bytes.writeUInt32LE((at * 2_654_435_761) % 65_521, at)

async function* inChunks(size: number, from = bytes) {
  for (let at = 0; at < from.length; at += size) yield await Promise.resolve(from.subarray(at, at + size))
}

async function* broken() {
  yield await Promise.resolve(bytes)
  throw new Error('torn')
}

const hasZstd = spawnSync('zstd', ['--version']).status === 0
const unzstd = (packed: Buffer) => spawnSync('zstd', ['-dc'], { input: packed, maxBuffer: 1e8 }).stdout

const gzip: Compression = { algorithm: 'gzip', level: 6 }
const zstd: Compression = { algorithm: 'zstd', level: 3 }

describe('what is compressed', () => {
  test('by gzip is the same again', async () => {
    const packed = await buffer(compress(inChunks(65_536), gzip))
    expect(packed.length).toBeLessThan(bytes.length)
    expect(gunzipSync(packed).equals(bytes)).toBe(true)
  })

  const withZstd = hasZstd ? test : test.skip
  withZstd('by zstd is the same again', async () => {
    const packed = await buffer(compress(inChunks(65_536), zstd))
    expect(packed.length).toBeLessThan(bytes.length)
    expect(unzstd(packed).equals(bytes)).toBe(true)
  })

  test.each([gzip, zstd])(
    'has the same bytes in whatever chunks it comes ($algorithm)',
    async compression => {
      const [one, ...others] = await Promise.all(
        [65_536, 1_000_003, 4_194_304, bytes.length].map(size =>
          buffer(compress(inChunks(size), compression)),
        ),
      )
      for (const other of others) expect(other.equals(one ?? Buffer.alloc(0))).toBe(true)
    },
  )

  test('is a stream of gzip even where it is nothing', async () => {
    expect(gunzipSync(await buffer(compress(inChunks(1, Buffer.alloc(0)), gzip)))).toHaveLength(0)
  })

  test('and no machine is named in it', async () => {
    const packed = await buffer(compress(inChunks(65_536), gzip))
    expect(packed.subarray(0, 10).toString('hex')).toBe('1f8b08000000000000ff')
  })

  test('fails as its source fails', async () => {
    await expect(buffer(compress(broken(), gzip))).rejects.toThrow('torn')
  })
})
