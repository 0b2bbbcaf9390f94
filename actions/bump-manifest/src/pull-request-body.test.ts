import { describe, expect, test } from '@jest/globals'
import { pullRequestBody } from './pull-request-body.ts'

const source = {
  repository: 'acme/shop',
  commit: 'b'.repeat(40),
  run: 'https://github.com/acme/shop/actions/runs/1/attempts/1',
  url: 'https://github.com/acme/shop',
  author: '',
  subject: '',
  date: '',
}
const change = { file: 'a.yaml', document: 0, path: 'tag', line: 1, old: '1', new: '2' }
const facts = {
  introduction: '',
  bump: { changes: [change], diff: '-tag: 1\n+tag: 2\n' },
  source,
  oldSource: undefined,
  mark: '<!-- mark -->',
}

test('it shows the change, its source compared with what stands there, and the diff', () => {
  const body = pullRequestBody({ ...facts, introduction: 'Hello.', oldSource: 'a'.repeat(40) })
  expect(body).toMatch(/^Hello\.\n\n\| place /)
  expect(body).toContain(`https://github.com/acme/shop/compare/${'a'.repeat(40)}...${'b'.repeat(40)}`)
  expect(body).toContain('+tag: 2')
  expect(body).toMatch(/<!-- mark -->$/)
})

test('two runs of the same change write the same text', () => {
  const other = { ...source, run: 'https://github.com/acme/shop/actions/runs/2/attempts/1' }
  expect(pullRequestBody({ ...facts, source: other })).toBe(pullRequestBody(facts))
})

test('without a known source nothing is linked', () => {
  expect(pullRequestBody({ ...facts, source: { ...source, commit: '' } })).not.toContain('http')
})

describe('foreign text', () => {
  test('mentions nobody, references nothing and breaks out of no cell', () => {
    const old = '@octocat #1 | <script> `x` <!-- gitops-relay 0 -->'
    const body = pullRequestBody({ ...facts, bump: { ...facts.bump, changes: [{ ...change, old }] } })
    const row = body.split('\n').find(line => line.includes('octocat')) ?? ''
    expect(row).not.toMatch(/@octocat|(?<!&)#|<script|<!--/)
    expect(row.split('|')).toHaveLength(6)
  })

  test('a diff with fences stays in its own', () => {
    const body = pullRequestBody({ ...facts, bump: { ...facts.bump, diff: '+```\n+@octocat\n' } })
    expect(body).toMatch(/\n`{4,}diff\n\+```\n\+@octocat\n`{4,}\n/)
  })

  test('is never longer than GitHub takes', () => {
    const changes = Array.from({ length: 1000 }, () => ({
      ...change,
      old: '&'.repeat(500),
      path: '['.repeat(500),
      file: '<'.repeat(500),
    }))
    const body = pullRequestBody({
      ...facts,
      introduction: 'x'.repeat(100_000),
      bump: { changes, diff: '+tag: 1\n'.repeat(100_000) },
    })
    expect(body.length).toBeLessThan(65_536)
    expect(body).toMatch(/<!-- mark -->$/)
  })
})
