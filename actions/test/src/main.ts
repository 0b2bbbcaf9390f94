// The story of the action.
import { createReadStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Host, Outcome } from '@gitops-relay/action-kit'
import { UserError } from '@gitops-relay/action-kit/user-error'
import { counts, createLocator, judge, readReport, type Problem, type Test } from '@gitops-relay/test-reports'
import { annotate } from './annotate.ts'
import { groupFailures, type Group } from './findings.ts'
import type { Inputs } from './inputs.ts'
import { planTests, type DetectedTests, type Plan } from './plan.ts'
import { expectReports } from './report-files.ts'
import { planned, report } from './report.ts'
import type { Runner } from './runner.ts'
import { readSourceIndex } from './source-index.ts'
import { writeReport } from './write-report.ts'

export interface Collaborators {
  runner: Runner
  /** The test commands of the toolchains. Thrown: UserError where there are none, or none is certain. */
  detect: () => Promise<readonly DetectedTests[]>
  /** The texts of the project's scripts. */
  packageScripts: (directory: string) => Promise<readonly string[]>
  /** Milliseconds since the epoch. */
  now: () => number
}

/** Runs the tests and says what their reports prove. Thrown: UserError before anything ran, the signal's reason. */
export async function runTests(
  inputs: Inputs,
  host: Host,
  { runner, detect, packageScripts, now }: Collaborators,
  signal: AbortSignal,
): Promise<Outcome> {
  const detected = inputs.command === undefined ? await detect() : []
  const plan = planTests(inputs, detected, await packageScripts(inputs.directory))
  if (inputs.dryRun) return planned(plan)
  await install(plan, runner, signal)

  const injected = join(await host.temporaryDirectory(), 'reports')
  await mkdir(injected, { recursive: true })
  const globs = plan.reportPaths.length > 0 ? plan.reportPaths : [join(injected, '*.xml')]
  const start = now()
  const reports = await expectReports(inputs.directory, globs, plan.commands.length === 0 ? undefined : start)
  const ending = await runner.test(plan, injected, signal)
  const stop = now()

  const { fresh, stale } = await reports()
  const { tests, problems } = await readAll(fresh, inputs.directory)
  const { minTests, failOnFlaky } = inputs
  const judgement = judge({
    counts: counts(tests),
    command: ending,
    reports: fresh.length,
    problems,
    minTests,
    failOnFlaky,
  })
  const groups = await groupAll(tests, inputs, host, runner, signal)
  if (inputs.annotations) annotate(groups, host.log)
  const reportPath = await writeReport(tests, host.runnerTemp, { tool: 'gitops-relay test', start, stop })
  return report({ judgement, tests, groups, ending, stale: stale.length, duration: stop - start, reportPath })
}

async function install({ install: step }: Plan, runner: Runner, signal: AbortSignal): Promise<void> {
  if (step === undefined) return
  const { status, signal: by } = await runner.install(step, signal)
  if (status === 0) return
  const sentence = `"install-command" ended ${by === undefined ? `with exit code ${status}` : `by ${by}`}.`
  throw new UserError('command-failed', sentence, 'Its last lines are in the log.')
}

/** The reports one after the other; a problem names its report. */
async function readAll(
  paths: readonly string[],
  directory: string,
): Promise<{ tests: Test[]; problems: (Problem & { report: string })[] }> {
  const tests: Test[] = []
  const problems: (Problem & { report: string })[] = []
  for (const path of paths) {
    const name = relative(directory, path)
    try {
      const read = await readReport(createReadStream(path))
      for (const test of read.tests) tests.push(test)
      problems.push(...read.problems.map(problem => ({ ...problem, report: name })))
    } catch (error) {
      problems.push({
        report: name,
        code: 'report-unreadable',
        sentence: `It cannot be read: ${String(error)}.`,
      })
    }
  }
  return { tests, problems }
}

/** Sources are looked at only when something failed. */
async function groupAll(
  tests: readonly Test[],
  { directory }: Inputs,
  { workspace }: Host,
  { execute, env }: Runner,
  signal: AbortSignal,
): Promise<readonly Group[]> {
  const failures = tests.filter(({ status }) => status === 'failed')
  if (failures.length === 0) return []
  const sources = await readSourceIndex(workspace, directory, execute, env, signal)
  return groupFailures(failures, createLocator(sources))
}
