import { describe, expect, test } from '@jest/globals'
import type { HttpResponse } from '@gitops-relay/http'
import { refusal } from './refusal.ts'

const credential = { username: 'me', password: 'secret' }
const errors = (code: string, message: string) => JSON.stringify({ errors: [{ code, message }] })

interface Answered {
  registry?: string
  status: number
  body: string
  headers?: Record<string, string>
  anonymous?: boolean
}

function read({ registry = 'reg.example', status, body, headers = {}, anonymous = false }: Answered) {
  const text = () => Promise.resolve(body)
  const response = {
    status,
    url: `https://${registry}/v2/acme/shop?_state=hidden`,
    headers: new Headers(headers),
    text,
  }
  const about = { registry, repository: 'acme/shop', credential: anonymous ? undefined : credential }
  return refusal(response as unknown as HttpResponse, 'write a manifest', about) // oxlint-disable-line no-unsafe-type-assertion -- what it reads of an answer
}

/** Texts as the registries' own sources, documentation and trackers quote them. */
describe('what a registry says is told with its cause', () => {
  test.each<{ from: string; answered: Answered; code: string; remedy: RegExp }>`
    from                        | answered                                                                                                                                                                             | code                    | remedy
    ${'GHCR, not linked'}       | ${{ registry: 'ghcr.io', status: 403, body: errors('DENIED', 'permission_denied: write_package') }}                                                                                  | ${'registry-denied'}    | ${/Manage Actions access/}
    ${'GHCR, read only'}        | ${{ registry: 'ghcr.io', status: 403, body: errors('DENIED', 'installation not allowed to Create organization package') }}                                                           | ${'registry-denied'}    | ${/packages: write/}
    ${'GHCR, no token'}         | ${{ registry: 'ghcr.io', status: 401, body: '', anonymous: true }}                                                                                                                   | ${'registry-denied'}    | ${/packages: write/}
    ${'ECR, no repository'}     | ${{ status: 404, body: errors('NAME_UNKNOWN', "The repository with name 'acme/shop' does not exist in the registry with id '123456789012'") }}                                       | ${'repository-missing'} | ${/before the first push/}
    ${'ECR, immutable'}         | ${{ status: 400, body: errors('TAG_INVALID', "The image tag 'v1' already exists in the 'shop' repository and cannot be overwritten because the tag is immutable.") }}                | ${'immutable-tag'}      | ${/another tag/}
    ${'Harbor, immutable'}      | ${{ status: 412, body: errors('PRECONDITION', "Failed to process request due to 'shop:v1' configured as immutable.") }}                                                              | ${'immutable-tag'}      | ${/another tag/}
    ${'Harbor, quota'}          | ${{ status: 403, body: errors('DENIED', 'adding 1.0 MiB of storage resource, which when updated to current usage of 9.9 MiB will exceed the configured upper limit of 10.0 MiB.') }} | ${'registry-quota'}     | ${/more room/}
    ${'Docker Hub, limit'}      | ${{ registry: 'docker.io', status: 429, body: 'Too Many Requests', headers: { 'retry-after': '60' } }}                                                                               | ${'registry-busy'}      | ${/later/}
    ${'no login'}               | ${{ status: 401, body: errors('UNAUTHORIZED', 'authentication required'), anonymous: true }}                                                                                         | ${'registry-denied'}    | ${/Give "username"/}
    ${'wrong login'}            | ${{ status: 401, body: errors('UNAUTHORIZED', 'authentication required') }}                                                                                                          | ${'registry-denied'}    | ${/does not take this login/}
    ${'too few rights'}         | ${{ status: 401, body: '', headers: { 'www-authenticate': 'Bearer realm="https://a",error="insufficient_scope"' } }}                                                                 | ${'registry-denied'}    | ${/may push to this repository/}
    ${'Quay, media type'}       | ${{ status: 415, body: errors('MANIFEST_INVALID', 'manifest schema unsupported') }}                                                                                                  | ${'media-type-refused'} | ${/Update the registry/}
    ${'a proxy in front of it'} | ${{ status: 413, body: '<html><head><title>413 Request Entity Too Large</title></head>' }}                                                                                           | ${'too-large'}          | ${/proxies/}
    ${'a lost layer'}           | ${{ status: 404, body: errors('MANIFEST_BLOB_UNKNOWN', 'blob unknown to registry') }}                                                                                                | ${'blob-missing'}       | ${/again/}
    ${'any trouble'}            | ${{ status: 502, body: 'bad gateway' }}                                                                                                                                              | ${'registry-failed'}    | ${/later/}
  `('$from: $code', async ({ answered, code, remedy }) => {
    const error = await read(answered)
    expect(error.code).toBe(code)
    expect(error.remedy).toMatch(remedy)
    expect(error.sentence).toContain(String(answered.status))
  })

  test('the wait that it asks for is shown, what signs an address is not', async () => {
    const body = 'see https://store.example/blob?X-Amz-Signature=abcdef&_state=ghijkl'
    const { sentence } = await read({ status: 429, body, headers: { 'retry-after': '90' } })
    expect(sentence).toContain('wait 90 s')
    expect(sentence).not.toMatch(/abcdef|ghijkl|hidden/)
  })
})
