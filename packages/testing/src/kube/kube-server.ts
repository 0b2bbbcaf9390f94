// An API server as Kubernetes has it, without a cluster behind it: real HTTP, lists, watches, rights, and faults on demand.
import type { Clock } from '../../../http/src/clock.ts'
import { systemClock } from '../../../http/src/clock.ts'
import { certificateAuthority, type Identity } from '../certificates.ts'
import type { Fault } from '../faults.ts'
import { loopback, type LoggedRequest } from '../loopback.ts'
import type { KubeRule, KubeUser } from './access.ts'
import { createApi, type Authority } from './api.ts'
import { KINDS, type Kind } from './kinds.ts'
import type { KubeManifest, StoredObject } from './objects.ts'
import { createStore, type Change } from './store.ts'
import { createWatches } from './watches.ts'

export interface KubeServerOptions {
  objects?: readonly KubeManifest[]
  /** Speaks https by an authority of its own, and knows the client certificates that this authority issued. */
  tls?: boolean
  /** Bearer tokens and who has them. */
  tokens?: Readonly<Record<string, KubeUser & { until?: number }>>
  /** What is granted. Default: everything, to everybody who says who he is; without `tokens` and `tls`, to everybody. */
  rules?: readonly KubeRule[]
  /** Changes that a watch can go back to; default 1,000. */
  history?: number
  clock?: Pick<Clock, 'now'>
}

export interface KubeServer extends AsyncDisposable {
  readonly url: string
  /** PEM of its authority; empty without `tls`. */
  readonly authority: string
  readonly requests: readonly LoggedRequest[]
  readonly fail: (fault: Fault) => void
  /** Creates or replaces an object, its status too. @returns a copy of what is stored */
  apply(manifest: KubeManifest): StoredObject
  /** @param namespace default `default` */
  remove(kind: string, name: string, namespace?: string): void
  /** Copies; all, or those of one kind. */
  objects(kind?: string): StoredObject[]
  object(kind: string, name: string, namespace?: string): StoredObject | undefined
  /** Hears of every change, whoever made it. @returns the end of it */
  onChange(listener: (type: Change['type'], object: StoredObject) => void): () => void
  /** A kubeconfig with one context, `test`, for a token or a client certificate of `issue`. */
  kubeconfig(user?: { token?: string; identity?: Identity }): string
  /** A client certificate. */
  issue(user: KubeUser): Identity
  accept(token: string, user: KubeUser & { until?: number }): void
  revoke(token: string): void
  grant(...rules: readonly KubeRule[]): void
  /** Takes all rights away. */
  revokeRights(): void
  uninstall(group: string): void
  /** How a watch from a forgotten state is refused; default `stream`. */
  refuseOldBy(way: Authority['gone']): void
  readonly watches: {
    /** Open ones. */
    readonly count: number
    /** Breaks their connections. */
    cut(): void
    /** Ends them in good order, after whatever last words. */
    end(last?: string): void
    /** Writes a line into each. */
    say(line: string): void
    bookmark(): void
  }
  /** Every state until now is too old; open watches are told so. */
  forget(): void
}

export async function kubeServer(options: KubeServerOptions = {}): Promise<KubeServer> {
  const { tls = false, clock = systemClock } = options
  const isOpen = options.tokens === undefined && !tls
  const store = createStore(options.history ?? 1000)
  const watches = createWatches(store)
  const everything: KubeRule = {
    verbs: ['*'],
    subject: isOpen ? 'system:unauthenticated' : 'system:authenticated',
  }
  const authority: Authority = {
    tokens: new Map(Object.entries(options.tokens ?? {})),
    rules: options.rules ?? [everything],
    missing: new Set(),
    gone: 'stream',
    now: () => clock.now(),
  }
  const issuer = tls ? certificateAuthority('test-cluster') : undefined
  const secure = issuer && {
    ...issuer.issue({ hosts: ['127.0.0.1', 'localhost', 'kubernetes.default.svc'] }),
    ca: issuer.cert,
    requestCert: true,
    rejectUnauthorized: false,
  }
  const server = await loopback(createApi(store, watches, authority), secure)

  const apply = (manifest: KubeManifest) => structuredClone(store.put(manifest, clock.now()))
  options.objects?.forEach(apply)

  return {
    url: server.url,
    authority: issuer?.cert ?? '',
    requests: server.requests,
    fail: server.fail,
    apply,
    remove(kind, name, namespace) {
      if (store.remove(find(kind), namespace, name) === undefined)
        throw new Error(`There is no ${kind} ${name}.`)
    },
    objects: kind => structuredClone(kind === undefined ? store.everything() : store.all(find(kind))),
    object: (kind, name, namespace) => structuredClone(store.find(find(kind), namespace, name)),
    onChange: listener => store.subscribe(({ type, object }) => listener(type, structuredClone(object))),
    kubeconfig: user => kubeconfig(server.url, issuer?.cert, user),
    issue({ user: name, groups: organizations = [] }) {
      if (issuer === undefined) throw new Error('Without TLS nobody shows a certificate.')
      return issuer.issue({ name, organizations })
    },
    accept: (token, user) => void authority.tokens.set(token, user),
    revoke: token => void authority.tokens.delete(token),
    grant: (...rules) => void (authority.rules = [...authority.rules, ...rules]),
    revokeRights: () => void (authority.rules = []),
    uninstall: group => void authority.missing.add(group),
    refuseOldBy: way => void (authority.gone = way),
    watches,
    forget() {
      store.forget()
      watches.expire()
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

function find(kind: string): Kind {
  const found = KINDS.find(one => one.kind === kind)
  if (found === undefined) throw new Error(`There is no ${kind} here.`)
  return found
}

function kubeconfig(
  url: string,
  ca: string | undefined,
  { token, identity }: { token?: string; identity?: Identity } = {},
): string {
  const cluster = { server: url, ...(ca === undefined ? {} : { 'certificate-authority-data': base64(ca) }) }
  const user = {
    ...(token === undefined ? {} : { token }),
    ...(identity && {
      'client-certificate-data': base64(identity.cert),
      'client-key-data': base64(identity.key),
    }),
  }
  // JSON is YAML.
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'test', user }],
  })
}

const base64 = (text: string) => Buffer.from(text).toString('base64')
