// A Kubernetes API with everything that brings pods to life, on one machine: kwok plays the node.
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { certificateAuthority } from '@gitops-relay/testing'
import { answers, daemon, freePorts, type Daemon } from './daemon.ts'
import { kubeAdmin, type Kube, type KubeObject } from './kube.ts'
import { stages } from './stages.ts'

export interface ControlPlane {
  kube: Kube
  ca: string
  /** Of a user with all rights, for controllers: path of a kubeconfig whose context is in this namespace. */
  readonly kubeconfig: (namespace: string) => Promise<string>
  /** Of a user called `ci`, who has no rights but what a test gives to it: content of a kubeconfig. */
  waiter: string
  /** What the waiter authenticates with. */
  waiterToken: string
}

const controllers =
  `deployment replicaset statefulset daemonset job cronjob namespace serviceaccount serviceaccount-token
root-ca-certificate-publisher garbage-collector endpointslice disruption horizontal-pod-autoscaler pod-garbage-collector`
    .split(/\s+/)
    .map(name => `${name}-controller`)

/**
 * @param programs directory of the part "core"
 * @param directory of its own, for keys, data and logs
 * @param keep takes what has been started, also when what comes after it fails
 */
export async function controlPlane(
  programs: string,
  directory: string,
  keep: (daemon: Daemon) => void,
): Promise<ControlPlane> {
  const files = await secrets(directory)
  const [etcd = 0, peer = 0, api = 0] = await freePorts(3)
  const logs = directory
  const start = async (name: string, args: readonly string[], ready: () => Promise<boolean>) =>
    keep(await daemon({ name, program: join(programs, name), args, logs, ready }))

  const store = `http://127.0.0.1:${etcd}`
  const peers = `http://127.0.0.1:${peer}`
  await start(
    'etcd',
    [
      `--data-dir=${join(directory, 'etcd')}`,
      `--listen-client-urls=${store}`,
      `--advertise-client-urls=${store}`,
      `--listen-peer-urls=${peers}`,
      `--initial-advertise-peer-urls=${peers}`,
      `--initial-cluster=default=${peers}`,
      '--unsafe-no-fsync',
      '--log-level=warn',
    ],
    answers(`${store}/health`),
  )
  const server = `https://127.0.0.1:${api}`
  const kube = kubeAdmin(server, files.ca, files.admin)
  await start(
    'kube-apiserver',
    [
      `--etcd-servers=${store}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${api}`,
      `--tls-cert-file=${files.path('server.crt')}`,
      `--tls-private-key-file=${files.path('server.key')}`,
      `--token-auth-file=${files.path('tokens.csv')}`,
      `--service-account-key-file=${files.path('accounts.pub')}`,
      `--service-account-signing-key-file=${files.path('accounts.key')}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      '--service-cluster-ip-range=10.96.0.0/16',
      '--authorization-mode=RBAC',
      '--allow-privileged=true',
      // It would want an address of this machine that is not loopback.
      '--endpoint-reconciler-type=none',
      '--profiling=false',
      // Its taint is taken away by a controller that does not run here.
      '--disable-admission-plugins=TaintNodesByCondition',
    ],
    kube.ready,
  )
  const kubeconfig = async (namespace: string) => {
    const path = files.path(`${namespace}.kubeconfig`)
    await writeFile(path, configuration(server, files.path('ca.crt'), files.admin, namespace), {
      mode: 0o600,
    })
    return path
  }
  const admin = `--kubeconfig=${await kubeconfig('default')}`
  const config = files.path('stages.yaml')
  const nodes = join(programs, 'stages')
  const ofNodes = await Promise.all((await readdir(nodes)).map(name => readFile(join(nodes, name), 'utf8')))
  await writeFile(config, [...stages.map(stage => JSON.stringify(stage)), ...ofNodes].join('\n---\n'))
  const quiet = ['--leader-elect=false', '--secure-port=0', '--profiling=false']
  await Promise.all([
    start(
      'kube-controller-manager',
      [
        admin,
        `--root-ca-file=${files.path('ca.crt')}`,
        `--service-account-private-key-file=${files.path('accounts.key')}`,
        `--controllers=${controllers.join(',')}`,
        ...quiet,
      ],
      // Its work is its sign of life.
      async () => (await kube.get('v1', 'ServiceAccount', 'default')) !== undefined,
    ),
    start('kube-scheduler', [admin, ...quiet], atOnce),
    start(
      'kwok',
      [admin, '--manage-all-nodes=true', `--config=${config}`, '--cidr=10.244.0.0/24', '--node-ip=127.0.0.1'],
      atOnce,
    ),
  ])
  const labels = { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' }
  await kube.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-0', labels }, spec: {} })
  await kube.until(['v1', 'Node', 'node-0'], isReady)
  return {
    kube,
    ca: files.ca,
    kubeconfig,
    waiter: configuration(server, files.path('ca.crt'), files.waiter, 'default'),
    waiterToken: files.waiter,
  }
}

const atOnce = () => Promise.resolve(true)

const isReady = ({ status }: KubeObject): boolean =>
  status?.conditions?.some(
    (each: { type: string; status: string }) => each.type === 'Ready' && each.status === 'True',
  ) ?? false

/** Keys, certificates and tokens, made anew. */
async function secrets(directory: string) {
  await mkdir(directory, { recursive: true })
  const path = (name: string) => join(directory, name)
  const authority = certificateAuthority('test cluster')
  const server = authority.issue({
    name: 'kube-apiserver',
    hosts: ['127.0.0.1', '10.96.0.1', 'localhost', 'kubernetes', 'kubernetes.default.svc'],
  })
  const accounts = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const [admin = '', waiter = ''] = [0, 1].map(() => randomBytes(24).toString('hex'))
  const files = {
    'ca.crt': authority.cert,
    'server.crt': server.cert,
    'server.key': server.key,
    'accounts.key': String(accounts.privateKey.export({ type: 'pkcs1', format: 'pem' })),
    'accounts.pub': String(accounts.publicKey.export({ type: 'spki', format: 'pem' })),
    'tokens.csv': `${admin},admin,admin,"system:masters"\n${waiter},ci,ci\n`,
  }
  for (const [name, content] of Object.entries(files)) await writeFile(path(name), content, { mode: 0o600 })
  return { path, ca: authority.cert, admin, waiter }
}

const configuration = (server: string, ca: string, token: string, namespace: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority': ca } }],
    users: [{ name: 'user', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'user', namespace } }],
    'current-context': 'test',
  })
