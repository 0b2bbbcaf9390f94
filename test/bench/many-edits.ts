// Many places at once: the applications of an environment, and one file with all of them.
import { createRequire } from 'node:module'
import { gitServer, runAction, temporaryDirectory, type GitServer } from '@gitops-relay/testing'
import { measure, median, shell, type Bench, type Cost } from './bench.ts'

const ROUNDS = 5
const repo = 'acme/config'
const kustomization = (tag: string) =>
  `resources: [../base]\nimages:\n  - name: shop # all of them\n    newTag: "${tag}"\n`

/** A Deployment of about 3 kB, with a comment and quotes that are not the default. */
const deployment = (index: number, tag: string) => `---
kind: Deployment
metadata: { name: app-${index} }   # ${'owned by many '.repeat(3)}
spec:
  template:
    spec:
      containers:
        - name: app
          image: 'shop:${tag}'
          env:
${Array.from({ length: 40 }, (_, name) => `            - { name: "VARIABLE_${name}", value: "${'x'.repeat(25)}" }\n`).join('')}`

interface Case {
  name: string
  files: (tag: string) => Record<string, string>
  pattern: string
}

const cases: Case[] = [
  {
    name: '90 applications',
    pattern: 'apps/*/kustomization.yaml',
    files: tag =>
      Object.fromEntries(
        Array.from({ length: 90 }, (_, index) => [
          `apps/app-${index}/kustomization.yaml`,
          kustomization(tag),
        ]),
      ),
  },
  {
    name: '1,000 places of one file of 3 MB',
    pattern: 'apps/all.yaml',
    files: tag => ({
      'apps/all.yaml': Array.from({ length: 1000 }, (_, index) => deployment(index, tag)).join(''),
    }),
  },
]

/** Reads, changes and prints by the library: what an author gets who wants to be sure of the structure. */
const byLibrary = `
  const { readFileSync, writeFileSync } = require('node:fs')
  const { parseAllDocuments } = require(process.env.YAML)
  for (const file of process.argv.slice(1)) {
    const documents = parseAllDocuments(readFileSync(file, 'utf8'))
    for (const document of documents) {
      const path = ['spec', 'template', 'spec', 'containers', 0, 'image']
      if (document.hasIn(path)) document.setIn(path, 'shop:' + process.env.TAG)
      else document.setIn(['images', 0, 'newTag'], process.env.TAG)
    }
    writeFileSync(file, documents.map(document => document.toString()).join(''))
  }
`

const ways: Record<string, (git: GitServer, of: Case, tag: string, home: string) => Promise<void>> = {
  async 'bump-manifest'(git, { pattern }, tag) {
    await using run = await runAction({
      action: 'bump-manifest',
      inputs: { repository: repo, branch: 'main', token: 'x', files: pattern, image: `shop:${tag}` },
      env: { GITHUB_SERVER_URL: git.origin },
    })
    if (run.outputs['result'] !== 'updated') throw new Error(run.log)
  },
  async 'clone, edit by a YAML library, push'(git, { pattern }, tag, home) {
    const script = `
      git clone -q --depth 1 "$URL" clone
      cd clone
      "$NODE" -e "$EDIT" $FILES
      git commit -q -am bump
      git push -q origin HEAD:main
    `
    const YAML = createRequire(import.meta.url).resolve('yaml')
    const given = {
      URL: git.url(repo),
      FILES: pattern,
      TAG: tag,
      EDIT: byLibrary,
      YAML,
      NODE: process.execPath,
    }
    await shell(script, given, home)
  },
}

/** Lines that the newest commit changed, a changed one counted once. */
async function changedLines(git: GitServer): Promise<number> {
  const stat = await git.git(repo, 'diff', '--numstat', 'main~1', 'main')
  return stat
    .trim()
    .split('\n')
    .reduce((sum, line) => sum + Math.max(...line.split('\t').slice(0, 2).map(Number)), 0)
}

export const bench: Bench = {
  title: 'Many values in one commit over HTTP',
  async run() {
    await using home = await temporaryDirectory()
    const rows: (string | number)[][] = []
    for (const of of cases) {
      let ours = 0
      for (const [name, way] of Object.entries(ways)) {
        await using git = await gitServer()
        await git.createRepository(repo, of.files('1.0'))
        const costs: (Cost & { lines: number })[] = []
        for (let round = 0; round < ROUNDS; round++) {
          const cost = await measure(git, () => way(git, of, `2.${round}`, home.path))
          costs.push({ ...cost, lines: await changedLines(git) })
        }
        const seconds = median(costs.map(cost => cost.seconds))
        if (ours === 0) ours = seconds
        rows.push([
          of.name,
          name,
          `${seconds.toFixed(2)} s`,
          `${(seconds / ours).toFixed(1)}×`,
          median(costs.map(cost => cost.requests)),
          (costs[0]?.lines ?? 0).toLocaleString('en'),
        ])
      }
    }
    return {
      columns: ['places', 'how', 'time', 'of ours', 'requests', 'changed lines'],
      rows,
      notes: [`Medians of ${ROUNDS} rounds on loopback; ours includes the start of its process.`],
    }
  },
}
