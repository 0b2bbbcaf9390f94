import { describe, expect, test } from '@jest/globals'
import { mkdir, rename, utimes, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { temporaryDirectory } from '@gitops-relay/testing'
import { expectReports } from './report-files.ts'

async function scene(files: Record<string, string>, globs: string[], change: Change, anyAge = false) {
  await using directory = await temporaryDirectory()
  const at = (path: string) => join(directory.path, path)
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(at(path)), { recursive: true })
    await writeFile(at(path), text)
  }
  const look = await expectReports(directory.path, globs, anyAge ? undefined : Date.now())
  await change(at)
  const { fresh, stale } = await look()
  const names = (paths: readonly string[]) => paths.map(path => relative(directory.path, path)).join(' ')
  return { fresh: names(fresh), stale: names(stale) }
}
type Change = (at: (path: string) => string) => Promise<void>
const nothing = () => Promise.resolve()

describe('only what the run wrote is a report of it', () => {
  test.each<[what: string, change: Change, fresh: string, stale: string]>([
    ['nothing new', nothing, '', 'a.xml'],
    [
      'written again, with the same text',
      async at => {
        await writeFile(at('a.xml'), 'x')
        await utimes(at('a.xml'), new Date(), new Date(Date.now() + 10))
      },
      'a.xml',
      '',
    ],
    ['written again, with another text', at => writeFile(at('a.xml'), 'xyz'), 'a.xml', ''],
    ['a new one', at => writeFile(at('b.xml'), 'y'), 'b.xml', 'a.xml'],
    [
      'an old one, unpacked',
      async at => {
        await writeFile(at('b.xml'), 'y')
        await utimes(at('b.xml'), new Date(2020, 1), new Date(2020, 1))
      },
      '',
      'a.xml b.xml',
    ],
    [
      'moved to its place',
      async at => {
        await writeFile(at('b.tmp'), 'y')
        await rename(at('b.tmp'), at('a.xml'))
      },
      'a.xml',
      '',
    ],
  ])('%s', async (_, change, fresh, stale) => {
    expect(await scene({ 'a.xml': 'x' }, ['*.xml'], change)).toEqual({ fresh, stale })
  })

  test('where nothing is run, age does not count', async () => {
    expect(await scene({ 'a.xml': 'x' }, ['*.xml'], nothing, true)).toEqual({ fresh: 'a.xml', stale: '' })
  })
})

describe('globs find files once, and none of libraries', () => {
  const files = {
    'a/r.xml': '',
    'b/r.xml': '',
    'node_modules/p/r.xml': '',
    '.git/r.xml': '',
    'r.xml/inside': '',
  }
  test.each<[globs: string[], found: string]>([
    [['**/r.xml'], 'a/r.xml b/r.xml'],
    [['**/r.xml', 'a/*.xml'], 'a/r.xml b/r.xml'],
    [['{a,b}/r.xml'], 'a/r.xml b/r.xml'],
    [['node_modules/**/r.xml'], 'node_modules/p/r.xml'],
    [['nothing/*.xml'], ''],
  ])('%j', async (globs, found) => {
    expect((await scene(files, globs, nothing, true)).fresh).toBe(found)
  })
})
