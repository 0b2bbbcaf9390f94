// Which repository of which GitHub a URL means.
import { hostOf, type RepositoryUrl } from './url.ts'

export interface Place {
  owner: string
  repo: string
  apiUrl: string
  graphqlUrl: string
}

/** The addresses of the run's own server. */
export interface Server {
  serverUrl: string
  apiUrl: string
  graphqlUrl: string
}

/** `undefined` where the host is neither the run's own server nor github.com. */
export function gitHubPlace({ url, scheme, host }: RepositoryUrl, server: Server): Place | undefined {
  const path = URL.canParse(url) ? new URL(url).pathname : `/${url.slice(url.indexOf(':') + 1)}`
  const [, owner, repo] = /^\/+([\w.-]+)\/([\w.-]+?)(?:\.git)?\/*$/.exec(path) ?? []
  if (scheme === 'file' || owner === undefined || repo === undefined) return undefined
  if (
    scheme === 'ssh'
      ? withoutPort(host) === withoutPort(hostOf(server.serverUrl))
      : host === hostOf(server.serverUrl)
  ) {
    const { apiUrl, graphqlUrl } = server
    return apiUrl === '' ? undefined : { owner, repo, apiUrl, graphqlUrl: graphqlUrl || `${apiUrl}/graphql` }
  }
  if (withoutPort(host) !== 'github.com') return undefined
  return { owner, repo, apiUrl: 'https://api.github.com', graphqlUrl: 'https://api.github.com/graphql' }
}

const withoutPort = (host: string) => host.replace(/:\d+$/, '')
