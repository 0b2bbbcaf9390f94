// One context of a kubeconfig as the connection that it describes. Pure: names of files stay names.
// https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
import { UserError } from '@gitops-relay/action-kit/user-error'
import { isLoopback } from '@gitops-relay/http/address'
import { array, object, text } from '../fields.ts'
import type { Connection } from './connection.ts'
import { readDocument } from './document.ts'
import { readEntry, type Entry } from './entry.ts'
import { readUser } from './user.ts'

export interface KubeconfigFile {
  readonly text: string
  /** Absolute; relative paths in the file begin there. */
  readonly directory: string
}

/**
 * The connection of a context; empty is the current one.
 * Of several files, as `$KUBECONFIG` lists them, the first to name a cluster, user, context or current context has it.
 * @throws UserError `kubeconfig-unreadable`, `kubeconfig-context`, `kubeconfig-field`, `kubeconfig-user`
 */
export function readKubeconfig(files: readonly KubeconfigFile[], context = ''): Connection {
  const documents = files.map(file => ({ document: readDocument(file.text), directory: file.directory }))
  const named = (kind: 'cluster' | 'user' | 'context') => {
    const entries = documents.flatMap(({ document, directory }) =>
      array(document[`${kind}s`]).map((item): [string, Entry] => {
        const name = text(object(item)['name'])
        return [name, readEntry(`${kind} "${name}"`, object(object(item)[kind]), directory)]
      }),
    )
    // Of the same name a Map keeps the last.
    return new Map(entries.toReversed())
  }
  const contexts = named('context')
  const current = documents.map(({ document }) => text(document['current-context'])).find(Boolean)
  const name = context || (current ?? '')
  const chosen = contexts.get(name)
  if (chosen === undefined) throw noContext(name, [...contexts.keys()].sort())
  const find = (kind: 'cluster' | 'user') => {
    const wanted = chosen.text(kind)
    const entry = named(kind).get(wanted)
    if (entry === undefined && (wanted !== '' || kind === 'cluster'))
      throw chosen.refuse(kind, `is "${wanted}", which the kubeconfig does not have`)
    return entry
  }
  const [cluster, user] = [find('cluster'), find('user')]
  return {
    name: `context "${name}"`,
    ...readCluster(cluster ?? chosen),
    namespace: chosen.text('namespace') || 'default',
    user:
      user === undefined
        ? { certificate: undefined, login: { kind: 'none' } }
        : readUser(user, extensionOf(cluster ?? chosen)),
  }
}

function noContext(name: string, known: readonly string[]): UserError {
  const sentence =
    name === '' ? 'The kubeconfig names no current context.' : `The kubeconfig has no context "${name}".`
  const list = known.map(context => `"${context}"`).join(', ')
  const remedy =
    known.length === 0 ? 'Give a kubeconfig that has contexts.' : `Name one of its contexts: ${list}.`
  return new UserError('kubeconfig-context', sentence, remedy)
}

function readCluster(cluster: Entry): Omit<Connection, 'name' | 'namespace' | 'user'> {
  const authorities = cluster.source('certificate-authority')
  const insecure = cluster.flag('insecure-skip-tls-verify')
  if (insecure && authorities !== undefined)
    throw cluster.refuse(
      'insecure-skip-tls-verify',
      'is true although an authority is given; keep one of them',
    )
  if (authorities && 'text' in authorities && !authorities.text.includes('-----BEGIN CERTIFICATE-----'))
    throw cluster.refuse('certificate-authority-data', 'is no certificate (PEM)')
  return {
    server: readServer(cluster),
    authorities,
    serverName: cluster.text('tls-server-name'),
    insecure,
    proxy: readProxy(cluster),
  }
}

function readServer(cluster: Entry): URL {
  const url = URL.parse(cluster.text('server'))
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.search !== '')
    throw cluster.refuse('server', 'is not an address such as https://host:6443')
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    throw cluster.refuse(
      'server',
      'is plain http, which shows credentials to everybody on the way; use https',
    )
  // Paths are joined below it: Rancher and others serve several clusters at one host.
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return url
}

function readProxy(cluster: Entry): URL | undefined {
  const proxy = cluster.text('proxy-url')
  if (proxy === '') return undefined
  const url = URL.parse(proxy)
  if (url === null || !/^https?:$/.test(url.protocol))
    throw cluster.refuse('proxy-url', 'is not an http:// or https:// address; SOCKS is not spoken')
  return url
}

/** What a cluster says to credential plugins. */
function extensionOf(cluster: Entry): unknown {
  return cluster
    .list('extensions')
    .map(object)
    .find(({ name }) => name === 'client.authentication.k8s.io/exec')?.['extension']
}
