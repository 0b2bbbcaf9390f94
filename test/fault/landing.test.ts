// Every step of the protocol × every fault: exactly one commit, or an error that says which.
import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { gitRepository, land, repositoryUrl, type Head, type Proposal } from '@gitops-relay/config-repo'
import { createHttp } from '@gitops-relay/http'
import { systemClock } from '@gitops-relay/http/clock'
import { execute, scrubbedEnvironment } from '@gitops-relay/process'
import { gitServer, temporaryDirectory, type Fault } from '@gitops-relay/testing'
import { inLane } from '../lane.ts'

const file = 'apps/shop/overlays/staging/kustomization.yaml'
const TIMEOUT = 4000
const WRITERS = 4

/** The requests of one landing, in order; each is a step that can go wrong. */
const read = /POST .*git-upload-pack/
const advertised = /GET .*git-upload-pack/
const steps: Record<'wire' | 'git', [name: string, match: RegExp, after: number][]> = {
  wire: [
    ...['tip', 'commits', 'root', 'directory', 'subtree', 'file'].map(
      (name, after): [string, RegExp, number] => [name, read, after],
    ),
    ['offer', /GET .*git-receive-pack/, 0],
    ['push', /POST .*git-receive-pack/, 0],
  ],
  git: [
    ['refs', advertised, 0],
    ['tip', read, 0],
    ['commits', read, 1],
    ['refs again', advertised, 1],
    ['file', read, 2],
    ['offer', /GET .*git-receive-pack/, 0],
    ['push', /POST .*git-receive-pack/, 0],
  ],
}

const html = { body: '<html>Down for maintenance</html>', headers: { 'content-type': 'text/html' } }
const faults: Record<string, Fault> = {
  'reset after': { kind: 'drop-answer' },
  'torn answer': { kind: 'truncate' },
  '500': { kind: 'status', status: 500 },
  'a page': { kind: 'status', status: 200, ...html },
  ...inLane<Record<string, Fault>>(
    {},
    {
      'reset before': { kind: 'reset' },
      '429': { kind: 'status', status: 429, headers: { 'retry-after': '0' } },
      '403': { kind: 'status', status: 403 },
      'no byte after': { kind: 'drop-connection' },
      'past the deadline': { kind: 'delay', milliseconds: TIMEOUT + 1000 },
    },
  ),
}

interface Pair {
  way: 'wire' | 'git'
  step: (typeof steps)['wire'][number]
  fault: string
  times: number
}

const pairs = (['wire', 'git'] as const).flatMap(way =>
  steps[way].flatMap(step =>
    Object.keys(faults).flatMap(fault =>
      inLane([1], [1, 3, 1000]).map((times): Pair => ({ way, step, fault, times })),
    ),
  ),
)

/** One landing under one fault. Empty where all is as promised, else what is not. */
async function verdictOf({ way, step: [, match, after], fault, times }: Pair): Promise<string> {
  await using server = await gitServer()
  await using directory = await temporaryDirectory()
  const base = await server.createRepository('config', { [file]: 'tag: 1 # keep\n', 'README.md': 'r\n' })
  const own = join(directory.path, 'repository')
  await mkdir(own)
  const repository = gitRepository({
    repository: repositoryUrl(server.url('config'), ''),
    branch: 'main',
    token: undefined,
    directory: own,
    http: way === 'wire' ? createHttp() : undefined,
    env: scrubbedEnvironment(process.env, []),
    execute,
    clock: systemClock,
  })
  const changeIds: string[] = []
  const propose = async (head: Head): Promise<Proposal<string>> => {
    const [found] = await head.files([{ paths: [file] }])
    const text = Buffer.from(found?.bytes ?? []).toString()
    if (text.includes('tag: 2')) return { result: 'unchanged' }
    const changeId = randomUUID()
    changeIds.push(changeId)
    const person = { name: 'Robot', mail: 'robot@test.invalid' }
    const message = `bump\n\nChange-Id: ${changeId}\n`
    const files = new Map([[file, text.replace('tag: 1', 'tag: 2')]])
    return { result: 'updated', draft: { files, message, changeId, author: person, committer: person } }
  }
  server.fail({ ...faults[fault], match, after, times } as Fault) // oxlint-disable-line no-unsafe-type-assertion -- of the table above
  const fight = {
    clock: systemClock,
    random: Math.random,
    signal: new AbortController().signal,
    timeout: TIMEOUT,
    say: () => {},
  }
  const ended = await land(repository, propose, fight).then(
    landed => ({ landed }),
    (error: unknown) => ({ error: error instanceof Error ? error : new Error(String(error)) }),
  )
  const log = await server.log('config', 'main')
  const ours = log.filter(({ message }) => changeIds.some(id => message.includes(`Change-Id: ${id}`)))
  if (log.length !== ours.length + 1 || log.at(-1)?.sha !== base)
    return `the branch has ${log.length} commits`
  if (ours.length > 1) return 'landed twice'
  if ('landed' in ended) {
    const { result, commit } = ended.landed
    if (result !== 'updated') return `says ${result}`
    if (ours[0]?.sha !== commit) return `says ${commit}, and ${ours[0]?.sha} is there`
    return (await server.read('config', 'main', file)) === 'tag: 2 # keep\n' ? '' : 'the file is wrong'
  }
  const { error } = ended
  if (error.name !== 'UserError') return `a bug: ${error.stack}`
  const isUnknown = error.message.includes('is not known')
  return ours.length === 1 && !isUnknown ? `landed, and says: ${error.message}` : ''
}

test(`${pairs.length} pairs of a step and a fault: one commit, or a failure that says so`, async () => {
  const waiting = [...pairs]
  const wrong: string[] = []
  const work = async () => {
    for (let pair = waiting.shift(); pair !== undefined; pair = waiting.shift()) {
      const verdict = await verdictOf(pair)
      if (verdict !== '') wrong.push(`${pair.way}, ${pair.step[0]}, ${pair.fault} ×${pair.times}: ${verdict}`)
    }
  }
  await Promise.all(Array.from({ length: WRITERS }, work))
  expect(wrong).toEqual([])
}, 1_200_000)
