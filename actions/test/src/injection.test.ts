import { describe, expect, test } from '@jest/globals'
import { inject } from './injection.ts'

const wanted = { reporters: '/a/reporters', directory: '/t/reports', nodeOptions: '', hasTestReporters: true }
const ours = '--test-reporter=/a/reporters/node-test.mjs --test-reporter-destination=stdout'
const spec = '--test-reporter=spec --test-reporter-destination=stdout'

describe('as many destinations as reporters, over environment and command line together', () => {
  test.each<[what: string, scripts: string[], options: string]>([
    ['plain', ['node --test'], `${spec} ${ours}`],
    ['no script that is known', [], `${spec} ${ours}`],
    ['another program', ['jest'], `${spec} ${ours}`],
    [
      'a reporter without a destination',
      ['node --test --test-reporter=dot'],
      `${ours} --test-reporter-destination=stdout`,
    ],
    ['a reporter with one', ['node --test --test-reporter=dot --test-reporter-destination=stdout'], ours],
    [
      'two of each',
      [
        'node --test --test-reporter spec --test-reporter-destination stdout --test-reporter tap --test-reporter-destination a.tap',
      ],
      ours,
    ],
    [
      'the same everywhere',
      ['node --test --test-reporter=dot a && node --test --test-reporter=dot b'],
      `${ours} --test-reporter-destination=stdout`,
    ],
    [
      'beside a program that has none',
      ['tsc && node --test --test-reporter=dot'],
      `${ours} --test-reporter-destination=stdout`,
    ],
    ['one command with and one without', ['node --test a && node --test --test-reporter=dot b'], ''],
    [
      'fewer destinations than reporters',
      ['node --test --test-reporter=a --test-reporter=b --test-reporter-destination=c'],
      '',
    ],
  ])('%s', (_, scripts, options) => {
    const { NODE_OPTIONS } = inject({ ...wanted, scripts })
    expect(NODE_OPTIONS).toBe(`--require /a/reporters/preload.cjs ${options}`.trim())
  })
})

test('what the step has in NODE_OPTIONS stays, and blanks in a path hold together', () => {
  const injection = inject({
    ...wanted,
    reporters: '/a b/"c',
    nodeOptions: '--max-old-space-size=99',
    scripts: [],
    hasTestReporters: false,
  })
  expect(injection).toEqual({
    GITOPS_RELAY_REPORTS: '/t/reports',
    NODE_OPTIONS: '--max-old-space-size=99 --require "/a b/\\"c/preload.cjs"',
  })
})
