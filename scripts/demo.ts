// `npm run demo [-- --break test|push|sync]`: carries a change of the shop from a commit to live, on this machine alone.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runWorkflow, terminalReporter, type WorkflowRun } from '@gitops-relay/local-runner'
import { standInLabel } from '@gitops-relay/testing'
import { ARGOCD_TOKEN, openShop, TOKEN } from '../test/e2e/shop.ts'
import { root } from './actions.ts'

const { values } = parseArgs({
  options: { break: { type: 'string' }, verbose: { type: 'boolean', default: false } },
})
const breaks = ['test', 'push', 'sync']
if (values.break !== undefined && !breaks.includes(values.break)) {
  console.error(`--break is ${JSON.stringify(values.break)}. Write one of: ${breaks.join(', ')}.`)
  process.exit(2)
}

const say = (text: string) => process.stdout.write(`${text}\n`)
const color = process.stdout.isTTY && !process.env['NO_COLOR']
const heading = (text: string) => say(color ? `\n\x1b[1m${text}\x1b[0m` : `\n${text}`)
const stop = new AbortController()
process.once('SIGINT', () => stop.abort())

await using shop = await openShop({ log: line => values.verbose && say(`    ${line}`) })
heading('A shop, its config repository over HTTP, a registry, and a controller')
say(`  git       ${shop.git.origin}`)
say(`  registry  http://${shop.images.host}`)
say(`  Argo CD   ${shop.controller.url}  ${standInLabel}`)
await prepareFailure(values.break)

heading('workflows-examples/quickstart.yml on a push to main')
const first = await deliver()
heading('What the config repository got')
say(await shop.git.git('acme/shop-config', 'log', '-1', '-p', '--format=%h %s', 'main'))
if (first.conclusion === 'success') {
  show('digest  ', first, 'image', 'push')
  heading('The same commit again: nothing to do, and still proven')
  await deliver()
}
heading(first.conclusion === 'success' ? 'Live.' : `Red, as it has to be: ${reasonOf(first)}`)
const wanted = values.break === undefined ? 'success' : 'failure'
process.exitCode = first.conclusion === wanted ? (wanted === 'success' ? 0 : 1) : 2

async function deliver(): Promise<WorkflowRun> {
  return runWorkflow({
    workflow: join(root, 'workflows-examples', 'quickstart.yml'),
    root: shop.workspace,
    sha: await shop.sh('git', 'rev-parse', 'HEAD'),
    repository: 'acme/shop',
    serverUrl: shop.git.origin,
    secrets: { CONFIG_TOKEN: TOKEN, ARGOCD_TOKEN },
    vars: { REGISTRY: shop.images.host, ARGOCD_SERVER: shop.controller.url },
    actions: { 'gitops-relay/gitops-relay': root },
    listener: terminalReporter({
      write: text => process.stdout.write(text),
      color,
      live: color && !process.env['CI'],
      verbose: values.verbose,
    }),
    signal: stop.signal,
  })
}

/** The three failures that a user will meet. */
async function prepareFailure(link: string | undefined): Promise<void> {
  if (link === 'test') {
    const broken = `import assert from 'node:assert/strict'\nimport { test } from 'node:test'\nimport { total } from '../src/catalog.js'\n\ntest('apples are free', () => {\n  assert.equal(total({ apple: 1 }), 0)\n})\n`
    await writeFile(join(shop.workspace, 'test', 'free-apples.test.js'), broken)
    await shop.commit('shop: expect free apples')
  }
  if (link === 'push') shop.images.fail({ match: '/blobs/', kind: 'status', status: 403, times: 1000 })
  if (link === 'sync') shop.controller.setScenario('shop-staging', 'sync-failed')
}

function show(label: string, { jobs }: WorkflowRun, job: string, step: string): void {
  const found = jobs.find(({ id }) => id === job)?.steps.find(({ id }) => id === step)
  say(`${label}${found?.outputs['digest'] ?? ''}`)
}

function reasonOf({ jobs }: WorkflowRun): string {
  const failed = jobs.flatMap(({ steps }) => steps).find(({ conclusion }) => conclusion === 'failure')
  return failed?.outputs['reason'] ?? ''
}
