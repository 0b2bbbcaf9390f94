// From what happened to outputs and summary. Pure.
import { codeBlock, details, inlineCode, table, type Outcome } from '@gitops-relay/action-kit'
import type { CacheResult, Toolchain } from '@gitops-relay/toolchains'
import { shownCommand, type Step } from './plan.ts'

export const outputs = [
  'result',
  'reason',
  'toolchains',
  'plan',
  'cache-hit',
  'cache-result',
  'artifact-path',
  'artifact-digest',
  'input-hash',
] as const

/** What is known, filled in as the build goes on. */
export interface Build {
  found: readonly Toolchain[]
  /** First line of what each tool says of itself. */
  versions: Map<string, string>
  steps: readonly Step[]
  /** The project's directory, relative to the workspace; empty for the workspace itself. */
  root: string
  cache: CacheResult
  inputHash?: string
  artifact?: { files: readonly string[]; digest: string }
}
export interface Ending {
  ended: 'built' | 'nothing-to-build' | 'planned' | 'failed'
  failure?: Error
  /** Of the command that failed. */
  lastLines?: string
}

const HEADINGS = {
  built: 'built',
  'nothing-to-build': 'nothing to build',
  planned: 'planned',
  failed: 'failed',
}

export function report({
  found,
  versions,
  steps,
  root,
  cache,
  inputHash,
  artifact,
  ...ending
}: Build & Ending): Outcome {
  const { ended, failure, lastLines } = ending
  const directory = root === '' ? '.' : root
  const at = (file: string) => (root === '' ? file : `${root}/${file}`)
  const toolchains = found.map(({ name, evidence }) => ({
    name,
    version: versions.get(name) ?? '',
    root: directory,
    evidence: at(evidence),
  }))
  const plan = steps.map(step => ({
    toolchain: step.toolchain,
    step: step.step,
    command: shownCommand(step),
    directory,
  }))
  return {
    result: ended,
    outputs: {
      toolchains: JSON.stringify(toolchains),
      plan: JSON.stringify(plan),
      'cache-hit': cache === 'exact',
      'cache-result': cache,
      'artifact-path': JSON.stringify(artifact?.files.map(at) ?? []),
      'artifact-digest': artifact?.digest,
      'input-hash': inputHash,
    },
    summary: [
      `### build: ${HEADINGS[ended]}\n`,
      table(
        ['step', 'command', 'found by'],
        steps.map(step => [
          step.step,
          inlineCode(shownCommand(step)),
          inlineCode(found.find(({ name }) => name === step.toolchain)?.evidence ?? 'the input'),
        ]),
      ),
      artifact === undefined || artifact.files.length === 0
        ? ''
        : `${artifact.files.length} ${artifact.files.length === 1 ? 'file' : 'files'}, ${inlineCode(artifact.digest)}\n`,
      lastLines ? details('The last lines', codeBlock(lastLines)) : '',
    ].join('\n'),
    ...(failure === undefined ? {} : { failure }),
  }
}
