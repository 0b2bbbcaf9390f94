import { describe, expect, test } from '@jest/globals'
import type { Test } from '@gitops-relay/test-reports'
import { groupFailures } from './findings.ts'

const failed = (name: string, message: string): Test => ({
  suite: ['S'],
  name,
  status: 'failed',
  duration: 1,
  message,
  flaky: false,
  attempts: [],
})
const at = (file: string, line: number) => ({ file, line })

describe('one finding for each cause and place', () => {
  test.each<[what: string, failures: [Test, ReturnType<typeof at> | undefined][], groups: string[]]>([
    ['one', [[failed('a', 'm'), at('a.js', 1)]], ['a.js:1 m: S > a']],
    [
      'the same cause at the same place',
      [
        [failed('a', 'm\ndetail 1'), at('a.js', 1)],
        [failed('b', 'm\ndetail 2'), at('a.js', 1)],
      ],
      ['a.js:1 m: S > a, S > b'],
    ],
    [
      'the same cause elsewhere',
      [
        [failed('a', 'm'), at('a.js', 1)],
        [failed('b', 'm'), at('a.js', 2)],
      ],
      ['a.js:1 m: S > a', 'a.js:2 m: S > b'],
    ],
    [
      'another cause at the same place',
      [
        [failed('a', 'm'), at('a.js', 1)],
        [failed('b', 'n'), at('a.js', 1)],
      ],
      ['a.js:1 m: S > a', 'a.js:1 n: S > b'],
    ],
    [
      'places first, then what hits most',
      [
        [failed('a', 'm'), undefined],
        [failed('b', 'n'), at('a.js', 1)],
        [failed('c', 'o'), at('a.js', 2)],
        [failed('d', 'o'), at('a.js', 2)],
      ],
      ['a.js:2 o: S > c, S > d', 'a.js:1 n: S > b', 'nowhere m: S > a'],
    ],
  ])('%s', (_, failures, groups) => {
    const places = new Map(failures)
    const found = groupFailures([...places.keys()], failure => places.get(failure))
    expect(
      found.map(({ finding: { file, line, cause }, tests }) => {
        const place = file === undefined ? 'nowhere' : `${file}:${line}`
        return `${place} ${cause}: ${tests.join(', ')}`
      }),
    ).toEqual(groups)
  })
})
