import { describe, expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { UserError } from '@gitops-relay/action-kit/user-error'
import { readKubeconfig } from './kubeconfig.ts'
import { secretsOf } from './secrets.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')
const pem = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n'

/** One context, `prod`, of one cluster and one user. */
const config = ({ cluster = {}, user = {}, context = {} }: Record<string, object> = {}) => ({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'prod',
  contexts: [{ name: 'prod', context: { cluster: 'c', user: 'u', ...context } }],
  clusters: [{ name: 'c', cluster: { server: 'https://kube.example:6443', ...cluster } }],
  users: [{ name: 'u', user }],
})
const read = (parts: Record<string, object> = {}) =>
  readKubeconfig([{ text: stringify(config(parts)), directory: '/home/me/.kube' }])
const exec = (more: object = {}) => ({
  exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'aws', interactiveMode: 'Never', ...more },
})

test('a context is a connection', () => {
  const cluster = {
    server: 'https://rancher.example/k8s/clusters/c-1',
    'certificate-authority-data': base64(pem),
    'tls-server-name': 'kubernetes.default',
    'proxy-url': 'http://proxy.example:3128',
  }
  const connection = read({ cluster, context: { namespace: 'shop' }, user: { token: 't' } })
  expect({ ...connection, server: connection.server.href, proxy: connection.proxy?.href }).toEqual({
    name: 'context "prod"',
    server: 'https://rancher.example/k8s/clusters/c-1/',
    authorities: { text: pem },
    serverName: 'kubernetes.default',
    insecure: false,
    proxy: 'http://proxy.example:3128/',
    namespace: 'shop',
    user: { certificate: undefined, login: { kind: 'token', token: { text: 't' } } },
  })
})

test('what is not said is what kubectl takes for it', () => {
  expect(read()).toMatchObject({
    namespace: 'default',
    authorities: undefined,
    serverName: '',
    insecure: false,
    proxy: undefined,
    user: { certificate: undefined, login: { kind: 'none' } },
  })
})

describe('a user signs in by', () => {
  test.each<[string, object, object]>([
    [
      'a token file, before any token',
      { tokenFile: 't', token: 'x' },
      { kind: 'token', token: { file: '/home/me/.kube/t' } },
    ],
    [
      'name and password',
      { username: 'me', password: 'p' },
      { kind: 'basic', username: 'me', password: 'p' },
    ],
    [
      'a program that PATH knows',
      exec({ args: ['eks', 'get-token'], env: [{ name: 'A', value: 'b' }], installHint: ' Get it.\n' }),
      {
        kind: 'exec',
        plugin: {
          apiVersion: 'client.authentication.k8s.io/v1',
          command: 'aws',
          args: ['eks', 'get-token'],
          env: { A: 'b' },
          installHint: 'Get it.',
          clusterInfo: undefined,
        },
      },
    ],
    [
      'a program beside the kubeconfig',
      exec({ command: './login.sh' }),
      { plugin: { command: '/home/me/.kube/login.sh' } },
    ],
    ['an older program', exec({ apiVersion: 'client.authentication.k8s.io/v1beta1' }), { kind: 'exec' }],
  ])('%s', (_, user, login) => {
    expect(read({ user }).user.login).toMatchObject(login)
  })

  test('a program that is told what its cluster says to it', () => {
    const told = { audience: 'x' }
    const cluster = {
      extensions: [
        { name: 'other', extension: 1 },
        { name: 'client.authentication.k8s.io/exec', extension: told },
      ],
    }
    const { login } = read({ cluster, user: exec({ provideClusterInfo: true }) }).user
    expect(login).toMatchObject({ plugin: { clusterInfo: { config: told } } })
  })

  test('a certificate, of which data goes before files', () => {
    const user = { 'client-certificate': 'a.crt', 'client-key': '/b.key', 'client-key-data': base64('key') }
    expect(read({ user }).user.certificate).toEqual({
      cert: { file: '/home/me/.kube/a.crt' },
      key: { text: 'key' },
    })
  })
})

describe('what cannot be meant is refused with its field', () => {
  test.each<[string, Record<string, object>, string, string]>([
    [
      'no server',
      { cluster: { server: '' } },
      'kubeconfig-field',
      '"server" of cluster "c" in the kubeconfig is not an address',
    ],
    ['a server without scheme', { cluster: { server: 'kube:6443' } }, 'kubeconfig-field', '"server"'],
    ['plain http', { cluster: { server: 'http://kube.example' } }, 'kubeconfig-field', 'plain http'],
    [
      'base64 that is none',
      { cluster: { 'certificate-authority-data': 'a?b' } },
      'kubeconfig-field',
      'is not base64',
    ],
    [
      'an authority that is none',
      { cluster: { 'certificate-authority-data': base64('x') } },
      'kubeconfig-field',
      'no certificate',
    ],
    [
      'an authority that is not to be used',
      { cluster: { 'certificate-authority': 'ca.crt', 'insecure-skip-tls-verify': true } },
      'kubeconfig-field',
      'keep one of them',
    ],
    [
      'a flag as text',
      { cluster: { 'insecure-skip-tls-verify': 'true' } },
      'kubeconfig-field',
      'neither true nor false',
    ],
    [
      'a SOCKS proxy',
      { cluster: { 'proxy-url': 'socks5://p:1' } },
      'kubeconfig-field',
      'SOCKS is not spoken',
    ],
    ['a token as a number', { user: { token: 12_345 } }, 'kubeconfig-field', 'put it in quotes'],
    [
      'a certificate without key',
      { user: { 'client-certificate': 'a' } },
      'kubeconfig-field',
      '"client-key" of user "u"',
    ],
    [
      'a key without certificate',
      { user: { 'client-key': 'a' } },
      'kubeconfig-field',
      '"client-certificate"',
    ],
    [
      'auth-provider',
      { user: { 'auth-provider': { name: 'oidc' } } },
      'kubeconfig-user',
      'User "u" of the kubeconfig signs in by "auth-provider"',
    ],
    ['impersonation', { user: { token: 't', as: 'admin' } }, 'kubeconfig-user', 'acts as somebody else'],
    ['two ways', { user: { token: 't', ...exec() } }, 'kubeconfig-user', 'more than one way: token, exec'],
    ['no command', { user: exec({ command: '' }) }, 'kubeconfig-field', '"command" of "exec" of user "u"'],
    [
      'an old program',
      { user: exec({ apiVersion: 'client.authentication.k8s.io/v1alpha1' }) },
      'kubeconfig-field',
      'are spoken',
    ],
    [
      'a program with questions',
      { user: exec({ interactiveMode: 'Always' }) },
      'kubeconfig-field',
      'nobody is there',
    ],
    ['arguments that are none', { user: exec({ args: [1] }) }, 'kubeconfig-field', 'put it in quotes'],
    [
      'an unknown cluster',
      { context: { cluster: 'd' } },
      'kubeconfig-field',
      '"cluster" of context "prod" in the kubeconfig is "d"',
    ],
    ['an unknown user', { context: { user: 'v' } }, 'kubeconfig-field', '"user" of context "prod"'],
  ])('%s', (_, parts, code, sentence) => {
    expect(() => read(parts)).toThrow(
      expect.objectContaining({ code, sentence: expect.stringContaining(sentence) }),
    )
  })

  test.each<[string, string, string]>([
    ['', '', 'names no current context. Give a kubeconfig that has contexts.'],
    [
      stringify({ ...config(), 'current-context': '' }),
      '',
      'names no current context. Name one of its contexts: "prod".',
    ],
    [stringify(config()), 'test', 'has no context "test". Name one of its contexts: "prod".'],
  ])('a context that is not there', (text, context, message) => {
    expect(() => readKubeconfig([{ text, directory: '/' }], context)).toThrow(message)
  })
})

test('of several files the first that names a thing has it, and paths begin at their own file', () => {
  const first = {
    contexts: [{ name: 'prod', context: { cluster: 'c', user: 'u' } }],
    users: [{ name: 'u', user: { tokenFile: 't' } }],
  }
  const second = { ...config({ user: { token: 'other' } }), 'current-context': 'second' }
  const third = {
    'current-context': 'third',
    contexts: [{ name: 'second', context: { cluster: 'c', user: 'u' } }],
  }
  const files = [first, second, third].map((file, index) => ({
    text: stringify(file),
    directory: `/${index}`,
  }))
  const connection = readKubeconfig(files)
  expect(connection.name).toBe('context "second"')
  expect(connection.user.login).toEqual({ kind: 'token', token: { file: '/0/t' } })
  expect(connection.server.href).toBe('https://kube.example:6443/')
})

test('JSON is a kubeconfig, too', () => {
  expect(readKubeconfig([{ text: JSON.stringify(config(), undefined, '\t'), directory: '/' }]).name).toBe(
    'context "prod"',
  )
})

describe('a text that could hurt, or that is none, is refused quickly and quotes nothing', () => {
  const secret = 'hunter2-hunter2'
  test.each<[string, string]>([
    ['more than 1 MiB', 'a'.repeat(1024 * 1024 + 1)],
    ['brackets', '['.repeat(1_000_000)],
    ['lists', '- '.repeat(500_000)],
    ['maps', Array.from({ length: 400 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
    ['aliases', `a: &a [x]\nb: &b [${'*a,'.repeat(50)}]\nc: [${'*b,'.repeat(500)}]`],
    ['a wrong quote', `users:\n- token: "${secret}\n`],
    ['a wrong indent', `users:\n  - a: ${secret}\n b: ${secret}\n`],
    ['two documents', `token: ${secret}\n---\ntoken: ${secret}\n`],
    ['an alias of nothing', `token: *${secret}`],
  ])('%s', (_, text) => {
    const began = performance.now()
    let thrown: unknown
    try {
      readKubeconfig([{ text, directory: '/' }])
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(UserError)
    expect(thrown).toMatchObject({ code: 'kubeconfig-unreadable' })
    expect(JSON.stringify([thrown, String(thrown)])).not.toContain(secret)
    expect(performance.now() - began).toBeLessThan(2000)
  })

  test('many keys are read in no time', () => {
    const began = performance.now()
    const text = Array.from({ length: 50_000 }, (_, index) => `k${index}: 1`).join('\n')
    expect(secretsOf(text)).toEqual([])
    expect(performance.now() - began).toBeLessThan(3000)
  })
})

test('the secrets of a kubeconfig are all that may be one, and no setting that everybody has', () => {
  const key =
    '-----BEGIN PRIVATE KEY-----\nfirst-line-of-key\nsecond-line-of-key\n-----END PRIVATE KEY-----\n'
  const user = {
    token: 'the-token',
    password: 'the-password',
    'client-key-data': base64(key),
    'client-certificate-data': base64(pem),
    'auth-provider': { name: 'oidc', config: { 'id-token': 'the-id-token' } },
    ...exec({
      args: ['--client-secret=the-secret', '--oidc-token', 'the-oidc', '--region', 'eu-central-1', '--token'],
      env: [
        { name: 'AWS_SECRET_ACCESS_KEY', value: 'the-access-key' },
        { name: 'DEBUG', value: 'true' },
      ],
    }),
  }
  const cluster = { 'proxy-url': 'http://me:the%2Dproxy@proxy.example' }
  expect(secretsOf(stringify(config({ user, cluster }))).sort()).toEqual(
    [
      'the-token',
      'the-password',
      base64(key),
      base64(pem),
      'first-line-of-key',
      'second-line-of-key',
      'the-id-token',
      'the-secret',
      'the-oidc',
      'the-access-key',
      'the%2Dproxy',
      'the-proxy',
    ].sort(),
  )
  expect(secretsOf('users: [{user: {token: 7}}, 3, {user: [x]}]')).toEqual([])
})
