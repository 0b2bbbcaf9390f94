// Argo CD on a test's cluster: API server, repo server, application controller, and redis.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import type { ControlPlane } from './control-plane.ts'
import { applyFiles } from './crds.ts'
import { answers, daemon, freePorts, type Daemon } from './daemon.ts'
import type { KubeObject } from './kube.ts'

export const NAMESPACE = 'argocd'

export interface ArgoCd {
  url: string
  /** Of the account `ci`, which may read applications and logs, and nothing else. */
  token: string
}

/**
 * @param programs directory of the part "argocd"
 * @param redis directory of the unpacked packages of redis-server
 */
export async function argocd(
  { kube, kubeconfig }: ControlPlane,
  programs: string,
  redis: string,
  directory: string,
  keep: (daemon: Daemon) => void,
): Promise<ArgoCd> {
  const program = join(programs, 'argocd')
  const password = randomBytes(12).toString('hex')
  await kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } })
  await applyFiles(kube, join(programs, 'crds'))
  await kube.apply(...settings(bcrypt(program, password)))

  const [cache = 0, repo = 0, server = 0, ...metrics] = await freePorts(6)
  const path = async (name: string) => {
    const made = join(directory, name)
    await mkdir(made, { recursive: true })
    return made
  }
  const env = {
    PATH: `${programs}:${process.env['PATH']}`,
    KUBECONFIG: await kubeconfig(NAMESPACE),
    TMPDIR: await path('tmp'),
    ARGOCD_FAKE_IN_CLUSTER: 'true',
    ARGOCD_GPG_ENABLED: 'false',
    ARGOCD_TLS_DATA_PATH: await path('tls'),
    ARGOCD_SSH_DATA_PATH: await path('ssh'),
    ARGOCD_GPG_DATA_PATH: await path('gpg-source'),
    ARGOCD_GNUPGHOME: await path('gpg-keys'),
    ARGOCD_PLUGINSOCKFILEPATH: await path('plugins'),
    ARGOCD_CONTROLLER_REPLICAS: '1',
    HOSTNAME: 'argocd-application-controller-0',
  }
  const libraries = join(redis, 'usr/lib/x86_64-linux-gnu')
  keep(
    await daemon({
      name: 'redis',
      program: join(redis, 'usr/bin/redis-server'),
      args: ['--bind', '127.0.0.1', '--port', String(cache), '--save', '', '--appendonly', 'no'],
      env: { LD_LIBRARY_PATH: libraries },
      logs: directory,
      ready: listens(cache),
    }),
  )
  const shared = [`--redis=127.0.0.1:${cache}`, `--repo-server=127.0.0.1:${repo}`, '--repo-server-plaintext']
  const roles: Record<string, { args: readonly string[]; ready: () => Promise<boolean> }> = {
    'repo-server': {
      args: [
        `--redis=127.0.0.1:${cache}`,
        '--address=127.0.0.1',
        `--port=${repo}`,
        '--metrics-address=127.0.0.1',
        `--metrics-port=${metrics[0]}`,
        '--disable-tls',
        // Its default is not empty, and then TLS may not be off.
        '--client-ca-path=',
      ],
      ready: listens(repo),
    },
    'application-controller': {
      args: [...shared, `--metrics-port=${metrics[1]}`, '--status-processors=4', '--operation-processors=4'],
      ready: answers(`http://127.0.0.1:${metrics[1]}/healthz`),
    },
    server: {
      args: [
        ...shared,
        '--insecure',
        '--address=127.0.0.1',
        `--port=${server}`,
        '--metrics-address=127.0.0.1',
        `--metrics-port=${metrics[2]}`,
      ],
      ready: answers(`http://127.0.0.1:${server}/api/version`),
    },
  }
  await Promise.all(
    Object.entries(roles).map(async ([role, { args, ready }]) => {
      const name = `argocd-${role}`
      const own = { ...env, ARGOCD_BINARY_NAME: name }
      keep(await daemon({ name, program, args, env: own, logs: directory, ready }))
    }),
  )
  const url = `http://127.0.0.1:${server}`
  return { url, token: await tokenOf(url, password) }
}

const listens = (port: number) => async (): Promise<boolean> => {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.destroy()
  return true
}

function bcrypt(program: string, password: string): string {
  const { stdout, status } = spawnSync(program, ['account', 'bcrypt', '--password', password], {
    env: { ...process.env, ARGOCD_BINARY_NAME: 'argocd' },
  })
  if (status !== 0) throw new Error('argocd account bcrypt failed.')
  return stdout.toString().trim()
}

async function tokenOf(url: string, password: string): Promise<string> {
  const post = async (path: string, body: object, token = '') => {
    const headers = {
      'content-type': 'application/json',
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
    }
    const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })
    const answer = (await response.json()) as { token?: string } // oxlint-disable-line no-unsafe-type-assertion -- Argo CD's own
    if (answer.token === undefined) throw new Error(`${path}: ${response.status} ${JSON.stringify(answer)}`)
    return answer.token
  }
  const admin = await post('/api/v1/session', { username: 'admin', password })
  return post('/api/v1/account/ci/token', { name: 'ci' }, admin)
}

function settings(passwordHash: string): KubeObject[] {
  const metadata = (name: string) => ({
    name,
    namespace: NAMESPACE,
    labels: { 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': 'argocd' },
  })
  const configMap = (name: string, data: Record<string, string> = {}): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadata(name),
    data,
  })
  const policy = `p, role:wait, applications, get, */*, allow
p, role:wait, logs, get, */*, allow
g, ci, role:wait
`
  return [
    configMap('argocd-cm', { 'accounts.ci': 'apiKey', 'timeout.reconciliation': '120s' }),
    configMap('argocd-rbac-cm', { 'policy.csv': policy }),
    configMap('argocd-cmd-params-cm'),
    configMap('argocd-ssh-known-hosts-cm'),
    configMap('argocd-tls-certs-cm'),
    configMap('argocd-gpg-keys-cm'),
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: metadata('argocd-secret'),
      type: 'Opaque',
      stringData: {
        'admin.password': passwordHash,
        'admin.passwordMtime': new Date().toISOString(),
        'server.secretkey': randomBytes(32).toString('base64'),
      },
    },
    {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AppProject',
      metadata: { name: 'default', namespace: NAMESPACE },
      spec: {
        sourceRepos: ['*'],
        destinations: [{ namespace: '*', server: '*' }],
        clusterResourceWhitelist: [{ group: '*', kind: '*' }],
      },
    },
  ]
}
