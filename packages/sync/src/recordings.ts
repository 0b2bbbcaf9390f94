// The recordings of real controllers in ../test/traces, as observations; for tests.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readApplication } from './argocd/application.ts'
import { readContainers, readTree } from './argocd/tree.ts'
import type { Goal, Observation } from './types.ts'

export interface Recording {
  scenario: string
  /** The right verdict, and why. */
  verdict: string
  why: string
  goal: Goal
  observations: Observation[]
}

interface Header {
  scenario: string
  verdict: string
  why: string
  commit: string
  previousCommit: string
  newerCommits: { sha: string; keepsOurImage: boolean }[]
  application: string
  /** What the commit deploys, with its digest. */
  image: string
  changedFiles?: string[]
}

interface Line {
  t: number
  source: string
  type: string
  object: { metadata?: { resourceVersion?: string }; canSync?: boolean; activeWindows?: unknown[] }
}

const FOLDER = fileURLToPath(new URL('../test/traces/', import.meta.url))

/** The push of our commit, on a clock of our own. */
export const PUSHED = Date.UTC(2030, 0, 1)

export function readRecordings(): Recording[] {
  const files = readdirSync(FOLDER).filter(file => file.endsWith('.jsonl'))
  return files.sort().map(file => readRecording(readFileSync(FOLDER + file, 'utf8')))
}

function readRecording(text: string): Recording {
  const [header, ...lines]: [Header, ...Line[]] = JSON.parse(`[${text.trim().replaceAll('\n', ',')}]`)
  const { scenario, verdict, why, commit, previousCommit, newerCommits, application, image, changedFiles } =
    header
  const observations = lines.flatMap(line => observe(line, application))
  const answers: Observation[] = newerCommits.map(({ sha, keepsOurImage }) => ({
    kind: 'revision',
    at: PUSHED,
    revision: sha,
    relation: 'newer',
    value: keepsOurImage ? 'kept' : 'reverted',
  }))
  answers.push({ kind: 'revision', at: PUSHED, revision: previousCommit, relation: 'older' })
  const [repository = '', digest = ''] = image.split('@')
  const goal: Goal = {
    provider: 'argocd',
    commit,
    repository: 'http://127.0.0.1:18090/config.git',
    targets: [application],
    startedAt: PUSHED - 2000,
    deadline: PUSHED + 600_000,
    appearTimeout: 120_000,
    settle: 5000,
    degradedGrace: 30_000,
    refresh: true,
    onRetry: 'wait',
    onSuspended: 'fail',
    ...(digest === '' ? {} : { proof: { images: [{ repository, digest }], digests: [], required: true } }),
    ...(changedFiles === undefined ? {} : { changedFiles }),
  }
  return { scenario, verdict, why, goal, observations: [...observations, ...answers] }
}

function observe({ t, source, type, object }: Line, target: string): Observation[] {
  const at = PUSHED + t
  if (type.startsWith('HTTP 404')) return [{ kind: 'absent', at, target, cause: 'not-found' }]
  if (source === 'argocd.syncwindows') {
    return [
      { kind: 'windows', at, target, closed: object.canSync === false, detail: 'a deny window is active' },
    ]
  }
  if (source === 'argocd.tree.stream') return [{ kind: 'pods', at, target, pods: readTree(object) }]
  if (source === 'argocd.resource') return [{ kind: 'containers', at, target, ...readContainers(object) }]
  const version = object.metadata?.resourceVersion ?? ''
  if (source === 'argocd.refresh') return [{ kind: 'refreshed', at, target, version }]
  return [{ kind: 'application', at, target, version, state: readApplication(object).state }]
}
