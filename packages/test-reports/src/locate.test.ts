import { describe, expect, test } from '@jest/globals'
import { locate } from './locate.ts'
import type { Case, SourceIndex } from './types.ts'

const files: Record<string, number> = {
  'src/cart.js': 20,
  'test/cart.test.js': 30,
  'packages/a/src/index.ts': 40,
  'packages/b/src/index.ts': 40,
  'packages/a/test/only here.test.ts': 40,
  'index.js': 5,
  'vendor/lib.js': 9,
}
const sources = (base = ''): SourceIndex => ({
  root: '/home/runner/work/shop/shop',
  base,
  tracked: () => Object.keys(files),
  lines: path => Array.from({ length: files[path] ?? 0 }, () => ''),
})
const failure = (trace: string, rest: Partial<Case> = {}): Case => ({
  suite: [],
  name: 'a',
  status: 'failed',
  duration: 1,
  trace,
  ...rest,
})
const place = (found: ReturnType<typeof locate>) => found && `${found.file}:${found.line}`
const root = '/home/runner/work/shop/shop'

describe('the right line or none', () => {
  test.each<[what: string, trace: string, rest: Partial<Case>, at: string | undefined]>([
    [
      'an assertion',
      `Error: x\n    at t (${root}/test/cart.test.js:7:3)\n    at n (${root}/src/cart.js:1:1)`,
      {},
      'test/cart.test.js:7',
    ],
    ['without a function', `    at ${root}/test/cart.test.js:7:3`, {}, 'test/cart.test.js:7'],
    [
      'async',
      `    at async Promise.all (index 0)\n    at async f (${root}/src/cart.js:4:3)`,
      {},
      'src/cart.js:4',
    ],
    [
      'a file URL',
      `    at f (file://${root}/packages/a/test/only%20here.test.ts:4:3)`,
      {},
      'packages/a/test/only here.test.ts:4',
    ],
    [
      'frames of libraries are passed over',
      `    at e (${root}/node_modules/x/src/cart.js:3:1)\n    at t (${root}/src/cart.js:4:3)`,
      {},
      'src/cart.js:4',
    ],
    [
      'frames of node are passed over',
      `    at a (node:internal/x:3:1)\n    at t (${root}/src/cart.js:4:3)`,
      {},
      'src/cart.js:4',
    ],
    ['a vendored copy is not ours', `    at a (${root}/vendor/lib.js:3:1)`, {}, undefined],
    ['a line after the end', `    at t (${root}/src/cart.js:21:3)`, {}, undefined],
    ['the last line', `    at t (${root}/src/cart.js:20:3)`, {}, 'src/cart.js:20'],
    [
      'a line after the end, then a good one',
      `    at t (${root}/src/cart.js:99:3)\n    at u (${root}/test/cart.test.js:8:1)`,
      {},
      'test/cart.test.js:8',
    ],
    [
      'the declared line, when no frame helps',
      '',
      { file: 'test/cart.test.js', line: 12 },
      'test/cart.test.js:12',
    ],
    ['a declared line after the end', '', { file: 'test/cart.test.js', line: 31 }, undefined],
    ['a declared file without a line', '', { file: 'test/cart.test.js' }, undefined],
    ['a file that is not tracked', `    at t (${root}/dist/cart.js:2:3)`, {}, undefined],
    ['a name alone proves nothing', '    at t (/elsewhere/cart.js:2:3)', {}, undefined],
    ['a name alone proves nothing at the top either', '    at t (/elsewhere/index.js:2:3)', {}, undefined],
    ['another root over the same tree', '    at t (/app/src/cart.js:2:3)', {}, 'src/cart.js:2'],
    ['Windows', '    at t (D:\\a\\shop\\shop\\test\\cart.test.js:2:3)', {}, 'test/cart.test.js:2'],
    ['two files could be meant', '    at t (/app/src/index.ts:2:3)', {}, undefined],
    [
      'two files, and the path tells which',
      '    at t (/app/packages/b/src/index.ts:2:3)',
      {},
      'packages/b/src/index.ts:2',
    ],
    ['a path that climbs out', '    at t (../../etc/passwd:2:3)', {}, undefined],
    ['a prefix of the message', 'src/cart.js:4: expected 1', {}, 'src/cart.js:4'],
    ['jest on a syntax error', `${root}/src/cart.js: Unexpected token (4:7)`, {}, 'src/cart.js:4'],
    ['source maps of webpack', '    at t (webpack-internal:///./src/cart.js:2:3)', {}, undefined],
    [
      'the message is searched too',
      '',
      { message: `boom\n    at t (${root}/src/cart.js:4:3)` },
      'src/cart.js:4',
    ],
  ])('%s', (_, trace, rest, at) => {
    expect(place(locate(failure(trace, rest), sources()))).toBe(at)
  })
})

describe('relative paths begin at the working directory, else at the workspace', () => {
  test.each<[base: string, path: string, at: string | undefined]>([
    ['packages/a', 'src/index.ts', 'packages/a/src/index.ts:3'],
    ['packages/b', './src/index.ts', 'packages/b/src/index.ts:3'],
    ['packages/b', '../a/src/index.ts', 'packages/a/src/index.ts:3'],
    ['packages/b', 'index.js', 'index.js:3'],
    ['.', 'src/cart.js', 'src/cart.js:3'],
    ['', 'src/index.ts', undefined],
  ])('%s, %s', (base, path, at) => {
    expect(place(locate(failure('', { file: path, line: 3 }), sources(base)))).toBe(at)
  })
})
