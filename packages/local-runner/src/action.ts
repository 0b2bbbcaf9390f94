// A `uses:` line: which action it names, and what its action.yml says.
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { Step } from './grammar.ts'

export interface Uses {
  /** `owner/repo`, or empty for a path of the workspace. */
  repository: string
  path: string
  ref: string
}

/** Thrown: Error for what cannot be run on this machine. */
export function parseUses(text: string): Uses {
  if (text.startsWith('docker://')) throw new Error(`${text}: actions in containers cannot be run here.`)
  if (text.startsWith('./')) return { repository: '', path: text, ref: '' }
  const found = /^([\w.-]+\/[\w.-]+)(\/[^@]*)?@(.+)$/.exec(text)
  if (found === null) throw new Error(`"uses" is ${JSON.stringify(text)}. Write owner/repository/path@ref.`)
  return { repository: found[1] ?? '', path: (found[2] ?? '').slice(1), ref: found[3] ?? '' }
}

export interface Metadata {
  name?: string
  inputs?: Record<string, { default?: string | number | boolean; required?: boolean }>
  outputs?: Record<string, { value?: string }>
  runs: {
    using: string
    main?: string
    pre?: string
    post?: string
    'pre-if'?: string
    'post-if'?: string
    /** Of a composite action. */
    steps?: Step[]
  }
}

export async function loadAction(directory: string): Promise<Metadata> {
  for (const name of ['action.yml', 'action.yaml']) {
    const path = join(directory, name)
    if ((await stat(path).catch(() => undefined)) === undefined) continue
    return parse(await readFile(path, 'utf8')) as Metadata // oxlint-disable-line no-unsafe-type-assertion -- what is missing is refused where it is used
  }
  throw new Error(`There is no action.yml in ${directory}.`)
}
