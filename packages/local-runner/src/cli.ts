// `npm run workflow -- FILE [--event push] [--job name] [--secret K=V] [--var K=V] [--input K=V] [--list] [--verbose]`
import { execFileSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { loadWorkflow } from './grammar.ts'
import { runWorkflow, terminalReporter } from './index.ts'

/** `K=V`; with `K` alone the value comes from the environment, so that it stands in no list of processes. */
function pairs(option: string, given: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    given.map(pair => {
      const at = pair.indexOf('=')
      const value = at < 0 ? process.env[pair] : pair.slice(at + 1)
      if (value === undefined || at === 0)
        throw new Error(
          `--${option} is ${JSON.stringify(pair)}. Write name=value, or the name of a variable that is set.`,
        )
      return [at < 0 ? pair : pair.slice(0, at), value]
    }),
  )
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      event: { type: 'string', default: 'push' },
      job: { type: 'string' },
      secret: { type: 'string', multiple: true, default: [] },
      var: { type: 'string', multiple: true, default: [] },
      input: { type: 'string', multiple: true, default: [] },
      root: { type: 'string', default: process.cwd() },
      repository: { type: 'string', default: 'acme/shop' },
      list: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
    },
  })
  const [file, ...more] = positionals
  if (file === undefined || more.length > 0)
    throw new Error('Name one workflow file, such as workflows-examples/quickstart.yml.')
  const workflow = resolve(file)
  if (values.list) {
    const { jobs } = await loadWorkflow(workflow)
    for (const [id, { name }] of Object.entries(jobs)) console.log(name === undefined ? id : `${id}  ${name}`)
    return 0
  }
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  const root = resolve(values.root)
  const run = await runWorkflow({
    workflow,
    root,
    sha: execFileSync('git', ['rev-parse', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim(),
    event: { name: values.event },
    repository: values.repository,
    secrets: pairs('secret', values.secret),
    vars: pairs('var', values.var),
    inputs: pairs('input', values.input),
    actions: { 'gitops-relay/gitops-relay': join(import.meta.dirname, '../../..') },
    listener: terminalReporter({
      write: text => process.stdout.write(text),
      color: process.stdout.isTTY && !process.env['NO_COLOR'],
      live: process.stdout.isTTY && !process.env['CI'],
      verbose: values.verbose,
    }),
    signal: stop.signal,
    ...(values.job === undefined ? {} : { job: values.job }),
  })
  console.log(`\n${run.name}: ${run.conclusion}`)
  return run.conclusion === 'success' ? 0 : 1
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error))
  return 2
})
