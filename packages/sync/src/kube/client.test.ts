// The client against a real API server that answers as Kubernetes does.
import { describe, expect, test } from '@jest/globals'
import { certificateAuthority, kubeServer } from '@gitops-relay/testing'
import { canI } from './access.ts'
import { createKubeClient } from './client.ts'
import { readKubeconfig } from './kubeconfig.ts'
import { nameOf, pathOf } from './resource.ts'
import { connect, kustomizations, machine, never, pod, pods } from './world.ts'

const kustomization = (name: string) => ({
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  metadata: { name, namespace: 'flux-system', annotations: { kept: 'yes', removed: 'no' } },
  spec: { path: './prod' },
  status: { lastAppliedRevision: 'main@sha1:a' },
})
const flux = { namespace: 'flux-system', name: 'shop' }

describe('paths', () => {
  test.each<[object, string]>([
    [{}, 'api/v1/pods'],
    [{ namespace: 'a/b' }, 'api/v1/namespaces/a%2Fb/pods'],
    [{ namespace: 'a', name: 'p', subresource: 'log' }, 'api/v1/namespaces/a/pods/p/log'],
  ])('%j: %s', (place, path) => expect(pathOf(pods, place)).toBe(path))

  test.each(['', '.', '..'])('never lead elsewhere: "%s"', name => {
    expect(() => pathOf(pods, { namespace: 'a', name })).toThrow(
      expect.objectContaining({ code: 'kube-name' }),
    )
    expect(() => pathOf(pods, { namespace: name })).toThrow('is no name of anything')
  })

  test('of a group', () => {
    expect(pathOf(kustomizations, flux)).toBe(
      'apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations/shop',
    )
  })

  test('lie below the path of the server', async () => {
    await using server = await kubeServer()
    const text = server.kubeconfig().replace(server.url, `${server.url}/k8s/clusters/c-1`)
    const client = createKubeClient(readKubeconfig([{ text, directory: '/' }]), machine())
    await client.get(pods, { namespace: 'shop', name: 'a' }, never).catch(() => undefined)
    expect(server.requests[0]?.path).toBe('/k8s/clusters/c-1/api/v1/namespaces/shop/pods/a')
  })
})

test('an object is got as it is, without the fields of its managers; one that is not there is undefined', async () => {
  await using server = await kubeServer({ objects: [kustomization('shop')] })
  const client = connect(server)
  const found = await client.get(kustomizations, flux, never)
  expect(found).toMatchObject({ kind: 'Kustomization', spec: { path: './prod' } })
  expect(found).not.toHaveProperty('metadata.managedFields')
  expect(nameOf(found ?? {})).toMatchObject({ ...flux, resourceVersion: '1001' })
  expect(await client.get(kustomizations, { ...flux, name: 'other' }, never)).toBeUndefined()
})

describe('a list', () => {
  const many = Array.from({ length: 1203 }, (_, index) => pod(`p-${String(index).padStart(4, '0')}`))

  test('of thousands comes in pages of one state, each item with its kind', async () => {
    await using server = await kubeServer({ objects: many })
    server.fail({ match: /continue=/, kind: 'meanwhile', act: () => server.remove('Pod', 'p-1200', 'shop') })
    const { items, resourceVersion } = await connect(server).list(pods, { namespace: 'shop' }, never)
    expect(items).toHaveLength(1203)
    expect(items.every(({ kind, apiVersion }) => kind === 'Pod' && apiVersion === 'v1')).toBe(true)
    expect(resourceVersion).toBe('2203')
    expect(server.requests).toHaveLength(3)
  })

  test('whose state is forgotten between two pages is asked for as a whole', async () => {
    await using server = await kubeServer({ objects: many })
    server.fail({ match: /continue=/, after: 1, kind: 'meanwhile', act: () => server.forget() })
    const { items } = await connect(server).list(pods, {}, never)
    expect(new Set(items.map(item => nameOf(item).name)).size).toBe(1203)
    expect(items).toHaveLength(1203)
    expect(server.requests).toHaveLength(4)
  })
})

test('a patch merges, says who made it, and leaves the status alone', async () => {
  await using server = await kubeServer({ objects: [kustomization('shop')] })
  const client = connect(server)
  const change = {
    metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': 'now', removed: null } },
    status: { lastAppliedRevision: 'forged' },
  }
  server.fail({ kind: 'drop-answer' })
  const patched = await client.patch(kustomizations, flux, change, never)
  expect(patched).toMatchObject({ kind: 'Kustomization', status: { lastAppliedRevision: 'main@sha1:a' } })
  expect(server.object('Kustomization', 'shop', 'flux-system')?.metadata.annotations).toEqual({
    kept: 'yes',
    'reconcile.fluxcd.io/requestedAt': 'now',
  })
  expect(server.requests.map(({ method, path }) => `${method} ${path.split('?')[1]}`)).toEqual([
    'PATCH fieldManager=gitops-relay',
    'PATCH fieldManager=gitops-relay',
  ])
  expect(await client.patch(kustomizations, { ...flux, name: 'other' }, change, never)).toBeUndefined()
})

describe('a refusal names what would mend it', () => {
  test('403: verb, resource and namespace', async () => {
    await using server = await kubeServer({ tokens: { t: { user: 'relay' } }, rules: [{ verbs: ['get'] }] })
    const patched = connect(server, { token: 't' }).patch(kustomizations, flux, {}, never)
    await expect(patched).rejects.toMatchObject({
      code: 'kube-forbidden',
      sentence: expect.stringContaining(
        'kustomizations.kustomize.toolkit.fluxcd.io "shop" is forbidden: User "relay" cannot patch resource "kustomizations" in API group "kustomize.toolkit.fluxcd.io" in the namespace "flux-system".',
      ),
      remedy:
        'Allow it by RBAC: verb "patch" on "kustomizations.kustomize.toolkit.fluxcd.io" in the namespace "flux-system".',
    })
  })

  test('403 in all namespaces', async () => {
    await using server = await kubeServer({ rules: [{ verbs: ['list'], namespaces: ['shop'] }] })
    const client = connect(server)
    expect(await client.list(pods, { namespace: 'shop' }, never)).toMatchObject({ items: [] })
    await expect(client.list(pods, {}, never)).rejects.toMatchObject({
      remedy: 'Allow it by RBAC: verb "list" on "pods" in the whole cluster.',
    })
  })

  test.each<[string, (client: ReturnType<typeof connect>) => Promise<unknown>]>([
    ['get', client => client.get(kustomizations, flux, never)],
    ['list', client => client.list(kustomizations, {}, never)],
    ['patch', client => client.patch(kustomizations, flux, {}, never)],
  ])('404 of a whole resource, at %s', async (_, ask) => {
    await using server = await kubeServer()
    server.uninstall(kustomizations.group)
    await expect(ask(connect(server))).rejects.toMatchObject({ code: 'kube-not-installed' })
  })

  test('all else is told with the words of the server, and its status', async () => {
    await using server = await kubeServer({ objects: [kustomization('shop')] })
    const stale = { metadata: { resourceVersion: '1' } }
    await expect(connect(server).patch(kustomizations, flux, stale, never)).rejects.toMatchObject({
      status: 409,
      message: expect.stringContaining('the object has been modified'),
    })
    server.fail({ kind: 'status', status: 502, body: '<html>bad gateway</html>', times: 5 })
    await expect(connect(server).get(pods, flux, never)).rejects.toMatchObject({
      code: 'status',
      status: 502,
    })
  })

  test('what is no JSON does not pass for an object', async () => {
    await using server = await kubeServer()
    server.fail({ kind: 'status', status: 200, body: '<html>log in</html>' })
    await expect(connect(server).get(pods, flux, never)).rejects.toMatchObject({ code: 'not-json' })
  })
})

const read = (text: string) => readKubeconfig([{ text, directory: '/' }])

describe('TLS', () => {
  test('trusts the authority of the kubeconfig and no other', async () => {
    await using server = await kubeServer({
      tls: true,
      tokens: { t: { user: 'relay' } },
      objects: [pod('a')],
    })
    const connection = read(server.kubeconfig({ token: 't' }))
    const place = { namespace: 'shop', name: 'a' }
    const get = (more: object) =>
      createKubeClient({ ...connection, ...more }, machine()).get(pods, place, never)
    expect(await get({})).toMatchObject({ kind: 'Pod' })
    expect(await get({ serverName: 'kubernetes.default.svc' })).toMatchObject({ kind: 'Pod' })
    expect(await get({ authorities: undefined, insecure: true })).toMatchObject({ kind: 'Pod' })
    const refused = { code: 'kube-tls', remedy: expect.stringContaining('context "test"') }
    await expect(get({ authorities: undefined })).rejects.toMatchObject(refused)
    await expect(get({ authorities: { text: certificateAuthority().cert } })).rejects.toMatchObject(refused)
    await expect(get({ serverName: 'other.test' })).rejects.toMatchObject(refused)
    expect(server.requests).toHaveLength(3)
  })

  test('a proxy that the kubeconfig names is the way, and the only one', async () => {
    await using server = await kubeServer()
    const connection = { ...read(server.kubeconfig()), proxy: new URL('http://127.0.0.1:1') }
    const answer = createKubeClient(connection, machine()).get(pods, { name: 'a' }, never)
    await expect(answer).rejects.toThrow('The proxy http://127.0.0.1:1 is in between')
    expect(server.requests).toHaveLength(0)
  })
})

test('what one may do is known before it is tried', async () => {
  await using server = await kubeServer({
    tokens: { t: { user: 'relay' } },
    rules: [
      { verbs: ['get', 'watch'], groups: [''], resources: ['pods'], namespaces: ['shop'], names: ['a'] },
      { verbs: ['get'], resources: ['pods/log'] },
    ],
  })
  const client = connect(server, { token: 't' })
  const ask = async (verb: string, resource: string, place: object) =>
    (await canI(client, { verb, group: '', resource, ...place }, never)).allowed
  expect(await ask('get', 'pods', { namespace: 'shop', name: 'a' })).toBe(true)
  expect(await ask('get', 'pods', { namespace: 'shop' })).toBe(false)
  expect(await ask('get', 'pods', { namespace: 'other', name: 'a' })).toBe(false)
  expect(await ask('patch', 'pods', { namespace: 'shop', name: 'a' })).toBe(false)
  expect(await ask('get', 'pods/log', {})).toBe(true)
  expect(await canI(client, { verb: 'get', group: '', resource: 'pods/log' }, never)).toEqual({
    allowed: true,
    reason: expect.stringContaining('RBAC: allowed'),
  })
})
