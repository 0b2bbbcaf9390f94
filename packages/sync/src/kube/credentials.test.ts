// Credentials from real files and real programs, used against a real API server.
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { certificateAuthority, kubeServer, temporaryDirectory, type KubeServer } from '@gitops-relay/testing'
import { createKubeClient } from './client.ts'
import type { Login, Plugin } from './connection.ts'
import { openCredentials } from './credentials.ts'
import { readInCluster } from './in-cluster.ts'
import { readKubeconfig } from './kubeconfig.ts'
import { connect, machine, never, pod, pods } from './world.ts'

const relay = { user: 'relay' }
const one = { namespace: 'shop', name: 'a' }
const V1 = 'client.authentication.k8s.io/v1'

/** A program that runs this body of JavaScript; `say` prints an ExecCredential. */
async function program(directory: string, body: string): Promise<string> {
  const path = join(directory, 'login.mjs')
  const text = `#!${process.execPath}
import { appendFileSync, readFileSync } from 'node:fs'
const log = ${JSON.stringify(join(directory, 'log'))}
const say = (status, apiVersion = '${V1}') => console.log(JSON.stringify({ kind: 'ExecCredential', apiVersion, status }))
const runs = () => { appendFileSync(log, 'x'); return readFileSync(log, 'utf8').length }
${body}`
  await writeFile(path, text)
  await chmod(path, 0o755)
  return path
}

const plugin = (command: string, more: Partial<Plugin> = {}): Login => ({
  kind: 'exec',
  plugin: { apiVersion: V1, command, args: [], env: {}, installHint: '', clusterInfo: undefined, ...more },
})
const isThere = expect.objectContaining({ kind: 'Pod' })

describe('a program that gives credentials', () => {
  test('is run once, masked, and again before what it gave ends', async () => {
    await using server = await kubeServer({
      tokens: { 'token-1': relay, 'token-2': relay },
      objects: [pod('a')],
    })
    await using directory = await temporaryDirectory()
    const on = machine()
    const end = new Date(on.clock.now() + 600_000).toISOString()
    const command = await program(
      directory.path,
      `say({ token: 'token-' + runs(), expirationTimestamp: '${end}' })`,
    )
    const client = connect(server, {}, on, plugin(command))
    expect(await Promise.all([client.get(pods, one, never), client.get(pods, one, never)])).toEqual([
      isThere,
      isThere,
    ])
    expect(on.masked).toEqual(['token-1'])
    on.pass(565_000)
    await client.get(pods, one, never)
    expect(on.masked).toEqual(['token-1'])
    on.pass(10_000)
    expect(await Promise.all([client.get(pods, one, never), client.get(pods, one, never)])).toEqual([
      isThere,
      isThere,
    ])
    expect(on.masked).toEqual(['token-1', 'token-2'])
  })

  test('is run again, once for all, when what it gave is refused', async () => {
    await using server = await kubeServer({ tokens: { 'token-2': relay }, objects: [pod('a')] })
    await using directory = await temporaryDirectory()
    const on = machine()
    const command = await program(directory.path, `say({ token: 'token-' + runs() })`)
    const client = connect(server, {}, on, plugin(command))
    const answers = await Promise.all(Array.from({ length: 5 }, () => client.get(pods, one, never)))
    expect(answers).toEqual(Array.from({ length: 5 }, () => isThere))
    expect(on.masked).toEqual(['token-1', 'token-2'])
  })

  test('and is refused twice is not run for ever', async () => {
    await using server = await kubeServer({ tokens: {}, objects: [pod('a')] })
    await using directory = await temporaryDirectory()
    const on = machine()
    const command = await program(directory.path, `say({ token: 'token-' + runs() })`)
    const answer = connect(server, {}, on, plugin(command)).get(pods, one, never)
    await expect(answer).rejects.toMatchObject({ code: 'kube-unauthorized' })
    expect(on.masked).toEqual(['token-1', 'token-2'])
    expect(server.requests).toHaveLength(2)
  })

  test('is told what the kubeconfig says, and nothing of the runner', async () => {
    await using server = await kubeServer({ tls: true, objects: [pod('a')] })
    await using directory = await temporaryDirectory()
    const command = await program(
      directory.path,
      `const { env, argv } = process
       say({ token: Buffer.from(JSON.stringify([env.GIVEN, env.INPUT_TOKEN, env.ACTIONS_ID_TOKEN_REQUEST_TOKEN, argv.slice(2), JSON.parse(env.KUBERNETES_EXEC_INFO)])).toString('base64') })`,
    )
    const env = {
      INPUT_TOKEN: 'hidden',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'passed',
      ACTIONS_RUNTIME_TOKEN: 'hidden',
    }
    const on = machine({ env: { ...process.env, ...env }, passEnv: ['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] })
    const connection = {
      ...readKubeconfig([{ text: server.kubeconfig(), directory: '/' }]),
      serverName: 'localhost',
      user: {
        certificate: undefined,
        login: plugin(command, {
          args: ['a b', '$(c)'],
          env: { GIVEN: 'yes' },
          clusterInfo: { config: { x: 1 } },
        }),
      },
    }
    const { authorization } = await openCredentials(connection, on).current()
    const told: unknown = JSON.parse(Buffer.from(authorization.slice(7), 'base64').toString())
    const cluster = {
      server: server.url,
      'tls-server-name': 'localhost',
      'certificate-authority-data': Buffer.from(server.authority).toString('base64'),
      config: { x: 1 },
    }
    expect(told).toEqual([
      'yes',
      null,
      'passed',
      ['a b', '$(c)'],
      { kind: 'ExecCredential', apiVersion: V1, spec: { cluster, interactive: false } },
    ])
  })

  test('may give a certificate', async () => {
    await using server = await kubeServer({
      tls: true,
      rules: [{ subject: 'relay', verbs: ['get'] }],
      objects: [pod('a')],
    })
    await using directory = await temporaryDirectory()
    const { cert, key } = server.issue(relay)
    const status = { clientCertificateData: cert, clientKeyData: key }
    const on = machine()
    const client = connect(
      server,
      {},
      on,
      plugin(await program(directory.path, `say(${JSON.stringify(status)})`)),
    )
    expect(await client.get(pods, one, never)).toEqual(isThere)
    expect(on.masked).toEqual([key])
  })

  test('is stopped with everything else', async () => {
    await using directory = await temporaryDirectory()
    const stop = new AbortController()
    const command = await program(directory.path, `runs(); setInterval(() => {}, 1000)`)
    await using server = await kubeServer()
    const answer = connect(server, {}, machine({ signal: stop.signal }), plugin(command)).get(
      pods,
      one,
      never,
    )
    stop.abort(new Error('cancelled'))
    await expect(answer).rejects.toThrow('cancelled')
  })

  test.each<[string, string, string]>([
    ['fails', `console.error('first\\nno profile'); process.exit(3)`, 'failed with 3: first no profile.'],
    ['says nothing', '', 'does not answer with JSON.'],
    ['says what is no credential', `console.log('{"secret":1}')`, 'does not answer with an ExecCredential.'],
    ['speaks another version', `say({ token: 'x' }, '${V1}beta1')`, `answers in ${V1}beta1, not in ${V1}.`],
    ['gives nothing', 'say({})', 'gives neither a token nor a certificate.'],
    ['gives half of a pair', `say({ clientCertificateData: 'x' })`, 'gives one of certificate and key only.'],
  ])('and %s is named', async (_, body, sentence) => {
    await using server = await kubeServer()
    await using directory = await temporaryDirectory()
    const command = await program(directory.path, body)
    await expect(connect(server, {}, machine(), plugin(command)).get(pods, one, never)).rejects.toMatchObject(
      {
        code: 'kube-plugin',
        sentence: `The credential plugin "${command}" ${sentence}`,
      },
    )
  })

  test('and is not there is asked for in its own words', async () => {
    await using server = await kubeServer()
    const login = plugin('no-such-program-here', { installHint: 'Get it from its vendor.' })
    await expect(connect(server, {}, machine(), login).get(pods, one, never)).rejects.toMatchObject({
      code: 'kube-plugin',
      remedy: 'Get it from its vendor.',
    })
  })
})

const jwt = (exp: number) => `x.${Buffer.from(JSON.stringify({ exp })).toString('base64url')}.y`

describe('a token', () => {
  test('in a file is read anew for each request', async () => {
    await using server = await kubeServer({ tokens: { 'token-1': relay }, objects: [pod('a')] })
    await using directory = await temporaryDirectory()
    const file = join(directory.path, 'token')
    await writeFile(file, 'token-1\n')
    const client = connect(server, {}, machine(), { kind: 'token', token: { file } })
    expect(await client.get(pods, one, never)).toEqual(isThere)
    server.revoke('token-1')
    server.accept('token-2', relay)
    await expect(client.get(pods, one, never)).rejects.toMatchObject({ code: 'kube-unauthorized' })
    await writeFile(file, 'token-2\n')
    expect(await client.get(pods, one, never)).toEqual(isThere)
    await writeFile(file, '\n')
    const sentence = `The file ${file} of the token of context "test" is empty.`
    await expect(client.get(pods, one, never)).rejects.toMatchObject({ code: 'kube-file', sentence })
  })

  test('that is over says since when, and is not sent again', async () => {
    await using server = await kubeServer({ tokens: {} })
    const answer = connect(server, { token: jwt(1_700_000_000) }).get(pods, one, never)
    const sentence = expect.stringContaining(
      'of context "test": the token ended at 2023-11-14T22:13:20.000Z.',
    )
    await expect(answer).rejects.toMatchObject({ code: 'kube-unauthorized', sentence })
    expect(server.requests).toHaveLength(1)
  })

  test('that is minted is minted again before its own end', async () => {
    const on = machine()
    const ends = (after: number) => jwt(Math.floor(on.clock.now() / 1000) + after)
    const minted = [ends(300), ends(600)]
    await using server = await kubeServer({
      tokens: Object.fromEntries(minted.map(token => [token, relay])),
      objects: [pod('a')],
    })
    const waiting = [...minted]
    const login = { kind: 'mint', mint: () => Promise.resolve(waiting.shift() ?? '') } as const
    const client = connect(server, {}, on, login)
    await client.get(pods, one, never)
    on.pass(100_000)
    await client.get(pods, one, never)
    expect(on.masked).toEqual(minted.slice(0, 1))
    on.pass(180_000)
    expect(await client.get(pods, one, never)).toEqual(isThere)
    expect(on.masked).toEqual(minted)
  })

  test('that could not be minted once is tried again', async () => {
    await using server = await kubeServer({ tokens: { good: relay }, objects: [pod('a')] })
    let count = 0
    const mint = () => (count++ === 0 ? Promise.reject(new Error('not now')) : Promise.resolve('good'))
    const client = connect(server, {}, machine(), { kind: 'mint', mint })
    await expect(client.get(pods, one, never)).rejects.toThrow('not now')
    expect(await client.get(pods, one, never)).toEqual(isThere)
  })

  test('never goes along when the server sends us elsewhere', async () => {
    await using server = await kubeServer({ tokens: { t: relay } })
    server.fail({ kind: 'status', status: 307, headers: { location: `${server.url}/elsewhere` } })
    await expect(connect(server, { token: 't' }).get(pods, one, never)).rejects.toMatchObject({ status: 307 })
    expect(server.requests).toHaveLength(1)
  })
})

test('name and password go as Basic', async () => {
  await using server = await kubeServer({ objects: [pod('a')] })
  const login = { kind: 'basic', username: 'me', password: 'pässword' } as const
  await connect(server, {}, machine(), login)
    .get(pods, one, never)
    .catch(() => undefined)
  expect(server.requests[0]?.authorization).toBe(`Basic ${Buffer.from('me:pässword').toString('base64')}`)
})

describe('a client certificate', () => {
  const rules = [{ subject: 'readers', verbs: ['get'] }]
  const secured = () => kubeServer({ tls: true, rules, objects: [pod('a')] })

  test('is who we are, with its groups', async () => {
    await using server = await secured()
    const reader = connect(server, { identity: server.issue({ user: 'relay', groups: ['readers'] }) })
    expect(await reader.get(pods, one, never)).toEqual(isThere)
    const other = connect(server, { identity: server.issue({ user: 'other' }) })
    const sentence = expect.stringContaining('User "other" cannot get resource "pods"')
    await expect(other.get(pods, one, never)).rejects.toMatchObject({ code: 'kube-forbidden', sentence })
  })

  test('in files is read anew when it is renewed in its place', async () => {
    await using server = await secured()
    await using directory = await temporaryDirectory()
    const write = async (user: string, groups: string[]) => {
      const { cert, key } = server.issue({ user, groups })
      await Promise.all([
        writeFile(join(directory.path, 'crt'), cert),
        writeFile(join(directory.path, 'key'), key),
      ])
    }
    const { clusters, contexts } = JSON.parse(server.kubeconfig()) as Record<string, unknown> // oxlint-disable-line no-unsafe-type-assertion -- of our own
    const users = [{ name: 'test', user: { 'client-certificate': 'crt', 'client-key': 'key' } }]
    const text = JSON.stringify({ clusters, contexts, users })
    const client = createKubeClient(readKubeconfig([{ text, directory: directory.path }], 'test'), machine())
    await write('first', [])
    await expect(client.get(pods, one, never)).rejects.toThrow('User "first"')
    await write('second', ['readers'])
    expect(await client.get(pods, one, never)).toEqual(isThere)
  })

  test.each<[string, (server: KubeServer) => { cert: string; key: string }, string]>([
    [
      'with the key of another',
      server => ({ ...server.issue(relay), key: server.issue(relay).key }),
      'its key is the one of another certificate',
    ],
    ['that is no certificate', server => ({ ...server.issue(relay), cert: 'x' }), 'cannot be read'],
    ['whose key is no key', server => ({ ...server.issue(relay), key: 'x' }), 'cannot be read'],
  ])('%s is told before anything is sent', async (_, identity, sentence) => {
    await using server = await secured()
    await expect(connect(server, { identity: identity(server) }).get(pods, one, never)).rejects.toMatchObject(
      {
        code: 'kube-certificate',
        sentence: expect.stringContaining(sentence),
      },
    )
    expect(server.requests).toHaveLength(0)
  })

  test('of an authority that the server does not know is nobody', async () => {
    await using server = await secured()
    const identity = certificateAuthority().issue({ name: 'relay', organizations: ['readers'] })
    await expect(connect(server, { identity }).get(pods, one, never)).rejects.toThrow(
      'User "system:anonymous"',
    )
  })
})

describe('in a pod', () => {
  test('the service account that is mounted speaks to the server that the environment names', async () => {
    await using server = await kubeServer({ tls: true, tokens: { mounted: relay }, objects: [pod('a')] })
    await using directory = await temporaryDirectory()
    const files = { token: 'mounted\n', namespace: 'shop\n', 'ca.crt': server.authority }
    for (const [name, text] of Object.entries(files)) await writeFile(join(directory.path, name), text)
    const { hostname, port } = new URL(server.url)
    const env = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port }
    const connection = await readInCluster(env, directory.path)
    expect(connection.namespace).toBe('shop')
    expect(await createKubeClient(connection, machine()).get(pods, one, never)).toEqual(isThere)
  })

  test('an address of IPv6 is one', async () => {
    await using directory = await temporaryDirectory()
    await writeFile(join(directory.path, 'namespace'), 'shop')
    const { server } = await readInCluster({ KUBERNETES_SERVICE_HOST: 'fd00::1' }, directory.path)
    expect(server.href).toBe('https://[fd00::1]/')
  })

  test('that is none, or that mounts nothing, is told so', async () => {
    await using directory = await temporaryDirectory()
    await mkdir(join(directory.path, 'empty'))
    await expect(readInCluster({})).rejects.toMatchObject({ code: 'kube-not-in-cluster' })
    const unmounted = readInCluster({ KUBERNETES_SERVICE_HOST: 'x' }, join(directory.path, 'empty'))
    await expect(unmounted).rejects.toThrow('no service account is mounted')
  })
})
