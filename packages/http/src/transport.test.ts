import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { expect, test } from '@jest/globals'
import { createHttp } from './client.ts'
import { listen, proxyTo } from './servers.test-double.ts'

const sayingHere = () => createServer((_, response) => void response.end('here'))

test('a proxy is used for the world, but neither for loopback nor for what no_proxy names', async () => {
  await using target = await listen(sayingHere())
  const { server, asked } = proxyTo(target.port)
  await using proxy = await listen(server)
  const env = { HTTP_PROXY: proxy.url, no_proxy: 'near.invalid' }
  const plainHttpHosts = ['far.invalid', 'near.invalid']
  const http = createHttp({ env, plainHttpHosts })
  expect(await (await http.send({ url: 'http://far.invalid/' })).text()).toBe('here')
  expect(await (await http.send({ url: target.url })).text()).toBe('here')
  const near = http.send({ url: 'http://near.invalid/', repeat: 'once' })
  await expect(near).rejects.toMatchObject({ code: 'dns' })
  expect(asked.map(({ to }) => to)).toEqual(['far.invalid:80'])
})

test('an idle connection does not keep a process alive', async () => {
  await using target = await listen(sayingHere())
  const script = `
    import { createHttp } from ${JSON.stringify(new URL('client.ts', import.meta.url).href)}
    const response = await createHttp().send({ url: ${JSON.stringify(target.url)} })
    process.stdout.write(await response.text())`
  const started = performance.now()
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { timeout: 10_000 })
  const said: string[] = []
  child.stdout.on('data', (bytes: Buffer) => said.push(bytes.toString()))
  expect(await once(child, 'close')).toEqual([0, null])
  expect(said.join('')).toBe('here')
  expect(performance.now() - started).toBeLessThan(3500)
}, 15_000)
