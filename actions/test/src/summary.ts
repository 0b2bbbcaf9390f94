// The section of the step summary: totals first, failures next, the rest folded.
import { codeBlock, details, escapeMarkdown, inlineCode, table } from '@gitops-relay/action-kit'
import { counts, type Test } from '@gitops-relay/test-reports'
import { fullName, type Group } from './findings.ts'
import { textOf, type Plan } from './plan.ts'
import type { Run } from './report.ts'

const FAILURES = 50
const NAMES = 10
const SLOWEST = 5
const TRACE = 4000

export function summarise(run: Run): string {
  const { judgement, tests, groups, ending, stale, duration } = run
  const { total, passed, failed, skipped, flaky } = counts(tests)
  const { result, why } = judgement
  const row = [total, passed, failed, skipped, flaky].map(count => String(count))
  const isUnexplained = failed === 0 && why !== undefined && ending !== undefined && ending.tail.length > 0
  return [
    `### test: ${result}`,
    ...(why === undefined
      ? []
      : [
          `**${why.code}**: ${escapeMarkdown(failed > 0 ? why.sentence : `${why.sentence} ${why.remedy}`.trim())}`,
        ]),
    table(['tests', 'passed', 'failed', 'skipped', 'flaky', 'time'], [[...row, seconds(duration)]]),
    ...groups.slice(0, FAILURES).map(failureSection),
    ...(groups.length > FAILURES
      ? [`${groups.length - FAILURES} more causes of failures are in the report.`]
      : []),
    ...flakySection(tests.filter(test => test.flaky)),
    ...slowestSection(tests),
    ...(isUnexplained ? [details('Last lines of the output', codeBlock(ending.tail.join('\n')))] : []),
    ...(stale === 0 ? [] : [`Reports that are older than this run and were left out: ${stale}.`]),
  ]
    .map(part => part.trimEnd())
    .filter(part => part !== '')
    .join('\n\n')
}

function failureSection({ finding, tests }: Group): string {
  const { file, line, message } = finding
  const place = file === undefined ? '' : ` at ${inlineCode(`${file}:${line ?? ''}`)}`
  const [first = '', ...others] = tests
  const names = others.slice(0, NAMES).map(name => `- ${escapeMarkdown(name)}`)
  const more = others.length > NAMES ? [`- and ${others.length - NAMES} more`] : []
  const also = others.length === 0 ? [] : [['Of the same cause:', '', ...names, ...more].join('\n')]
  return [
    `✗ **${escapeMarkdown(first)}**${place}`,
    codeBlock(message.slice(0, TRACE)).trimEnd(),
    ...also,
  ].join('\n\n')
}

function flakySection(tests: readonly Test[]): string[] {
  if (tests.length === 0) return []
  const rows = tests.slice(0, FAILURES).map(test => {
    const message = test.attempts.find(({ status }) => status === 'failed')?.message?.split('\n', 1)[0] ?? ''
    return [escapeMarkdown(fullName(test)), String(test.attempts.length), escapeMarkdown(message)]
  })
  return [details(`${tests.length} flaky`, table(['test', 'runs', 'first failure'], rows))]
}

function slowestSection(tests: readonly Test[]): string[] {
  const slowest: Test[] = []
  for (const test of tests) {
    const isSlow = slowest.length < SLOWEST || (test.duration ?? 0) > (slowest.at(-1)?.duration ?? 0)
    if (!isSlow || (test.duration ?? 0) < 100) continue
    slowest.push(test)
    slowest.sort((one, other) => (other.duration ?? 0) - (one.duration ?? 0)).splice(SLOWEST)
  }
  if (slowest.length === 0) return []
  const rows = slowest.map(test => [escapeMarkdown(fullName(test)), seconds(test.duration ?? 0)])
  return [details('Slowest', table(['test', 'time'], rows))]
}

export function summarisePlan({ install, commands, reportPaths }: Plan): string {
  const rows = install === undefined ? [] : [['install', inlineCode(textOf(install))]]
  for (const command of commands) rows.push(['test', inlineCode(textOf(command))])
  rows.push([
    'reports',
    reportPaths.length > 0 ? reportPaths.map(inlineCode).join(' ') : 'of node:test and jest, injected',
  ])
  return ['### test: planned', table(['step', 'command'], rows)].join('\n\n')
}

const seconds = (milliseconds: number): string =>
  `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 2 : 0)} s`
