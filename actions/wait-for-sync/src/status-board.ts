// One status for each target on the config commit; the prefix of their contexts tells `provider: github` that they are our own.
import type { CommitStatuses } from '@gitops-relay/github/statuses'
import type { Board, Subject } from './board.ts'
import type { Ending } from './ending.ts'

export const OWN_CONTEXTS = 'gitops-relay/'

/** More targets share one status, `gitops-relay/targets`: GitHub takes 80 writes a minute. */
const MOST = 20

/** @param targetUrl of the run; it also tells our statuses from those of other runs */
export function statusBoard(
  statuses: CommitStatuses,
  { commit, targets }: Subject,
  targetUrl: string,
): Board {
  const named = targets.length > MOST ? ['targets'] : targets
  let isHurried = false
  const report = async (ending: Ending, chosen: readonly string[], signal: AbortSignal) => {
    const state = ending.state === 'inactive' ? 'error' : ending.state
    const said = chosen.map(target => ({
      context: contextOf(target),
      targetUrl,
      state,
      description: ending.description,
      ...(targets.length > MOST ? {} : ending.targets[target]),
    }))
    // What is bad first, should the time not do for all.
    const good = said.filter(status => status.state === 'success')
    const bad = said.filter(status => status.state !== 'success')
    for (const status of [...bad, ...good]) await statuses.report(commit, status, signal)
  }
  return {
    async open(signal) {
      const newest = await statuses.newest(commit, signal)
      for (const target of named) {
        const context = contextOf(target)
        if (isHurried) return
        if (newest.get(context)?.state === 'pending') continue
        const description = 'Waiting until it is live and healthy.'
        await statuses.report(commit, { context, state: 'pending', description, targetUrl }, signal)
      }
    },
    hurry: () => {
      isHurried = true
    },
    close: (ending, signal) => report(ending, named, signal),
    async sweep(ending, signal) {
      const newest = await statuses.newest(commit, signal)
      const isLeft = (target: string) => {
        const { state, targetUrl: url } = newest.get(contextOf(target)) ?? {}
        return state === 'pending' && url === targetUrl
      }
      await report(ending, named.filter(isLeft), signal)
    },
  }
}

const contextOf = (target: string) => `${OWN_CONTEXTS}${target}`
