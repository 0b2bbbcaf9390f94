import { expect, test } from '@jest/globals'
import { recordingHost } from '@gitops-relay/testing'
import { annotate } from './annotate.ts'
import type { Group } from './findings.ts'

const group = (line: number | undefined, ...tests: string[]): Group => ({
  finding: {
    file: line === undefined ? undefined : 'a.js',
    line,
    column: undefined,
    severity: 'error',
    message: 'first\nsecond',
    cause: 'first',
  },
  tests,
})

test('a place is given only where there is a line, and others of the cause are counted', async () => {
  await using host = await recordingHost()
  annotate([group(3, 'S > a'), group(4, 'S > b', 'S > c'), group(undefined, 'S > d')], host.log)
  expect(host.annotations).toEqual([
    { level: 'error', text: 'first\nsecond', place: { file: 'a.js', line: 3, title: 'S > a' } },
    { level: 'error', text: 'first\nsecond', place: { file: 'a.js', line: 4, title: 'S > b (and 1 more)' } },
    { level: 'error', text: 'S > d: first\nsecond' },
  ])
})

test('one of the ten errors of a step is left for the step itself', async () => {
  await using host = await recordingHost()
  annotate(
    Array.from({ length: 12 }, (_, at) => group(at + 1, `t${at}`)),
    host.log,
  )
  expect(host.annotations).toHaveLength(9)
  expect(host.lines.at(-1)).toBe('3 more causes of failures are in the summary.')
})
