// Credentials from a program that the kubeconfig names.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
import { UserError } from '@gitops-relay/action-kit/user-error'
import { scrubbedEnvironment, type Ended } from '@gitops-relay/process'
import { object, text, time } from '../fields.ts'
import type { Connection, Plugin } from './connection.ts'
import { readSource } from './source.ts'
import type { Machine } from './machine.ts'

/** What a plugin, or a mint, gives. */
export interface Minted {
  /** Empty where there is none. */
  readonly token: string
  readonly certificate: string
  readonly key: string
  /** Milliseconds since the epoch; undefined where the plugin does not say. */
  readonly end: number | undefined
}

const LIMIT = 60_000

/** Runs it without a shell and without questions. Its secrets are masked. Thrown: UserError `kube-plugin`; the reason of the machine's signal */
export async function runPlugin(plugin: Plugin, connection: Connection, machine: Machine): Promise<Minted> {
  const env = {
    ...scrubbedEnvironment(machine.env, machine.passEnv),
    ...plugin.env,
    KUBERNETES_EXEC_INFO: JSON.stringify(await execInfo(plugin, connection)),
  }
  const { cwd, execute, signal } = machine
  const options = { cwd, env, timeout: LIMIT, keep: 'head' as const, ...(signal ? { signal } : {}) }
  let ended: Ended
  try {
    ended = await execute([plugin.command, ...plugin.args], options)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    throw refusal(plugin, `cannot be run: ${error.sentence}`, plugin.installHint || error.remedy, error)
  }
  if (ended.timedOut)
    throw refusal(plugin, `did not end within ${LIMIT / 1000} s`, 'See whether it asks for something.')
  if (ended.exitCode !== 0) {
    const said = ended.stderr.trim().split('\n').slice(-3).join(' ').slice(-500)
    throw refusal(
      plugin,
      `failed with ${ended.status}${said === '' ? '' : `: ${said}`}`,
      'Run it by hand to see why.',
    )
  }
  const minted = readCredential(plugin, ended.stdout)
  for (const secret of [minted.token, minted.key]) if (secret !== '') machine.mask(secret)
  return minted
}

/** What the program is told, as `KUBERNETES_EXEC_INFO`. */
async function execInfo(plugin: Plugin, { server, serverName, insecure, proxy, authorities }: Connection) {
  const { apiVersion, clusterInfo } = plugin
  const pem = clusterInfo && authorities ? await readSource(authorities, 'the authority of the cluster') : ''
  const cluster = clusterInfo && {
    server: server.href.replace(/\/$/, ''),
    ...(serverName === '' ? {} : { 'tls-server-name': serverName }),
    ...(insecure ? { 'insecure-skip-tls-verify': true } : {}),
    ...(pem === '' ? {} : { 'certificate-authority-data': Buffer.from(pem).toString('base64') }),
    ...(proxy === undefined ? {} : { 'proxy-url': proxy.href }),
    ...(clusterInfo.config === undefined ? {} : { config: clusterInfo.config }),
  }
  return { kind: 'ExecCredential', apiVersion, spec: { ...(cluster ? { cluster } : {}), interactive: false } }
}

/** Nothing of what the program says is repeated: it is made of secrets. */
function readCredential(plugin: Plugin, stdout: string): Minted {
  const wrong = (problem: string) =>
    refusal(plugin, problem, 'Update it, or correct its arguments in the kubeconfig.')
  let answer: unknown
  try {
    answer = JSON.parse(stdout)
  } catch {
    // The parser's own error would quote what it found.
    throw wrong('does not answer with JSON')
  }
  const { kind, apiVersion, status } = object(answer)
  if (kind !== 'ExecCredential') throw wrong('does not answer with an ExecCredential')
  if (apiVersion !== plugin.apiVersion)
    throw wrong(`answers in ${text(apiVersion)}, not in ${plugin.apiVersion}`)
  const { token, clientCertificateData, clientKeyData, expirationTimestamp } = object(status)
  const minted = { token: text(token), certificate: text(clientCertificateData), key: text(clientKeyData) }
  if (minted.token === '' && minted.certificate === '') throw wrong('gives neither a token nor a certificate')
  if ((minted.certificate === '') !== (minted.key === ''))
    throw wrong('gives one of certificate and key only')
  return { ...minted, end: time(expirationTimestamp) }
}

const refusal = (plugin: Plugin, problem: string, remedy: string, cause?: unknown) =>
  new UserError(
    'kube-plugin',
    `The credential plugin "${plugin.command}" ${problem.replace(/\.$/, '')}.`,
    remedy,
    { cause },
  )
