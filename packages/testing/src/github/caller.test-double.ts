// Asks the API as a client would.
import type { GitHubServer } from './github-server.ts'

// What comes back is judged by the tests.
type Body = any // oxlint-disable-line no-explicit-any

export function caller({ url, graphqlUrl }: GitHubServer, token?: string) {
  const authorization: Record<string, string> = token === undefined ? {} : { authorization: `token ${token}` }

  async function send(method: string, address: string, body?: unknown, headers = {}) {
    const response = await fetch(address, {
      method,
      headers: { ...authorization, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const parsed: Body = text === '' ? undefined : JSON.parse(text)
    return { status: response.status, headers: response.headers, body: parsed }
  }

  return {
    rest: (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
      send(method, url + path, body, headers),
    graphql: async (query: string, variables?: unknown): Promise<{ data?: Body; errors?: Body[] }> =>
      (await send('POST', graphqlUrl, { query, variables })).body,
  }
}
