import { describe, expect, test } from '@jest/globals'
import { recordingHost } from '@gitops-relay/testing'
import { sourceFacts } from './source.ts'

const sha = '1'.repeat(40)
const headCommit = {
  id: sha,
  message: 'Add a basket\r\n\r\nChange-Id: forged',
  timestamp: '2026-01-02T03:04:05Z',
  author: { name: 'Jo\nEvil', email: 'jo@example.com' },
}

async function facts(repository: string, commit: string, payload: Record<string, unknown> = {}) {
  await using host = await recordingHost({ run: { payload } })
  return sourceFacts(repository, commit, host.run)
}

describe('the source', () => {
  test('is that of the run', async () => {
    expect(await facts('', '', { head_commit: headCommit })).toEqual({
      repository: 'acme/shop',
      commit: sha,
      run: 'https://github.com/acme/shop/actions/runs/4711/attempts/1',
      url: 'https://github.com/acme/shop',
      author: 'Jo <jo@example.com>',
      subject: 'Add a basket',
      date: '2026-01-02T03:04:05Z',
    })
  })

  test('is what was given, of which the event tells nothing', async () => {
    expect(await facts('acme/other', 'A'.repeat(40), { head_commit: headCommit })).toMatchObject({
      repository: 'acme/other',
      commit: 'a'.repeat(40),
      url: 'https://github.com/acme/other',
      subject: '',
    })
  })

  test.each([{}, { head_commit: null }, { head_commit: { id: sha, author: null, message: 3 } }])(
    'takes any payload: %j',
    async payload => {
      expect(await facts('', '', payload)).toMatchObject({ author: '', subject: '', date: '' })
    },
  )
})
