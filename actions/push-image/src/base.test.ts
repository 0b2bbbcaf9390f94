import { describe, expect, test } from '@jest/globals'
import { registry } from '@gitops-relay/testing'
import { addBase, json, onBase, run } from './world.ts'

describe('a base', () => {
  test('for arm64 is found under arm64/v8', async () => {
    await using target = await registry()
    addBase(target, [
      { os: 'linux', architecture: 'amd64' },
      { os: 'linux', architecture: 'arm64', variant: 'v8' },
    ])
    const { outputs } = await run(target, { values: onBase(target, { platforms: 'linux/aarch64' }) })
    expect(Object.keys(json(Buffer.from(String(outputs['platforms']))))).toEqual(['linux/arm64'])
  })

  test('is mounted with a token for both repositories, and never read', async () => {
    const credential = { username: 'me', password: 'secret-password' }
    await using target = await registry({ auth: 'bearer', ...credential })
    const layer = addBase(target, [{ os: 'linux', architecture: 'amd64' }])
    const { result } = await run(target, { credential, values: onBase(target, { platforms: 'linux/amd64' }) })
    expect(result).toBe('pushed')
    expect(
      target.requests
        .filter(({ path }) => path.includes(layer))
        .map(({ method, status }) => `${method} ${status}`),
    ).toEqual(['HEAD 404', 'POST 201'])
  })

  test('that cannot be mounted is uploaded in the session that the registry opened for it', async () => {
    await using target = await registry({ mount: false })
    const layer = addBase(target, [{ os: 'linux', architecture: 'amd64' }])
    await run(target, { values: onBase(target, { platforms: 'linux/amd64' }) })
    const opened = target.requests.filter(({ method }) => method === 'POST')
    expect(opened.filter(({ path }) => path.includes(layer))).toHaveLength(1)
    // Its layer, ours, and the config.
    expect(opened).toHaveLength(3)
  })
})
