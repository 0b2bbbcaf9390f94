import { describe, expect, test } from '@jest/globals'
import { Ajv } from 'ajv'
import { createFold } from '../fold.ts'
import { outline, read } from '../samples.ts'
import type { Case } from '../types.ts'
import { writeCtrf } from './write.ts'

// The fields of CTRF's schema (draft 07 of github.com/ctrf-io/ctrf) that concern results; it allows no others.
const text = { type: 'string' }
const whole = { type: 'integer' }
const status = { enum: ['passed', 'failed', 'skipped', 'pending', 'other'] }
const object = (required: Record<string, object>, optional: Record<string, object> = {}) => ({
  type: 'object',
  required: Object.keys(required),
  properties: { ...required, ...optional },
  additionalProperties: false,
})
const validate = new Ajv().compile(
  object(
    {
      reportFormat: { const: 'CTRF' },
      specVersion: { type: 'string', pattern: '^[0-9]+\\.[0-9]+\\.[0-9]+$' },
      results: object({
        tool: object({ name: { type: 'string', minLength: 1 } }, { version: text }),
        summary: object(
          {
            tests: whole,
            passed: whole,
            failed: whole,
            skipped: whole,
            pending: whole,
            other: whole,
            start: whole,
            stop: whole,
          },
          { flaky: whole, suites: whole, duration: whole },
        ),
        tests: {
          type: 'array',
          items: object(
            { name: { type: 'string', minLength: 1 }, status, duration: whole },
            {
              suite: { type: 'array', minItems: 1, items: text },
              message: text,
              trace: text,
              line: whole,
              filePath: text,
              retries: whole,
              flaky: { type: 'boolean' },
              retryAttempts: {
                type: 'array',
                items: object(
                  { attempt: { type: 'integer', minimum: 1 }, status },
                  { duration: whole, message: text, trace: text, line: whole },
                ),
              },
            },
          ),
        },
      }),
    },
    { timestamp: text, generatedBy: text },
  ),
)

const run = {
  tool: 'node:test',
  start: 1_700_000_000_000.4,
  stop: 1_700_000_003_000,
  timestamp: '2026-01-02T03:04:05.000Z',
}
const cases: Case[] = [
  { suite: [], name: 'a', status: 'passed', duration: 1.4 },
  {
    suite: ['S', 'T'],
    name: 'b "quoted" \u2028',
    status: 'failed',
    duration: undefined,
    message: 'm',
    trace: 't\n u',
    file: 'a.js',
    line: 3,
  },
  { suite: ['S'], name: 'c', status: 'failed', duration: 2, message: 'first' },
  { suite: ['S'], name: 'c', status: 'passed', duration: 2 },
  { suite: ['S'], name: 'd', status: 'skipped', duration: 0, message: 'why' },
]

function written(found: readonly Case[]): string {
  const fold = createFold()
  for (const each of found) fold.add(each)
  return [...writeCtrf(fold.tests, run)].join('')
}

test.each([
  ['a run', cases],
  ['a run without tests', []],
])('%s is valid by the schema', (_, found) => {
  validate(JSON.parse(written(found)))
  expect(validate.errors).toBeNull()
})

test('what was written reads as what it was', async () => {
  const report = await read(written(cases))
  expect(outline(report)).toEqual([
    'a: passed',
    'S > T > b "quoted" \u2028: failed',
    'S > c: ~passed',
    'S > d: skipped',
  ])
  expect(report.tests[1]).toMatchObject({ file: 'a.js', line: 3, message: 'm', trace: 't\n u' })
  expect(report.tests[2]?.attempts).toMatchObject([
    { status: 'failed', message: 'first' },
    { status: 'passed' },
  ])
  expect(JSON.parse(written(cases)).results.summary).toMatchObject({
    tests: 4,
    passed: 2,
    failed: 1,
    skipped: 1,
    flaky: 1,
  })
})

const report = (tests: string) =>
  `{"reportFormat":"CTRF","specVersion":"0.0.0","results":{"tool":{"name":"x"},"tests":[${tests}]}}`

describe('what others write', () => {
  test.each<[what: string, tests: string, outlined: string[]]>([
    ['suite as text', '{"name":"a","status":"passed","duration":1,"suite":"S"}', ['S > a: passed']],
    ['pending is skipped', '{"name":"a","status":"pending","duration":1}', ['a: skipped']],
    ['other is no proof', '{"name":"a","status":"other","duration":1}', ['a: failed']],
    [
      'the last run among the attempts',
      '{"name":"a","status":"passed","duration":1,"retryAttempts":[{"attempt":1,"status":"failed"},{"attempt":2,"status":"passed"}]}',
      ['a: ~passed'],
    ],
    [
      'only the earlier runs',
      '{"name":"a","status":"passed","duration":1,"retryAttempts":[{"attempt":1,"status":"failed"}]}',
      ['a: ~passed'],
    ],
    ['a test that is none', '{"name":3},{"name":"a","status":"passed"}', ['a: passed', 'report-unreadable']],
    ['no test', '', []],
  ])('%s', async (_, tests, outlined) => {
    expect(outline(await read(report(tests)))).toEqual(outlined)
  })
})
