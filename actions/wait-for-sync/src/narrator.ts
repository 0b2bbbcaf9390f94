// Says in the log what changes while we wait: one line for each change of a target, none while nothing happens.
import type { Log } from '@gitops-relay/action-kit'
import type { Clock } from '@gitops-relay/http/clock'
import type { Goal, Verdict } from '@gitops-relay/sync'

export interface Narrator {
  begin: (goal: Goal) => void
  progress: (verdict: Verdict) => void
  /** Says what is in the way of seeing anything. */
  trouble: (detail: string) => void
  /** Warns where images were to be proven, and none of them was seen. @param verified as in the output */
  proof: (goal: Goal, verified: string) => void
}

export function createNarrator(log: Log, clock: Clock): Narrator {
  const said = new Map<string, string>()
  let startedAt = clock.now()
  const say = (about: string, line: string) => {
    if (said.get(about) === line) return
    said.set(about, line)
    log.foreign(`${((clock.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${oneLine(line)}`)
  }
  return {
    begin: goal => {
      startedAt = goal.startedAt
      log.info(`Waiting for ${goal.commit} of ${goal.repository}`)
      log.info(`in ${goal.targets.length === 1 ? 'application' : 'applications'} ${goal.targets.join(', ')}`)
    },
    progress: ({ targets }) => {
      for (const { target, reason, result } of targets) {
        say(target, `${reason.sentence}${result === 'waiting' ? '' : ` → ${result}`}`)
      }
    },
    trouble: detail => say('', detail),
    proof: (goal, verified) => {
      if (!goal.proof) return
      if (verified === '0/0')
        log.warning('No pod runs the image: "verified-pods" is 0/0, as where all is scaled to zero.')
      if (verified === 'unverified')
        log.warning('What the pods run was not read: "verified-pods" is unverified.')
    },
  }
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').slice(0, 1000)
