import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { root } from '../../scripts/actions.ts'

interface Import {
  file: string
  from: string
}

const sources = globSync(['actions/*/src/**/*.ts', 'packages/*/src/**/*.ts'], { cwd: root }).filter(
  file => !/\.test(?:-double)?\.ts$|\/(?:world|samples|recordings|test)\b/.test(file),
)
const imports: Import[] = sources.flatMap(file =>
  [
    ...readFileSync(join(root, file), 'utf8').matchAll(
      /^(?:import|export)\s[^'"`]*?from '([^']+)'|\bimport\('([^']+)'\)/gm,
    ),
  ].map(found => ({ file, from: found[1] ?? found[2] ?? '' })),
)
const outside = (from: RegExp, allowed: RegExp) =>
  imports.filter(edge => from.test(edge.from) && !allowed.test(edge.file))

test('there is something to look at', () => expect(imports.length).toBeGreaterThan(300))

describe('each tool has one owner', () => {
  test.each`
    tool                 | owner
    ${'@actions/core'}   | ${'packages/action-kit/src/'}
    ${'@actions/exec'}   | ${'packages/process/src/'}
    ${'@actions/github'} | ${'packages/github/src/'}
    ${'@actions/cache'}  | ${'packages/toolchains/src/'}
    ${'undici'}          | ${'packages/http/src/'}
  `('$tool: $owner', ({ tool, owner }: Record<string, string>) => {
    expect(outside(new RegExp(`^${tool}$`), new RegExp(`^${owner}`))).toEqual([])
  })
})

describe('arrows', () => {
  test('packages never import actions, and no action another', () => {
    expect(
      imports
        .filter(edge => edge.from.startsWith('@gitops-relay/action-') || /\.\.\/actions\//.test(edge.from))
        .filter(edge => !edge.from.startsWith('@gitops-relay/action-kit')),
    ).toEqual([])
  })

  test('what ships does not import what tests', () => {
    expect(
      outside(/^@gitops-relay\/(?:testing|local-runner)/, /^packages\/(?:testing|local-runner)\//),
    ).toEqual([])
  })

  const pure =
    /^packages\/(?:manifests|test-reports)\/src\/|^packages\/sync\/src\/(?!argocd\/|kube\/|watch\/|flux\/observer)/
  test('pure rooms import nothing of ours but the error of users and the image reference', () => {
    const ours = imports.filter(edge => pure.test(edge.file) && edge.from.startsWith('@gitops-relay/'))
    const allowed = ['@gitops-relay/action-kit/user-error', '@gitops-relay/oci/reference']
    expect(ours.filter(edge => !allowed.includes(edge.from))).toEqual([])
  })

  test('pure rooms open no file, no socket and no process', () => {
    const hands = /^node:(?:fs|net|http|https|child_process|os|dns)/
    expect(imports.filter(edge => pure.test(edge.file) && hands.test(edge.from))).toEqual([])
  })

  test('only the face and the rooms at the machine know the environment', () => {
    const knows = sources.filter(file => /\bprocess\.env\b/.test(readFileSync(join(root, file), 'utf8')))
    expect(knows.filter(file => !/^packages\/(?:action-kit|testing|local-runner)\//.test(file))).toEqual([])
  })
})
