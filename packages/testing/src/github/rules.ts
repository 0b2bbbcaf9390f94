// What a branch's rules and a token's rights forbid.
import type { Rejection } from '../git/rejection.ts'
import { forbidden, noWorkflows, Refusal } from './refusal.ts'
import type { BranchRules, Repository, Right, TokenRights } from './state.ts'

/** Who asks, with all rights filled in. */
export interface Asker extends TokenRights {
  login: string
}

export function demand(asker: Asker, right: Right): void {
  if (asker[right] === 'read') throw forbidden(asker.login, right)
}

export interface Move {
  branch: string
  before: string | undefined
  /** `undefined` deletes. */
  after: string | undefined
}

/** Refuses a move of a branch that is not made by a merge. `status` is that of the endpoint's refusals. */
export async function checkMove(
  repository: Repository,
  asker: Asker,
  move: Move,
  status = 422,
): Promise<void> {
  if (repository.settings.archived === true)
    throw new Refusal(403, 'Repository was archived so is read-only.')
  await checkWorkflows(repository, asker, move)
  const rules = repository.rules.get(move.branch)
  if (rules === undefined || asker.bypassesRules === true) return
  const broken = await violations(repository, rules, move)
  if (broken.length > 0) throw ruleRefusal(rules, broken, status)
}

export function ruleRefusal(
  { by = 'ruleset' }: BranchRules,
  broken: readonly string[],
  status: number,
): Refusal {
  const all = `Repository rule violations found\n\n${broken.map(line => `${line}\n\n`).join('')}`
  return new Refusal(status, by === 'ruleset' ? all : (broken[0] ?? ''), { type: 'UNPROCESSABLE' })
}

const throughPull = 'Changes must be made through a pull request.'
const throughQueue = 'Changes must be made through the merge queue'
const unsigned = 'Commits must have verified signatures.'

async function violations(
  repository: Repository,
  rules: BranchRules,
  { before, after }: Move,
): Promise<string[]> {
  if (after === undefined) return ['Cannot delete this branch']
  const { objects } = repository
  const isForced = before !== undefined && !(await objects.isAncestor(before, after))
  const missing = (rules.checks ?? []).filter(check => stateOfCheck(repository, after, check) !== 'success')
  const isSigned = rules.signatures !== true || (await objects.commit(after)).signature !== undefined
  return [
    ...(rules.noForcePush !== false && isForced ? ['Cannot force-push to this branch'] : []),
    ...(rules.pullRequest === true ? [throughPull] : []),
    ...(rules.mergeQueue === true ? [throughQueue] : []),
    ...missingChecks(missing, rules.checks?.length ?? 0),
    ...(isSigned ? [] : [unsigned]),
  ]
}

export function missingChecks(missing: readonly string[], all: number): string[] {
  if (missing.length === 0) return []
  return missing.length === 1
    ? [`Required status check "${missing[0]}" is expected.`]
    : [`${missing.length} of ${all} required status checks are expected.`]
}

/** What git says when a push breaks the rules of a branch, whatever it brings. */
export function pushRejection(address: string, branch: string, rules: BranchRules): Rejection {
  const ref = `refs/heads/${branch}`
  const checks = rules.checks ?? []
  const broken = [
    ...(rules.pullRequest === true ? [throughPull] : []),
    ...(rules.mergeQueue === true ? [throughQueue] : []),
    ...missingChecks(checks, checks.length),
    ...(rules.signatures === true ? [unsigned] : []),
  ]
  const lines = broken.flatMap(line => ['', `- ${line}`])
  return rules.by === 'protection'
    ? {
        reason: 'protected branch hook declined',
        says: [`error: GH006: Protected branch update failed for ${ref}.`, ...lines, ''],
      }
    : {
        reason: 'push declined due to repository rule violations',
        says: [
          `error: GH013: Repository rule violations found for ${ref}.`,
          `Review all repository rules at ${address}/rules?ref=${encodeURIComponent(ref)}`,
          ...lines,
          '',
        ],
      }
}

/** The newest word about a context, from statuses and check runs. */
export function stateOfCheck(repository: Repository, sha: string, context: string): string | undefined {
  const status = repository.statuses.findLast(entry => entry.sha === sha && entry.context === context)
  if (status !== undefined) return status.state
  const run = repository.checkRuns.findLast(entry => entry.sha === sha && entry.name === context)
  if (run === undefined) return undefined
  if (run.status !== 'completed') return 'pending'
  return ['success', 'neutral', 'skipped'].includes(run.conclusion ?? '') ? 'success' : 'failure'
}

async function checkWorkflows({ objects }: Repository, asker: Asker, { before, after }: Move): Promise<void> {
  if (asker.workflows !== false || after === undefined) return
  const from = before ?? (await objects.commit(after)).parents[0]
  if (from === undefined) return
  const changed = await objects.changedPaths(from, after)
  const workflow = changed.find(path => path.startsWith('.github/workflows/'))
  if (workflow !== undefined) throw noWorkflows(workflow)
}
