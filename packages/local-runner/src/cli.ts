// `npm run workflow -- workflows-examples/quickstart.yml [--event push] [--secret K=V] [--var K=V] [--job name] [--verbose]`
import { execFileSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { runWorkflow, terminalReporter } from './index.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    event: { type: 'string', default: 'push' },
    secret: { type: 'string', multiple: true, default: [] },
    var: { type: 'string', multiple: true, default: [] },
    job: { type: 'string' },
    root: { type: 'string', default: process.cwd() },
    repository: { type: 'string', default: 'acme/shop' },
    verbose: { type: 'boolean', default: false },
  },
})
const [workflow] = positionals
if (workflow === undefined) {
  console.error('Name a workflow file, such as workflows-examples/quickstart.yml.')
  process.exit(2)
}
const pairs = (list: readonly string[]) =>
  Object.fromEntries(list.map(pair => [pair.split('=')[0] ?? '', pair.slice(pair.indexOf('=') + 1)]))
const stop = new AbortController()
process.once('SIGINT', () => stop.abort())
const root = resolve(values.root)
const run = await runWorkflow({
  workflow: resolve(workflow),
  root,
  sha: execFileSync('git', ['rev-parse', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim(),
  event: { name: values.event },
  repository: values.repository,
  secrets: pairs(values.secret),
  vars: pairs(values.var),
  actions: { 'gitops-relay/gitops-relay': join(import.meta.dirname, '../../..') },
  listener: terminalReporter({
    write: text => process.stdout.write(text),
    color: process.stdout.isTTY,
    verbose: values.verbose,
  }),
  signal: stop.signal,
  ...(values.job === undefined ? {} : { job: values.job }),
})
console.log(`\n${run.name}: ${run.conclusion}`)
process.exit(run.conclusion === 'success' ? 0 : 1)
