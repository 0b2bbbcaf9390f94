import { describe, expect, test } from '@jest/globals'
import { createFold } from './fold.ts'
import type { Case, Status } from './types.ts'

const run = (status: Status, rest: Partial<Case> = {}): Case => ({
  suite: ['S'],
  name: 'a',
  status,
  duration: 1,
  ...rest,
})
const fold = (...cases: Case[]) => {
  const { add, tests } = createFold()
  for (const each of cases) add(each)
  return tests
}

describe('runs of one name become tests', () => {
  const p = 'passed'
  const f = 'failed'
  const s = 'skipped'
  test.each<[runs: Status[], tests: string[]]>([
    [[p], ['passed 1']],
    [[f], ['failed 1']],
    [[f, p], ['flaky 2']],
    [[f, f, p], ['flaky 3']],
    [[f, f], ['failed 2']],
    [[p, f], ['failed 2']],
    [[f, p, f], ['failed 3']],
    [
      [p, p],
      ['passed 1', 'passed 1'],
    ],
    [[f, s], ['failed 2']],
    [
      [s, f],
      ['skipped 1', 'failed 1'],
    ],
    [
      [s, p],
      ['skipped 1', 'passed 1'],
    ],
    [
      [p, s],
      ['passed 1', 'skipped 1'],
    ],
  ])('%j', (runs, expected) => {
    const tests = fold(...runs.map(status => run(status)))
    expect(
      tests.map(({ status, flaky, attempts }) => `${flaky ? 'flaky' : status} ${attempts.length}`),
    ).toEqual(expected)
  })
})

test('another file or suite is another test', () => {
  const tests = fold(
    run('failed', { file: 'a' }),
    run('passed', { file: 'b' }),
    run('passed', { suite: ['T'] }),
  )
  expect(tests.map(({ status }) => status)).toEqual(['failed', 'passed', 'passed'])
})

test('a flaky test keeps its failure among the attempts, not as its own', () => {
  const [flaky] = fold(run('failed', { message: 'm', trace: 't' }), run('passed'))
  expect(flaky).toEqual({
    suite: ['S'],
    name: 'a',
    status: 'passed',
    duration: 1,
    flaky: true,
    attempts: [
      { status: 'failed', duration: 1, message: 'm', trace: 't' },
      { status: 'passed', duration: 1 },
    ],
  })
})

test('a run in which everything fails does not keep every stack', () => {
  const trace = 'x'.repeat(16_000)
  const tests = fold(
    ...Array.from({ length: 5000 }, (_, at) => run('failed', { name: `t${at}`, message: 'm', trace })),
  )
  expect(tests).toHaveLength(5000)
  expect(tests.filter(each => each.trace !== undefined).length).toBeLessThan(1100)
  expect(tests.at(-1)).toMatchObject({ message: 'm' })
})
