// CNCF distribution, the registry that most others are made of, on this machine.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface RealRegistry extends AsyncDisposable {
  /** `127.0.0.1:<port>`. */
  host: string
}

/** Undefined where `npm run test:real` could not install it. */
const installed: { registry?: string } = JSON.parse(process.env['GITOPS_RELAY_REAL'] ?? '{}')
export const program = installed.registry && join(installed.registry, 'registry')

/**
 * @param directory where it keeps its images
 * @param htpasswd lines of users; none: everybody may do everything
 */
export async function realRegistry(directory: string, htpasswd = ''): Promise<RealRegistry> {
  if (program === undefined) throw new Error('There is no registry to start.')
  await mkdir(directory, { recursive: true })
  const users = join(directory, 'htpasswd')
  await writeFile(users, htpasswd)
  const config = {
    version: 0.1,
    log: { level: 'info', formatter: 'json', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(directory, 'images') } },
    http: { addr: '127.0.0.1:0' },
    ...(htpasswd === '' ? {} : { auth: { htpasswd: { realm: 'test', path: users } } }),
  }
  const file = join(directory, 'config.yml')
  await writeFile(file, JSON.stringify(config))
  const env = { PATH: process.env['PATH'], OTEL_TRACES_EXPORTER: 'none' }
  const child = spawn(program, ['serve', file], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(child, 'exit')
  const lines = createInterface({ input: child.stderr })
  const said: string[] = []
  for await (const line of lines) {
    said.push(line)
    const [, host] = /listening on (127\.0\.0\.1:\d+)/.exec(line) ?? []
    if (host === undefined) continue
    child.stderr.resume()
    return {
      host,
      async [Symbol.asyncDispose]() {
        child.kill()
        await ended
      },
    }
  }
  throw new Error(`The registry did not start: ${said.join('\n')}`)
}
