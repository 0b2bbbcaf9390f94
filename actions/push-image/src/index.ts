// The entry of the action: hands the host to the story.
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { run, type Host } from '@gitops-relay/action-kit'
import { createHttp } from '@gitops-relay/http'
import { systemClock } from '@gitops-relay/http/clock'
import { createLayout, openRepository } from '@gitops-relay/oci'
import { execute, probe, scrubbedEnvironment } from '@gitops-relay/process'
import { askHelper } from './credential-helper.ts'
import { credentialFor, isPlain, type Known } from './credentials.ts'
import { elsewhere } from './elsewhere.ts'
import { inputs, readInputs } from './inputs.ts'
import { push } from './main.ts'
import { outputs } from './report.ts'

await run({ name: 'push-image', inputs, outputs, elsewhere }, async (host, input, signal) => {
  const wanted = readInputs(input, host)
  const plainHosts = wanted.insecureRegistries
  const mask = (secret: string) => host.mask(secret)
  const http = createHttp({ env: host.env, plainHttpHosts: plainHosts })
  const directory = await host.temporaryDirectory()
  const room = { execute, cwd: directory, env: scrubbedEnvironment(host.env), signal }
  const known: Known = {
    given: wanted.credential,
    first: wanted.images[0]?.registry ?? '',
    files: host.run.untrusted ? [] : await readCredentialFiles(host),
    ask: (helper, server) => askHelper(helper, server, room),
    token: wanted.token,
    run: host.run,
    plainHosts,
  }
  return push(
    wanted,
    host,
    {
      async open({ registry, repository }, purpose) {
        const credential = await credentialFor({ registry, repository }, purpose, known)
        if (credential !== undefined) {
          mask(credential.password)
          mask(Buffer.from(`${credential.username}:${credential.password}`).toString('base64'))
        }
        const scheme = isPlain(registry, plainHosts) ? 'http' : 'https'
        return openRepository({
          http,
          registry,
          repository,
          scheme,
          credential,
          mask,
          clock: systemClock,
          signal,
        })
      },
      layout: await createLayout(join(directory, 'image')),
      time: () => timeOf(host),
      versions: () => versionsOf(host),
      clock: systemClock,
    },
    signal,
  )
})

/** Where docker keeps logins, and then podman and its kin. */
async function readCredentialFiles({ env }: Host): Promise<{ path: string; text: string }[]> {
  const home = env['HOME'] || homedir()
  const paths = [
    join(env['DOCKER_CONFIG'] || join(home, '.docker'), 'config.json'),
    env['REGISTRY_AUTH_FILE'] ?? '',
    join(env['XDG_RUNTIME_DIR'] ?? '', 'containers', 'auth.json'),
    join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'containers', 'auth.json'),
  ].filter(isAbsolute)
  const files = paths.map(async path => ({ path, text: await readFile(path, 'utf8').catch(() => '') }))
  return (await Promise.all(files)).filter(({ text }) => text !== '')
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

/** A release of an older line must not become the latest; asked only where a release can be. */
async function versionsOf({ env, run: { refType }, workspace }: Host): Promise<string[]> {
  if (refType !== 'tag') return []
  const { exitCode, stdout } = await probe(['git', 'tag', '--list'], {
    cwd: workspace,
    env: scrubbedEnvironment(env),
  })
  return exitCode === 0 ? stdout.split('\n').filter(tag => tag !== '') : []
}
