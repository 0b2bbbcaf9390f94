// A whole workflow, from its file to how it ended.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { githubContext } from './context.ts'
import { loadWorkflow } from './grammar.ts'
import { runJobs, worst } from './jobs.ts'
import type { RunOptions, WorkflowRun } from './types.ts'

/** Thrown: Error for a workflow that is not valid, or that needs what this machine cannot do. */
export async function runWorkflow(options: RunOptions): Promise<WorkflowRun> {
  const workflow = await loadWorkflow(options.workflow)
  const name = workflow.name ?? options.workflow
  const directory = await mkdtemp(join(tmpdir(), 'run-'))
  try {
    const github = await githubContext(options, directory, name)
    const done = await runJobs(workflow, options, {
      github,
      env: {},
      vars: options.vars ?? {},
      secrets: { GITHUB_TOKEN: github['token'], ...options.secrets },
      inputs: options.inputs ?? {},
    })
    const ended = [...done.values()]
    const results = ended.map(({ result }) => ({ conclusion: result }))
    return {
      name,
      jobs: ended.flatMap(({ runs }) => runs),
      conclusion: worst(results.filter(({ conclusion }) => conclusion !== 'skipped')),
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
