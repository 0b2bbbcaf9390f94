// What the story works with, made from the inputs: the repository by its transport, GitHub where it is needed.
import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Host } from '@gitops-relay/action-kit'
import {
  apiRepository,
  gitRepository,
  mergePull,
  pullRequests,
  readVerification,
  type Repository,
} from '@gitops-relay/config-repo'
import { createGitHub, type GitHub } from '@gitops-relay/github'
import { createHttp } from '@gitops-relay/http'
import { systemClock as clock } from '@gitops-relay/http/clock'
import { execute, scrubbedEnvironment } from '@gitops-relay/process'
import { firstOf, remoteAncestry, workspaceAncestry } from './ancestry.ts'
import type { Inputs } from './inputs.ts'
import type { Collaborators } from './main.ts'

/** Nothing is read from or sent to any server yet. */
export async function createCollaborators(
  wanted: Inputs,
  host: Host,
  signal: AbortSignal,
): Promise<Collaborators> {
  const { place, token, sourceToken, source, mustVerify, transport } = wanted
  const env = scrubbedEnvironment(host.env, [])
  const directory = join(await host.temporaryDirectory(), 'config')
  await mkdir(directory)
  // A little longer than the landing, so that a last look has its time.
  const deadline = clock.now() + wanted.timeout + 5000
  const { serverUrl, apiUrl, graphqlUrl } = host.run
  const http = createHttp({ env: host.env, deadline, plainHttpHosts: plainHosts(serverUrl, apiUrl) })
  const say = (line: string) => host.log.foreign(line)
  const gitHub =
    token !== undefined && place !== undefined
      ? createGitHub({ ...place, token, http, deadline, say })
      : undefined

  return {
    repository: openRepository(),
    isAncestor: firstOf(
      workspaceAncestry({ workspace: host.workspace, home: directory, env, execute }),
      ...(sourceToken !== undefined && apiUrl !== '' && source.repository !== ''
        ? [
            remoteAncestry(
              createGitHub({
                apiUrl,
                graphqlUrl,
                token: sourceToken,
                input: 'source-token',
                http,
                deadline,
                say,
              }),
              source.repository,
            ),
          ]
        : []),
    ),
    verify:
      gitHub !== undefined && place !== undefined && (mustVerify || transport === 'api')
        ? commit => readVerification(gitHub, place, commit, { clock, signal })
        : undefined,
    pullRequests: gitHub && place && pullCollaborators(gitHub, place),
    clock,
    random: Math.random,
    unique: () => randomBytes(16).toString('hex'),
    log: host.log,
  }

  function openRepository(): Repository {
    const { repository, branch, ssh, signingKey } = wanted
    if (transport === 'api' && gitHub !== undefined && place !== undefined) {
      const { owner, repo } = place
      return apiRepository({ github: gitHub, owner, repo, branch, mustVerify })
    }
    return gitRepository({ repository, branch, token, ssh, signingKey, directory, http, env, execute, clock })
  }

  function pullCollaborators(
    github: GitHub,
    { owner, repo }: { owner: string; repo: string },
  ): Collaborators['pullRequests'] {
    return {
      pulls: pullRequests(github, { owner, repo }, signal),
      merge: (pull, head, method) => mergePull(pull, head, method, { github, owner, repo, clock, signal }),
    }
  }
}

/** The run's own server may speak plain HTTP. */
const plainHosts = (...urls: string[]) => urls.flatMap(url => (URL.canParse(url) ? [new URL(url).host] : []))
