import { expect, test } from '@jest/globals'
import { terminalReporter, type TerminalOptions } from './terminal.ts'
import type { JobRun, StepRun } from './types.ts'

const step = (name: string, more: Partial<StepRun> = {}): StepRun => ({
  id: '',
  name,
  outcome: 'success',
  conclusion: 'success',
  outputs: {},
  summary: '',
  annotations: [],
  log: [`log of ${name}`],
  duration: 1200,
  ...more,
})
const job = (steps: StepRun[], more: Partial<JobRun> = {}): JobRun => ({
  id: 'a',
  name: 'a',
  conclusion: 'success',
  outputs: {},
  steps,
  duration: 0,
  ...more,
})

function shown(steps: StepRun[], options: Partial<TerminalOptions> = {}): string {
  let text = ''
  const listen = terminalReporter({ write: more => void (text += more), color: false, ...options })
  listen({ kind: 'run-started', jobs: ['a', 'b'] })
  listen({ kind: 'job-started', job: 'a', steps: steps.map(({ name }) => name) })
  for (const one of steps) {
    listen({ kind: 'step-started', job: 'a', step: one.name })
    listen({ kind: 'step-ended', job: 'a', step: one })
  }
  listen({ kind: 'job-ended', job: job(steps) })
  listen({ kind: 'job-ended', job: job([], { name: 'b', conclusion: 'skipped' }) })
  return text
}

test('jobs and steps with their times; the log of what failed; summaries at the end', () => {
  const steps = [
    step('one', { summary: '### one: good\n\n| a | b |\n| --- | --- |\n| x\\_y | &#35;1 |\n' }),
    step('two', { conclusion: 'failure' }),
  ]
  expect(
    shown(steps)
      .split('\n')
      .map(line => line.trimEnd()),
  ).toEqual([
    'a',
    `  ✓ ${'one'.padEnd(56)} 1.2 s`,
    `  ✗ ${'two'.padEnd(56)} 1.2 s`,
    '      log of two',
    '',
    '### one: good',
    '',
    '| a | b |',
    '| x\\_y | #1 |',
    'b – skipped',
    '',
  ])
})

test('a terminal sees the running step turn, and nothing of it afterwards', () => {
  const text = shown([step('one')], { live: true })
  expect(text).toContain('⠋ one')
  expect(text).toContain('job 1/2, step 1/1')
  // Each piece behind an erased line takes the place of the one before it.
  const lines = text.split('\n').map(line => line.split('\r\x1b[K').at(-1))
  expect(lines.join('\n')).toBe(shown([step('one')]))
})

test('what GitHub would not show is counted', () => {
  const steps = Array.from({ length: 23 }, (_, index) => step(`s${index}`, { summary: `# ${index}\n` }))
  expect(shown(steps)).toMatch(/# 19\n\n3 more summaries/)
})
