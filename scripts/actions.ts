// The actions of this repository, and what their action.yml says.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

export const root = join(import.meta.dirname, '..')
export const actionNames = ['build', 'test', 'push-image', 'bump-manifest', 'wait-for-sync'] as const

export interface ActionMetadata {
  name: string
  description: string
  inputs: Record<string, { description: string; default?: string; required?: boolean }>
  outputs: Record<string, { description: string }>
  runs: { using: string; main: string; post?: string; 'post-if'?: string }
}

/** @param name one of `actionNames` */
export function readActionMetadata(name: string): ActionMetadata {
  const text = readFileSync(join(root, 'actions', name, 'action.yml'), 'utf8')
  return parse(text) as ActionMetadata // oxlint-disable-line no-unsafe-type-assertion -- held by test/contract
}
