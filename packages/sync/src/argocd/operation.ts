// The rules about sync operations and what is left out of sync, once our commit has been compared.
import type { Operation } from '../types.ts'
import { GRACE, short, type Standing } from '../standing.ts'
import type { Look } from './look.ts'

/**
 * The result of an operation counts only when it is for our commit: a failed one of before is stale, and one of before
 * that still runs blocks ours. `Running` with a `finishedAt` is the back-off before a retry, and its error is already
 * known. A failed PostSync hook fails an application that is Synced and Healthy.
 * Recorded: 04-rejected-manifest, 08b-postsync-hook-fails, 17-fix-after-failed-sync, 18-newer-commit-during-hook.
 */
export function operationOf(look: Look): Standing | undefined {
  const { state, target, goal, compared, relation, operationIsOurs } = look
  const operation = state.operation
  if (operation?.phase === 'Running' || operation?.phase === 'Terminating') {
    if (/blocked by sync window/.test(operation.message)) return windowClosed(look, operation.message)
    const error = errorOf(operation)
    if (operationIsOurs && error !== '') {
      const retry = operation.retries > 0 ? `, retry ${operation.retries}` : ''
      return {
        code: 'sync-retrying',
        sentence: `The sync of ${target} fails${retry}: ${error}`,
        next: 'Mend what it names and push a new commit.',
        revision: compared,
        ...(goal.onRetry === 'fail' && relation === 'ours'
          ? { becomes: { result: 'failed', after: 0 } }
          : {}),
      }
    }
    const doing = operation.message === '' ? '' : `: ${operation.message}`
    return operationIsOurs
      ? { code: 'syncing', sentence: `${target} is being synced${doing}.`, revision: compared }
      : {
          code: 'queued',
          sentence: `An operation for another commit runs on ${target}${doing}.`,
          revision: compared,
        }
  }
  if (state.requested)
    return { code: 'requested', sentence: `A sync of ${target} is requested.`, revision: compared }
  const failed = operation?.phase === 'Failed' || operation?.phase === 'Error'
  if (failed && operation.revisions.includes(compared)) {
    return {
      code: 'sync-failed',
      sentence: `The sync of ${target} to ${short(compared)} failed: ${errorOf(operation)}`,
      next: 'Mend what it names and push a new commit.',
      revision: compared,
      becomes: { result: 'failed', after: 0 },
    }
  }
  return undefined
}

/**
 * Compared at our commit, out of sync, and nobody works on it. The controller asks for the sync before it writes the
 * comparison, so when automation has not started by now, it refuses to. Recorded: 07-sync-off, 13-sync-window.
 * Between the end of an operation and the next comparison this state is normal for some 100 ms (06, 10).
 */
export function outOfSync(look: Look): Standing | undefined {
  const { state, target, compared, windows } = look
  const wasSynced = state.operation?.revisions.includes(compared) ?? false
  if (state.sync?.status === 'Synced' || onlyAside(look)) return undefined
  if (!wasSynced && !state.automated) {
    return {
      code: 'auto-sync-off',
      sentence: `${target} is OutOfSync at ${short(compared)}, and nothing will sync it: spec.syncPolicy.automated is off.`,
      next: `Sync it, or turn automated sync on.`,
      revision: compared,
      becomes: { result: 'blocked', after: 0 },
    }
  }
  if (!wasSynced && windows?.closed) return windowClosed(look, windows.detail)
  const error = state.conditions.find(({ type }) => type === 'SyncError')
  if (error) {
    return {
      code: 'sync-failed',
      sentence: `Argo CD does not sync ${target}: ${error.message}`,
      next: 'Mend what it names and push a new commit.',
      revision: compared,
      becomes: { result: 'failed', after: 0 },
    }
  }
  const left = state.resources
    .filter(resource => !resource.synced && !resource.aside)
    .map(resource => resource.object)
  return {
    code: wasSynced ? 'left-out-of-sync' : 'not-syncing',
    sentence: `${target} is OutOfSync at ${short(compared)}, and no operation runs${left.length > 0 ? ` (${left.join(', ')})` : ''}.`,
    next: 'Look at its sync options, ignored differences and resource conditions.',
    revision: compared,
    // A window that nobody could ask for may be the cause.
    ...(windows?.failed ? {} : { becomes: { result: 'failed', after: GRACE } }),
  }
}

/** Resources that only wait to be pruned, and hooks, do not make a target out of sync; unknown reasons do. */
function onlyAside({ state }: Look): boolean {
  const left = state.resources.filter(resource => !resource.synced)
  return left.length > 0 && left.every(resource => resource.aside) && state.operation?.phase === 'Succeeded'
}

function windowClosed({ target, compared }: Look, detail: string): Standing {
  return {
    code: 'sync-window',
    sentence: `A sync window keeps ${target} from being synced: ${detail}`,
    next: 'Wait until it is open, or change the windows of its project.',
    revision: compared,
    becomes: { result: 'blocked', after: 0 },
  }
}

/** Empty while nothing has failed. While the message still says what is waited for, the result may know more (04). */
function errorOf({ message, failures, finishedAt, phase }: Operation): string {
  const named = failures.map(failure => `${failure.object}: ${failure.message || 'failed'}`).join('; ')
  if (named !== '') return named
  return finishedAt !== undefined || phase === 'Failed' || phase === 'Error' ? message : ''
}
