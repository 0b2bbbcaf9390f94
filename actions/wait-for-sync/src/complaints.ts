// What GitHub did not take, gathered until it is told: a missing right is a notice, all else a warning, one of each at most.
import { ApiError } from '@gitops-relay/github'

/** How an attempt to say something came out; what was refused will be refused again. */
export type Came = 'through' | 'refused' | 'in trouble'

export interface Listener {
  notice(text: string): void
  warning(text: string): void
}

const REFUSALS = ['unauthorized', 'no-permission', 'not-found', 'read-only', 'branch-protected']

export type Complaints = ReturnType<typeof createComplaints>

export function createComplaints() {
  const refusals = new Set<string>()
  /** By who had it; only how it came out in the end counts. */
  const troubles = new Map<object, string>()
  return {
    /** @param by whose work it is; what it complained of before is forgotten */
    async hear(by: object, work: Promise<void>): Promise<Came> {
      try {
        await work
        troubles.delete(by)
        return 'through'
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error)
        const isRefusal = error instanceof ApiError && REFUSALS.includes(error.code)
        if (isRefusal) refusals.add(text)
        else troubles.set(by, text)
        return isRefusal ? 'refused' : 'in trouble'
      }
    },
    forgetRefusals: () => refusals.clear(),
    tell(log: Listener) {
      if (refusals.size > 0)
        log.notice(`No feedback on GitHub. ${[...refusals].join(' ')} Or set "feedback" to false.`)
      const [first] = troubles.values()
      if (first !== undefined) log.warning(`GitHub was not told how the wait ended. ${first}`)
    },
  }
}
