// The recordings of real controllers in ../test/traces, as observations; for tests.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readApplication } from './argocd/application.ts'
import { readTree } from './argocd/tree.ts'
import type { Fields } from './fields.ts'
import { isOwned } from './flux/owner.ts'
import { nameOfObject, readFluxObject } from './flux/object.ts'
import { nameOf, readContainers, readPods } from './pods/read.ts'
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
  kustomization: string
  /** What the commit deploys, with its digest. */
  image?: string
  changedFiles?: string[]
}

interface Line {
  t: number
  source: string
  type: string
  object: Fields & { metadata?: { resourceVersion?: string }; canSync?: boolean; activeWindows?: unknown[] }
}

const FOLDER = fileURLToPath(new URL('../test/traces/', import.meta.url))

/** The push of our commit, on a clock of our own. */
export const PUSHED = Date.UTC(2030, 0, 1)

export function readRecordings(provider: Goal['provider']): Recording[] {
  const folder = `${FOLDER}${provider}/`
  return readdirSync(folder)
    .sort()
    .map(file => readRecording(readFileSync(folder + file, 'utf8'), provider))
}

function readRecording(text: string, provider: Goal['provider']): Recording {
  const [header, ...lines]: [Header, ...Line[]] = JSON.parse(`[${text.trim().replaceAll('\n', ',')}]`)
  const { scenario, verdict, why, commit, previousCommit, newerCommits, image, changedFiles } = header
  const target =
    provider === 'argocd' ? header.application : `Kustomization/flux-system/${header.kustomization}`
  const observations =
    provider === 'argocd' ? lines.flatMap(line => observe(line, target)) : observeFlux(lines, target)
  const answers: Observation[] = newerCommits.map(({ sha, keepsOurImage }) => ({
    kind: 'revision',
    at: PUSHED,
    revision: sha,
    relation: 'newer',
    value: keepsOurImage ? 'kept' : 'reverted',
  }))
  answers.push({ kind: 'revision', at: PUSHED, revision: previousCommit, relation: 'older' })
  const [repository = '', digest = ''] = (image ?? '').split('@')
  const goal: Goal = {
    provider,
    commit,
    repository: 'http://127.0.0.1:18090/config.git',
    targets: [target],
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

/** What a watch of each kind brings; the pods are told anew with each change of them or of what they belong to. */
function observeFlux(lines: readonly Line[], target: string): Observation[] {
  const workloads = new Map<string, Fields>()
  const releases = new Set<string>()
  const isFirst = (name: string) => lines.find(({ object }) => object && nameOfObject(object) === name)
  const absent: Observation[] =
    isFirst(target)?.type === 'INITIAL'
      ? []
      : [{ kind: 'absent', at: PUSHED - 1500, target, cause: 'not-found' }]
  const seen = lines.flatMap(({ t, source, type, object }): Observation[] => {
    const at = PUSHED + t
    if (source === 'action') {
      const [, kind, name] = /^POKE (\S+) ?(\S*)/.exec(type) ?? []
      if (kind === undefined) return []
      return [{ kind: 'refreshed', at, target: `${kind}/flux-system/${name || 'config'}`, version: '0' }]
    }
    const version = object.metadata?.resourceVersion ?? ''
    if (/GitRepository|Kustomization|HelmRelease/.test(source)) {
      const name = nameOfObject(object)
      if (type === 'DELETED') return [{ kind: 'absent', at, target: name, cause: 'deleted' }]
      const state = readFluxObject(object)
      if (state.owner === target && name.startsWith('HelmRelease/')) releases.add(name)
      return [{ kind: 'flux', at, object: name, version, state }]
    }
    if (type === 'DELETED') workloads.delete(nameOf(object))
    else workloads.set(nameOf(object), object)
    const pods = readPods(workloads.values(), isOwned(target, releases))
    return [
      ...pods.map(({ containers }): Observation => ({ kind: 'containers', at, target, ...containers })),
      { kind: 'pods', at, target, pods: pods.map(({ state }) => state) },
    ]
  })
  return [...absent, ...seen]
}
