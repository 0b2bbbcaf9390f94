// GitHub's description as it is used here.
import { describe, expect, test } from '@jest/globals'
import { description } from './description.ts'

describe('a path means the most literal operation', () => {
  test.each([
    {
      path: '/repos/a/b/git/ref/heads/x/y',
      route: '/repos/{owner}/{repo}/git/ref/{ref}',
      parameters: { ref: 'heads/x/y' },
    },
    {
      path: '/repos/a/b/contents/x/%C3%BC.yaml',
      route: '/repos/{owner}/{repo}/contents/{path}',
      parameters: { path: 'x/ü.yaml' },
    },
    {
      path: '/repos/a/b/compare/v1...x/y',
      route: '/repos/{owner}/{repo}/compare/{basehead}',
      parameters: { basehead: 'v1...x/y' },
    },
    {
      path: '/repos/a/b/commits/x/y/check-runs',
      route: '/repos/{owner}/{repo}/commits/{ref}/check-runs',
      parameters: { ref: 'x/y' },
    },
    {
      path: '/repos/a/b/branches/main/protection',
      route: '/repos/{owner}/{repo}/branches/{branch}/protection',
      parameters: { branch: 'main' },
    },
    { path: '/user', route: '/user', parameters: {} },
  ])('$path', ({ path, route, parameters }) => {
    expect(description()('GET', path)).toMatchObject({ route: `GET ${route}`, parameters })
  })
})

const ref = {
  ref: 'refs/heads/x',
  node_id: 'R',
  url: 'http://x/',
  object: { sha: '0'.repeat(40), type: 'commit', url: 'http://x/' },
}

describe('an answer is held against its status', () => {
  test.each([
    { what: 'as described', status: 200, body: ref, wrong: [] },
    { what: 'a field is missing', status: 200, body: { ...ref, object: undefined }, wrong: [/object/] },
    { what: 'an address is none', status: 200, body: { ...ref, url: 'nowhere' }, wrong: [/uri/] },
    { what: 'an error of its own', status: 409, body: { message: 'Git Repository is empty.' }, wrong: [] },
    { what: 'an error that all have', status: 401, body: { message: 'Bad credentials' }, wrong: [] },
    { what: 'an error of another form', status: 404, body: { message: 7 }, wrong: [/message/] },
    { what: 'another success', status: 202, body: ref, wrong: [/202 is no answer/] },
  ])('$what', ({ status, body, wrong }) => {
    const operation = description()('GET', '/repos/a/b/git/ref/heads/x')
    expect(operation?.refuseAnswer(status, body)).toEqual(wrong.map(text => expect.stringMatching(text)))
  })
})
