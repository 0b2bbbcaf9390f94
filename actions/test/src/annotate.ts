// Findings as annotations, as many as the runner shows.
import type { Log } from '@gitops-relay/action-kit'
import type { Group } from './findings.ts'

// The runner shows ten errors of a step; one is the step's own.
const BUDGET = 9
const LINES = 12

export function annotate(groups: readonly Group[], log: Log): void {
  for (const { finding, tests } of groups.slice(0, BUDGET)) {
    const [name = '', ...others] = tests
    const title = others.length === 0 ? name : `${name} (and ${others.length} more)`
    const text = finding.message.split('\n').slice(0, LINES).join('\n')
    const { file, line, column } = finding
    // Without a line GitHub would show it on the first one, so it stands on no file.
    if (file === undefined || line === undefined) log.error(`${title}: ${text}`)
    else log.error(text, { file, line, title, ...(column === undefined ? {} : { column }) })
  }
  const rest = groups.length - BUDGET
  if (rest > 0) log.info(`${rest} more causes of failures are in the summary.`)
}
