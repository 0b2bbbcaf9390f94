// What the workflow says about Argo CD.
import { readFileSync } from 'node:fs'
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { InputReader } from '@gitops-relay/action-kit'
import type { Credentials } from '@gitops-relay/sync'

export interface ArgoInputs {
  server: URL
  credentials: Credentials
  ca: string | undefined
  project: string
  /** Empty: all that deploy the commit. */
  applications: string[]
  selector: string
}

export function readArgo(input: InputReader): ArgoInputs {
  return {
    server: readServer(input),
    credentials: readCredentials(input),
    ca: input.text('ca-file') === '' ? undefined : readFileSync(input.path('ca-file'), 'utf8'),
    project: input.singleLine('argocd-project'),
    applications: input.list('applications', { commas: true }),
    selector: input.singleLine('selector'),
  }
}

function readServer(input: InputReader): URL {
  const text = input.singleLine('argocd-server')
  if (text === '') {
    const sentence = 'Without "argocd-server" there is nobody to ask: core mode through "kubeconfig"'
    throw new UserError('not-yet', `${sentence} is not built yet.`, 'Write the URL of your Argo CD server.')
  }
  const url = /^https?:\/\//i.test(text) ? text : `https://${text}`
  if (!URL.canParse(url)) {
    throw new UserError(
      'bad-url',
      `"argocd-server" is ${JSON.stringify(text)}.`,
      'Write a URL, such as https://argocd.example.com.',
    )
  }
  const server = new URL(url.endsWith('/') ? url : `${url}/`)
  if (server.username || server.password || server.search || server.hash) {
    throw new UserError(
      'bad-url',
      '"argocd-server" holds more than host and path.',
      'Write credentials into "argocd-token".',
    )
  }
  return server
}

function readCredentials(input: InputReader): Credentials {
  const [token, username, password] = [
    input.singleLine('argocd-token'),
    input.text('argocd-username'),
    input.raw('argocd-password'),
  ]
  if (token !== '' && (username !== '' || password !== '')) {
    const sentence = '"argocd-token" and "argocd-username" or "argocd-password" are both given.'
    throw new UserError('contradiction', sentence, 'Give one of the two.')
  }
  if (token !== '') return { token }
  if (username !== '' && password !== '') return { username, password }
  const remedy = 'Give "argocd-token", or "argocd-username" and "argocd-password".'
  throw new UserError('empty-input', 'There are no credentials for "argocd-server".', remedy)
}
