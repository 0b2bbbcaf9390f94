// The entry of the action: hands the host to the story.
import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '@gitops-relay/action-kit'
import { gitRepository } from '@gitops-relay/config-repo'
import { systemClock as clock } from '@gitops-relay/http/clock'
import { execute, scrubbedEnvironment } from '@gitops-relay/process'
import { workspaceAncestry } from './ancestry.ts'
import { inputs, readInputs } from './inputs.ts'
import { bumpManifest } from './main.ts'
import { outputs } from './report.ts'

const unique = () => randomBytes(16).toString('hex')

await run({ name: 'bump-manifest', inputs, outputs }, async (host, input, signal) => {
  const wanted = readInputs(input, host)
  const { repository: url, branch, token } = wanted
  const env = scrubbedEnvironment(host.env, [])
  const directory = join(await host.temporaryDirectory(), 'config')
  await mkdir(directory)
  const repository = gitRepository({ repository: url, branch, token, directory, env, execute, clock })
  const isAncestor = workspaceAncestry({ workspace: host.workspace, home: directory, env, execute })
  return bumpManifest(
    wanted,
    { repository, isAncestor, clock, random: Math.random, unique, log: host.log },
    signal,
  )
})
