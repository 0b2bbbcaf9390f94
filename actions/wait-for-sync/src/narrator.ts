// Says in the log what changes while we wait: one line for each change of a target, none while nothing happens.
import type { Log } from '@gitops-relay/action-kit'
import type { Clock } from '@gitops-relay/http/clock'
import type { Goal, Verdict } from '@gitops-relay/sync'

export interface Narrator {
  begin: (goal: Goal) => void
  progress: (verdict: Verdict) => void
}

export function createNarrator(log: Log, clock: Clock): Narrator {
  const said = new Map<string, string>()
  let startedAt = clock.now()
  return {
    begin: goal => {
      startedAt = goal.startedAt
      log.info(`Waiting for ${goal.commit} of ${goal.repository}`)
      log.info(`in ${goal.targets.length === 1 ? 'application' : 'applications'} ${goal.targets.join(', ')}`)
    },
    progress: ({ targets }) => {
      for (const { target, reason, result } of targets) {
        const line = `${reason.sentence}${result === 'waiting' ? '' : ` → ${result}`}`
        if (said.get(target) === line) continue
        said.set(target, line)
        log.foreign(`${((clock.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${oneLine(line)}`)
      }
    },
  }
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').slice(0, 1000)
