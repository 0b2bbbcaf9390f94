// Writes the recording, line by line, while the wait goes on; a recording that cannot be written only warns.
import { appendFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Host } from '@gitops-relay/action-kit'
import { recordGoal, recordObservation, type Goal, type Observation } from '@gitops-relay/sync'

export interface Recorder {
  /** Absolute; empty when nothing can be written. */
  readonly path: string
  goal: (goal: Goal) => void
  observation: (observation: Observation) => void
}

/** @param wanted absolute path; undefined: a new file under the runner's temp directory, which outlives the step */
export function createRecorder({ runnerTemp, log, redact }: Host, wanted: string | undefined): Recorder {
  let path = ''
  const attempt = (write: () => void) => {
    try {
      write()
    } catch (error) {
      log.warning(`The recording cannot be written: ${String(error)}`)
      path = ''
    }
  }
  const append = (line: string) => {
    if (path !== '') attempt(() => appendFileSync(path, redact(line)))
  }
  attempt(() => {
    path = wanted ?? join(mkdtempSync(join(runnerTemp, 'wait-for-sync-')), 'record.jsonl')
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, '')
  })
  return {
    get path() {
      return path
    },
    goal: goal => append(recordGoal(goal)),
    observation: observation => append(recordObservation(observation)),
  }
}
