import { describe, expect, test } from '@jest/globals'
import { outline, read } from '../samples.ts'

describe('what a line says is what is counted', () => {
  test.each<[what: string, tap: string, outlined: string[]]>([
    ['a pass and a failure', '1..2\nok 1 - a\nnot ok 2 - b\n', ['a: passed', 'b: failed']],
    ['a plan at the end', 'ok 1 a\n1..1\n', ['a: passed']],
    ['no description', 'ok 1\nnot ok 2\n1..2\n', ['test 1: passed', 'test 2: failed']],
    ['a skip with its reason', '1..1\nok 1 - a # SKIP no network\n', ['a: skipped']],
    ['skipped, in any case', '1..1\nok 1 - a # skipped: no\n', ['a: skipped']],
    ['a failing skip', '1..1\nnot ok 1 - a # SKIP\n', ['a: skipped']],
    ['a failing TODO', '1..1\nnot ok 1 - a # TODO later\n', ['a: skipped']],
    ['a passing TODO', '1..1\nok 1 - a # TODO done\n', ['a: skipped']],
    ['an escaped number sign', '1..1\nok 1 - issue \\# TODO is text\n', ['issue # TODO is text: passed']],
    ['everything skipped', '1..0 # SKIP not here\n', []],
    ['a failure and its retry', 'not ok 1 - a\nok 2 - a\n1..2\n', ['a: ~passed']],
    ['missing tests', '1..3\nok 1 - a\n', ['a: passed', 'report-truncated']],
    ['more tests than planned', '1..1\nok 1 - a\nok 2 - b\n', ['a: passed', 'b: passed', 'report-truncated']],
    ['no plan', 'TAP version 13\nok 1 - a\n', ['a: passed', 'report-truncated']],
    [
      'two reports in one',
      'TAP version 13\n1..1\nok 1 - a\nTAP version 13\n1..1\nok 1 - b\n',
      ['a: passed', 'b: passed'],
    ],
    ['a block of subtests', 'ok 1 - a {\n    ok 1 - x\n    1..1\n}\n1..1\n', ['a > x: passed']],
    ['a bail out', '1..2\nok 1 - a\nBail out! no database\n', ['a: passed', 'report-truncated']],
    ['other output', 'TAP version 13\nhello\n# a comment\nok 1 - a\n1..1\n# tests 1\n', ['a: passed']],
    ['Windows', 'TAP version 14\r\nok 1 - a\r\n1..1\r\n', ['a: passed']],
    [
      'subtests are counted, their sum is not',
      'TAP version 14\n# Subtest: outer\n    ok 1 - x\n    not ok 2 - y\n    1..2\nnot ok 1 - outer\n1..1\n',
      ['outer > x: passed', 'outer > y: failed'],
    ],
    [
      'a parent that fails by itself',
      '# Subtest: outer\n    ok 1 - x\n    1..1\nnot ok 1 - outer\n1..1\n',
      ['outer > x: passed', 'outer: failed'],
    ],
    [
      'two levels and a neighbour',
      '# Subtest: a\n    # Subtest: b\n        ok 1 - c\n        1..1\n    ok 1 - b\n    1..1\nok 1 - a\nok 2 - d\n1..2\n',
      ['a > b > c: passed', 'd: passed'],
    ],
    [
      'missing tests in a subtest',
      '# Subtest: a\n    1..2\n    ok 1 - x\nok 1 - a\n1..1\n',
      ['a > x: passed', 'report-truncated'],
    ],
    [
      'results inside of details are not results',
      'not ok 1 - a\n  ---\n  not ok 2 - b\n  ...\n1..1\n',
      ['a: failed'],
    ],
    ['details that do not end', '1..1\nnot ok 1 - a\n  ---\n  error: x\n', ['a: failed', 'report-truncated']],
  ])('%s', async (_, tap, outlined) => {
    expect(outline(await read(tap))).toEqual(outlined)
  })
})

test('details of node:test give message, stack, place and time', async () => {
  const tap = `TAP version 13
not ok 1 - adds
  ---
  duration_ms: 1.5
  location: '/work/app/test/a.test.js:3:1'
  failureType: 'testCodeFailure'
  error: |-
    Expected values to be strictly equal:
    1 !== 2
  code: 'ERR_ASSERTION'
  stack: |-
    TestContext.<anonymous> (file:///work/app/test/a.test.js:4:10)
  ...
1..1
`
  for (const size of [1, 5, 65_536]) {
    const { tests, problems } = await read(tap, size)
    expect(problems).toEqual([])
    expect(tests[0]).toMatchObject({
      name: 'adds',
      file: '/work/app/test/a.test.js',
      line: 3,
      duration: 1.5,
      message: 'Expected values to be strictly equal:\n1 !== 2',
      trace: 'TestContext.<anonymous> (file:///work/app/test/a.test.js:4:10)',
    })
  }
})
