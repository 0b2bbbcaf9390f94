// The user of a kubeconfig: how it says who it is.
import { UserError } from '@gitops-relay/action-kit/user-error'
import { resolve } from 'node:path'
import { object, text } from '../fields.ts'
import type { Login, Plugin, User } from './connection.ts'
import type { Entry } from './entry.ts'

/** @param extension of the cluster, for plugins @throws UserError `kubeconfig-user`, `kubeconfig-field` */
export function readUser(user: Entry, extension: unknown): User {
  if (user.fields('auth-provider') !== undefined)
    throw refusal(
      `${user.name} of the kubeconfig signs in by "auth-provider", which Kubernetes has given up.`,
      'Use "exec" with a credential plugin, or a token.',
    )
  if (['as', 'as-uid'].some(field => user.text(field) !== '') || user.list('as-groups').length > 0)
    throw refusal(
      `${user.name} of the kubeconfig acts as somebody else ("as"), which is not supported.`,
      'Give credentials of the user who is meant.',
    )
  return { certificate: readCertificate(user), login: readLogin(user, extension) }
}

function readCertificate(user: Entry): User['certificate'] {
  const cert = user.source('client-certificate')
  const key = user.source('client-key')
  if (cert && key) return { cert, key }
  if (cert) throw user.refuse('client-key', 'is missing, although there is a client certificate')
  if (key) throw user.refuse('client-certificate', 'is missing, although there is a client key')
  return undefined
}

/** A file goes before a token, as in client-go; everything else is refused where two are given. */
function readLogin(user: Entry, extension: unknown): Login {
  const file = user.text('tokenFile')
  const token = user.text('token')
  const username = user.text('username')
  const exec = user.fields('exec')
  const ways = [file || token ? 'token' : '', username && 'username', exec && 'exec'].filter(Boolean)
  if (ways.length > 1)
    throw refusal(
      `${user.name} of the kubeconfig signs in in more than one way: ${ways.join(', ')}.`,
      'Keep one.',
    )
  if (file !== '') return { kind: 'token', token: { file: resolve(user.directory, file) } }
  if (token !== '') return { kind: 'token', token: { text: token } }
  if (username !== '') return { kind: 'basic', username, password: user.text('password') }
  return exec === undefined ? { kind: 'none' } : { kind: 'exec', plugin: readPlugin(user, extension) }
}

const SPOKEN = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1']

function readPlugin(user: Entry, extension: unknown): Plugin {
  const exec = user.within('exec')
  const [command, apiVersion] = [exec.text('command'), exec.text('apiVersion')]
  if (command === '') throw exec.refuse('command', 'is missing')
  if (!SPOKEN.includes(apiVersion))
    throw exec.refuse('apiVersion', `is "${apiVersion}"; ${SPOKEN.join(' and ')} are spoken`)
  if (exec.text('interactiveMode') === 'Always')
    throw exec.refuse('interactiveMode', 'is "Always", and nobody is there to answer questions')
  const args = exec.list('args')
  if (!args.every(arg => typeof arg === 'string'))
    throw exec.refuse('args', 'has what is not text; put it in quotes')
  return {
    apiVersion,
    // A bare name is looked up in PATH.
    command: /[\\/]/.test(command) ? resolve(user.directory, command) : command,
    args,
    env: Object.fromEntries(
      exec
        .list('env')
        .map(object)
        .map(({ name, value }) => [text(name), text(value)]),
    ),
    installHint: exec.text('installHint').trim(),
    clusterInfo: exec.flag('provideClusterInfo') ? { config: extension } : undefined,
  }
}

const refusal = (sentence: string, remedy: string) =>
  new UserError('kubeconfig-user', sentence.replace(/^user/, 'User'), remedy)
