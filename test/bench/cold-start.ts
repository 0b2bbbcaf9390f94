// From the start of an action's process to its first useful call: what a workflow pays for each step before anything happens.
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loopback, runAction, temporaryDirectory, type RunActionOptions } from '@gitops-relay/testing'
import { median, type Bench } from './bench.ts'

const ROUNDS = 15
/** Milliseconds above an empty process of Node 24. */
const GOAL = 65

/** What each action is given, so that it calls a program or a server as soon as it can. */
const cases: Record<string, Record<string, string>> = {
  build: { command: 'first-call' },
  test: { command: 'first-call' },
  'push-image': { images: '{host}/acme/shop', layers: 'app:/app', tags: 'one' },
  'bump-manifest': { repository: 'acme/config', token: 'x', files: 'a.yaml', path: 'a', value: 'b' },
  'wait-for-sync': {
    commit: '1'.repeat(40),
    repository: 'acme/config',
    'argocd-server': 'http://{host}',
    'argocd-token': 'x',
    changes: '[]',
  },
}

export const bench: Bench = {
  title: 'Cold start: milliseconds above an empty Node 24 process, to the first useful call',
  async run() {
    await using directory = await temporaryDirectory()
    await using place = await firstCalls(directory.path)
    const empty: number[] = []
    const found = new Map(Object.keys(cases).map(name => [name, [] as number[]]))
    for (let round = 0; round < ROUNDS; round++) {
      await using nothing = await runAction({ action: 'build', entry: place.empty })
      empty.push(nothing.duration)
      for (const [name, samples] of found) samples.push(await place.timeTo(name))
    }
    const base = median(empty)
    const rows = [...found].map(([name, samples]) => {
      const above = median(samples) - base
      return [name, above.toFixed(0), (Math.min(...samples) - Math.min(...empty)).toFixed(0), above <= GOAL]
    })
    return {
      columns: ['action', 'median', 'fastest', `within ${GOAL} ms`],
      rows,
      notes: [
        `An empty process takes ${base.toFixed(0)} ms. ${ROUNDS} rounds, one case after the other in each.`,
      ],
    }
  },
}

/** A program and a server that note when they were first called, and refuse. */
async function firstCalls(directory: string) {
  const note = join(directory, 'called')
  const program = `#!/bin/bash\n[ -e '${note}' ] || echo "$EPOCHREALTIME" > '${note}'\nexit 1\n`
  for (const name of ['git', 'node', 'first-call']) {
    await writeFile(join(directory, name), program)
    await chmod(join(directory, name), 0o755)
  }
  const empty = join(directory, 'empty.mjs')
  await writeFile(empty, '')
  const workspace = join(directory, 'workspace')
  await mkdir(workspace)
  await writeFile(join(workspace, 'app'), 'x'.repeat(1000))
  let asked = Infinity
  const server = await loopback(() => {
    asked = Math.min(asked, performance.timeOrigin + performance.now())
    return Promise.resolve({ status: 404 })
  })
  return {
    empty,
    async timeTo(name: string): Promise<number> {
      await rm(note, { force: true })
      asked = Infinity
      const options: RunActionOptions = {
        action: name,
        workspace,
        inputs: Object.fromEntries(
          Object.entries(cases[name] ?? {}).map(([key, value]) => [
            key,
            value.replace('{host}', server.host),
          ]),
        ),
        env: { PATH: `${directory}:${process.env['PATH'] ?? ''}` },
      }
      await using run = await runAction(options)
      const started = Number(await readFile(note, 'utf8').catch(() => 'Infinity')) * 1000
      const at = Math.min(asked, started)
      if (!Number.isFinite(at)) throw new Error(`${name} made no call:\n${run.log}`)
      return at - run.startedAt
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}
