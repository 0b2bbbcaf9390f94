// The entry of the action: hands the host to the story.
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { run, type Host } from '@gitops-relay/action-kit'
import { createHttp } from '@gitops-relay/http'
import { systemClock } from '@gitops-relay/http/clock'
import { createLayout, openRepository } from '@gitops-relay/oci'
import { probe, scrubbedEnvironment } from '@gitops-relay/process'
import { credentialFor } from './credentials.ts'
import { inputs, readInputs } from './inputs.ts'
import { push } from './main.ts'
import { outputs } from './report.ts'

await run({ name: 'push-image', inputs, outputs }, async (host, input, signal) => {
  const wanted = readInputs(input, host)
  const plainHttpHosts = wanted.insecureRegistries
  const mask = (secret: string) => host.mask(secret)
  const http = createHttp({ env: host.env, plainHttpHosts })
  const first = wanted.images[0]?.registry ?? ''
  const githubToken = host.run.untrusted ? '' : (host.env['GITHUB_TOKEN'] ?? '')
  const dockerConfig = host.run.untrusted ? '' : await readDockerConfig(host)
  const known = { given: wanted.credential, first, dockerConfig, githubToken, actor: host.run.actor }
  return push(
    wanted,
    host,
    {
      open({ registry, repository }) {
        const credential = credentialFor({ registry }, known)
        if (credential !== undefined) {
          host.mask(credential.password)
          host.mask(Buffer.from(`${credential.username}:${credential.password}`).toString('base64'))
        }
        const isPlain =
          plainHttpHosts.includes(registry) ||
          /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/.test(registry)
        return openRepository({
          http,
          registry,
          repository,
          scheme: isPlain ? 'http' : 'https',
          credential,
          mask,
          signal,
        })
      },
      layout: await createLayout(await host.temporaryDirectory()),
      time: () => timeOf(host),
      clock: systemClock,
    },
    signal,
  )
})

async function readDockerConfig({ env }: Host): Promise<string> {
  const directory = env['DOCKER_CONFIG'] || join(env['HOME'] || homedir(), '.docker')
  return readFile(join(directory, 'config.json'), 'utf8').catch(() => '')
}

/** SOURCE_DATE_EPOCH, else the commit's date, else 0. */
async function timeOf({ env, run: { sourceCommit }, workspace }: Host): Promise<number> {
  const given = env['SOURCE_DATE_EPOCH'] ?? ''
  if (/^\d{1,11}$/.test(given)) return Number(given)
  if (!/^[0-9a-f]{40,64}$/.test(sourceCommit)) return 0
  const argv = ['git', 'log', '-1', '--format=%ct', sourceCommit, '--'] as const
  const { exitCode, stdout } = await probe(argv, { cwd: workspace, env: scrubbedEnvironment(env) })
  return exitCode === 0 ? Number(stdout.trim()) : 0
}
