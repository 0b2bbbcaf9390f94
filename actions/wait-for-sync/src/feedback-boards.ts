// From inputs and run to the boards that can be written: none without a token, or where it would leave the server that it is for.
import type { RunFacts } from '@gitops-relay/action-kit'
import { gitHubPlace } from '@gitops-relay/config-repo/place'
import { ApiError, createGitHub, type GitHub } from '@gitops-relay/github'
import { commitMessage } from '@gitops-relay/github/commits'
import { deploymentsOf } from '@gitops-relay/github/deployments'
import { statusesOf } from '@gitops-relay/github/statuses'
import { createHttp, type Http } from '@gitops-relay/http'
import type { Clock } from '@gitops-relay/http/clock'
import type { Board, Subject } from './board.ts'
import { deploymentBoard, type Job } from './deployment-board.ts'
import type { Inputs } from './inputs.ts'
import { sourceOf } from './source.ts'
import { statusBoard } from './status-board.ts'

export type FeedbackInputs = Pick<
  Inputs,
  'feedback' | 'environment' | 'sourceToken' | 'checkRun' | 'repository' | 'token'
>

export interface BoardWorld {
  run: RunFacts
  env: Readonly<Record<string, string | undefined>>
  clock: Clock
}

/** Milliseconds for one request. */
const PATIENCE = 10_000

export function boardsFor(wanted: FeedbackInputs, world: BoardWorld): (subject: Subject) => Board[] {
  const { run } = world
  if (!wanted.feedback || run.runId === '' || !isOwnApi(run)) return () => []
  return subject => {
    const { serverUrl, repository, runId, attempt } = run
    const http = timed(
      createHttp({ env: world.env, plainHttpHosts: [new URL(run.apiUrl).host] }),
      world.clock,
    )
    const runUrl = `${serverUrl}/${repository}/actions/runs/${runId}`
    const logUrl = `${runUrl}/attempts/${attempt || '1'}`
    const place = gitHubPlace(wanted.repository, run)
    const config =
      wanted.token !== undefined && place !== undefined && subject.commit !== ''
        ? { place, github: createGitHub({ ...place, token: wanted.token, http }) }
        : undefined
    const boards: Board[] = []
    if (config) boards.push(statusBoard(statusesOf(config.github, config.place), subject, logUrl))
    if (wanted.sourceToken !== '') {
      const { apiUrl, graphqlUrl } = run
      const github = createGitHub({
        apiUrl,
        graphqlUrl,
        token: wanted.sourceToken,
        input: 'source-token',
        http,
      })
      boards.push(
        onSource(async signal => {
          const message = config ? await readMessage(config.github, config.place, subject.commit, signal) : ''
          const source = sourceOf(message, run)
          if (source === undefined) return undefined
          const isOfRun = `${source.owner}/${source.repo}`.toLowerCase() === repository.toLowerCase()
          const job: Job = { sha: run.sha, jobs: `${runUrl}/job/`, id: wanted.checkRun }
          return deploymentBoard({
            deployments: deploymentsOf(github, source),
            sha: source.sha,
            environment: wanted.environment,
            subject,
            logUrl,
            runId,
            job: isOfRun ? job : undefined,
          })
        }),
      )
    }
    return boards
  }
}

/** The API of the server that the run is on, so that its token goes nowhere else. */
function isOwnApi({ serverUrl, apiUrl }: RunFacts): boolean {
  const [server, api] = [URL.parse(serverUrl)?.hostname, URL.parse(apiUrl)?.hostname]
  return server !== undefined && (api === server || api === `api.${server}`)
}

/** A message that nobody may read is one without trailers. */
async function readMessage(
  github: GitHub,
  place: { owner: string; repo: string },
  commit: string,
  signal: AbortSignal,
): Promise<string> {
  return commitMessage(github, place, commit, signal).catch((error: unknown) => {
    if (error instanceof ApiError && error.status >= 400 && error.status < 500) return ''
    throw error
  })
}

/** A board that is only known once the source is. */
function onSource(find: (signal: AbortSignal) => Promise<Board | undefined>): Board {
  let found: Board | undefined
  const board = async (signal: AbortSignal) => (found ??= await find(signal))
  return {
    open: async signal => (await board(signal))?.open(signal),
    hurry: () => found?.hurry(),
    close: async (ending, signal) => (await board(signal))?.close(ending, signal),
    sweep: async (ending, signal) => (await board(signal))?.sweep(ending, signal),
  }
}

/** No request takes longer than its time, however often it is repeated in it. */
function timed(http: Http, clock: Clock): Http {
  return {
    async send(request) {
      const [late, done] = [new AbortController(), new AbortController()]
      const error = new Error(`GitHub did not answer within ${PATIENCE / 1000} s.`)
      clock.sleep(PATIENCE, done.signal).then(
        () => late.abort(error),
        () => {},
      )
      const signal = AbortSignal.any([late.signal, ...(request.signal ? [request.signal] : [])])
      return http.send({ ...request, signal }).finally(() => done.abort())
    },
  }
}
