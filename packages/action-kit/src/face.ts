// The two places an action can speak to: the GitHub runner, by its commands and files, or a person's terminal.
import { writeFileSync } from 'node:fs'
import * as core from '@actions/core'
import type { Place } from './types.ts'

export type Severity = 'notice' | 'warning' | 'error'

/** Everything that leaves the process goes through here, already redacted and neutralised. */
export interface Face {
  readonly kind: 'runner' | 'terminal'
  line(text: string): void
  debug(text: string): void
  annotate(severity: Severity, text: string, place?: Place): void
  openGroup(title: string): void
  closeGroup(): void
  /** Hides a text in whatever the rest of the job prints. */
  hide(text: string): void
  saveState(name: string, value: string): void
  readState(name: string): string
  /** Sets all outputs at once; nothing that a child wrote there survives. */
  outputs(values: Readonly<Record<string, string>>): void
  summary(markdown: string): Promise<void>
}

const annotators = { notice: core.notice, warning: core.warning, error: core.error }

/** @actions/core reads the runner's files and writes its commands. */
export function runnerFace(env: Readonly<Record<string, string | undefined>>): Face {
  return {
    kind: 'runner',
    line: core.info,
    debug: core.debug,
    annotate: (severity, text, { file, line, endLine, column, title } = { file: '' }) =>
      annotators[severity](text, {
        ...(title === undefined ? {} : { title }),
        ...(file === '' ? {} : { file }),
        ...(line === undefined ? {} : { startLine: line }),
        ...(endLine === undefined ? {} : { endLine }),
        ...(column === undefined ? {} : { startColumn: column }),
      }),
    openGroup: core.startGroup,
    closeGroup: core.endGroup,
    hide: core.setSecret,
    saveState: core.saveState,
    readState: core.getState,
    outputs: values => {
      const file = env['GITHUB_OUTPUT']
      if (file) writeFileSync(file, '')
      for (const [name, value] of Object.entries(values)) core.setOutput(name, value)
    },
    summary: async markdown => {
      if (env['GITHUB_STEP_SUMMARY']) await core.summary.addRaw(markdown).write({ overwrite: true })
    },
  }
}

/** Plain lines; outputs at the end as `name=value`. There is no later step, so state lives only here. */
export function terminalFace(write: (text: string) => void = text => process.stdout.write(text)): Face {
  const state = new Map<string, string>()
  const line = (text: string) => write(`${text}\n`)
  return {
    kind: 'terminal',
    line,
    debug: () => {},
    annotate: (severity, text, place) => {
      const where =
        place === undefined ? '' : `${[place.file, place.line, place.column].filter(Boolean).join(':')}: `
      line(`${severity}: ${where}${text}`)
    },
    openGroup: title => line(`▸ ${title}`),
    closeGroup: () => {},
    hide: () => {},
    saveState: (name, value) => void state.set(name, value),
    readState: name => state.get(name) ?? '',
    outputs: values => {
      for (const [name, value] of Object.entries(values)) if (value !== '') line(`${name}=${value}`)
    },
    summary: markdown => Promise.resolve(line(`\n${markdown}`)),
  }
}
