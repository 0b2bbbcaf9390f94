import { describe, expect, test } from '@jest/globals'
import {
  isOursAlone,
  ownershipMark,
  planPull,
  pullBranchName,
  type PullHead,
  type Seen,
} from './pull-branch.ts'
import { stepAfter, stepFor } from './pull-merge.ts'
import type { Head } from './types.ts'

const headAt = (commit: string, branch: string): Head => ({
  commit,
  branch,
  files: () => Promise.resolve([]),
  history: () => Promise.resolve([]),
})
const target = headAt('t'.repeat(40), 'main')
const own = headAt('a'.repeat(40), 'ours')

const onto = (parent: Head, expected: string | undefined) => ({
  kind: 'push',
  place: { parent, branch: 'ours', expected },
})

describe('what becomes of the branch', () => {
  const seen = (changes: Partial<Seen> & { hasBranch: boolean }): Seen => {
    const head: PullHead = { ...target, branch: 'ours', target, own: changes.hasBranch ? own : undefined }
    return { head, isWanted: true, isOurs: true, isOpen: true, isBehind: true, isFresh: false, ...changes }
  }
  test.each<[string, Parameters<typeof seen>[0], unknown]>([
    ['there is none: made', { hasBranch: false, isOpen: false }, onto(target, undefined)],
    ['ours, old: made anew', { hasBranch: true }, onto(target, own.commit)],
    ['ours, as wished: kept', { hasBranch: true, isFresh: true, isBehind: false }, { kind: 'keep' }],
    ['a hand on it, old: on top', { hasBranch: true, isOurs: false }, onto(own, own.commit)],
    ['a hand on it, as wished: kept', { hasBranch: true, isOurs: false, isBehind: false }, { kind: 'keep' }],
    ['nothing is wanted: closed', { hasBranch: true, isWanted: false }, { kind: 'close' }],
    [
      'nothing is wanted, a hand on it: left',
      { hasBranch: true, isWanted: false, isOurs: false },
      { kind: 'nothing' },
    ],
    [
      'nothing is wanted, none open: left',
      { hasBranch: true, isWanted: false, isOpen: false },
      { kind: 'nothing' },
    ],
    ['nothing is wanted or there', { hasBranch: false, isWanted: false, isOpen: false }, { kind: 'nothing' }],
  ])('%s', (_, changes, plan) => {
    expect(planPull(seen(changes))).toEqual(plan)
  })
})

describe('whose branch it is', () => {
  const ours = { commit: 'a', message: `bump\n\nChange-Id: ${'c'.repeat(40)}\n` }
  const theirs = { commit: 'b', message: 'by hand\n\nChange-Id: of gerrit\n' }
  test.each<[string, string | undefined, (typeof ours)[], boolean]>([
    ['open, at the commit that we pushed', `text\n\n${ownershipMark(own.commit)}`, [], true],
    ['open, at another', ownershipMark('b'.repeat(40)), [ours], false],
    ['open, without our mark', 'text', [ours], false],
    ['open, the mark quoted by others', `${ownershipMark(own.commit)}\n\ntext`, [ours], false],
    ['not open, all ours', undefined, [ours, ours], true],
    ['not open, one of theirs', undefined, [ours, theirs], false],
    ['not open, nothing beyond the target', undefined, [], true],
  ])('%s: %s', (_, body, beyond, isOurs) => {
    expect(isOursAlone(own, body, beyond)).toBe(isOurs)
  })
})

describe('the name of the branch', () => {
  test('is the same for the same places, and another for others', () => {
    const name = pullBranchName('shop', ['a.yaml'])
    expect(name).toMatch(/^gitops-relay\/shop-[\da-f]{8}$/)
    expect(pullBranchName('shop', ['a.yaml'])).toBe(name)
    expect(pullBranchName('shop', ['b.yaml'])).not.toBe(name)
  })

  test('holds nothing that git or a shell would mind', () => {
    expect(pullBranchName('../A b$(c)~^:?*[\\', [])).toMatch(/^gitops-relay\/a-b-c-[\da-f]{8}$/)
    expect(pullBranchName('***', [])).toMatch(/^gitops-relay\/[\da-f]{8}$/)
  })
})

test.each<[string, string]>([
  ['clean', 'merge'],
  ['unstable', 'merge'],
  ['has_hooks', 'merge'],
  ['blocked', 'arm'],
  ['behind', 'arm'],
  ['a word of tomorrow', 'arm'],
  ['dirty', 'conflict'],
  ['unknown', 'wait'],
  ['', 'wait'],
])('a pull request that is "%s": %s', (state, step) => expect(stepFor(state)).toBe(step))

test.each<[string, string]>([
  ['Changes must be made through the merge queue', 'queue'],
  ['Pull request Pull request is in clean status', 'merge'],
  ['Pull request is in unstable status', 'merge'],
  ['Base branch was modified. Review and try the merge again.', 'wait'],
  ['Head branch was modified. Review and try the merge again.', 'wait'],
  ['Pull Request is not mergeable', 'arm'],
  ['At least 1 approving review is required by reviewers with write access.', 'arm'],
  ['Auto merge is not allowed for this repository', 'refused'],
  ['Resource not accessible by integration', 'refused'],
])('after "%s": %s', (said, step) => expect(stepAfter(said)).toBe(step))
