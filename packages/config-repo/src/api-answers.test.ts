import { describe, expect, test } from '@jest/globals'
import { UserError } from '@gitops-relay/action-kit/user-error'
import { ApiError } from '@gitops-relay/github'
import { HttpError } from '@gitops-relay/http'
import { readError, writeAnswer } from './api-answers.ts'

const api = (status: number, said: string, types: string[] = []) =>
  new ApiError({ status, said, types, header: () => '', to: 'x', input: 'token' }, ['code', said, ''])
const http = (code: string) => new HttpError(code, 'no answer', { url: 'https://api.github.com/' })
const foreign = new UserError('bad-answer', 'a page of a proxy', '')

describe('a write that failed', () => {
  test.each<[string, Error]>([
    ['moved', api(200, 'x', ['STALE_DATA'])],
    ['moved', api(200, 'Expected branch to point to "a" but it did not. Pull and try again.')],
    ['moved', api(422, 'Update is not a fast forward')],
    ['moved', api(422, 'Reference cannot be updated')],
    ['moved', api(422, 'Reference already exists')],
    ['moved', api(409, 'Conflict')],
    ['unclear', api(502, 'Server Error')],
    ['unclear', api(200, 'Something went wrong while executing your query.')],
    ['unclear', api(422, "Sorry, your request timed out. It's likely that your input was too large.")],
    ['unclear', http('network')],
    ['unclear', http('timeout')],
    ['unclear', foreign],
    ['refused', api(403, 'Resource not accessible by integration')],
    ['refused', api(422, 'Repository rule violations found')],
    ['refused', api(403, 'You have exceeded a secondary rate limit')],
  ])('%s: %s', (kind, error) => expect(writeAnswer(error).kind).toBe(kind))

  test('our own mistake stays one', () => {
    expect(() => writeAnswer(new TypeError('boo'))).toThrow('boo')
  })
})

describe('a read that failed', () => {
  test.each<[string, Error]>([
    ['Transient', api(502, 'Server Error')],
    ['Transient', http('network')],
    ['Transient', foreign],
    ['UserError', http('tls')],
    ['UserError', api(404, 'Not Found')],
    ['TypeError', new TypeError('boo')],
  ])('%s: %s', (name, error) => expect(readError(error)).toMatchObject({ name }))
})
