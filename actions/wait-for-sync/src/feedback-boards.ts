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
import { deploymentBoard } from './deployment-board.ts'
import type { FeedbackInputs } from './inputs.ts'
import { sourceOf } from './source.ts'
import { statusBoard } from './status-board.ts'

export interface BoardWorld {
  run: RunFacts
  env: Readonly<Record<string, string | undefined>>
  clock: Clock
}

/** The config repository on a GitHub, and who may speak there. */
interface Config {
  github: GitHub
  place: { owner: string; repo: string }
}

/** Milliseconds for one request. */
const PATIENCE = 10_000

/** No request is made yet. */
export function boardsFor(wanted: FeedbackInputs, world: BoardWorld): (subject: Subject) => Board[] {
  const { run, env, clock } = world
  if (!wanted.feedback || run.runId === '' || !isOwnApi(run)) return () => []
  const { apiUrl, graphqlUrl } = run
  return subject => {
    const http = timed(createHttp({ env, clock, plainHttpHosts: [new URL(apiUrl).host] }), clock)
    const config = configOf(wanted, run, { http, clock })
    const boards: Board[] = []
    if (config !== undefined && subject.commit !== '')
      boards.push(statusBoard(statusesOf(config.github, config.place), subject, pagesOf(run).attempt))
    if (wanted.sourceToken !== '') {
      const token = { token: wanted.sourceToken, input: 'source-token' }
      const github = createGitHub({ apiUrl, graphqlUrl, ...token, http, clock })
      boards.push(sourceBoard(github, config, subject, wanted, world))
    }
    return boards
  }
}

function configOf(
  { repository, token }: FeedbackInputs,
  run: RunFacts,
  ways: { http: Http; clock: Clock },
): Config | undefined {
  const place = gitHubPlace(repository, run)
  if (token === undefined || place === undefined) return undefined
  return { place, github: createGitHub({ ...place, token, ...ways }) }
}

/** The Deployment; where it belongs is known once the message of the config commit is. */
function sourceBoard(
  github: GitHub,
  config: Config | undefined,
  subject: Subject,
  { environment, checkRun }: FeedbackInputs,
  { run, clock }: BoardWorld,
): Board {
  const { attempt, jobs } = pagesOf(run)
  return onceKnown(async signal => {
    const isReadable = config !== undefined && subject.commit !== ''
    const message = isReadable ? await readMessage(config, subject.commit, clock, signal) : ''
    const source = sourceOf(message, run)
    if (source === undefined) return undefined
    const isOfRun = `${source.owner}/${source.repo}`.toLowerCase() === run.repository.toLowerCase()
    return deploymentBoard({
      deployments: deploymentsOf(github, source),
      sha: source.sha,
      environment,
      subject,
      logUrl: attempt,
      runId: run.runId,
      job: isOfRun ? { sha: run.sha, jobs, id: checkRun } : undefined,
    })
  })
}

/** Pages of the run: of this attempt, and before the id of a job. */
function pagesOf({ serverUrl, repository, runId, attempt }: RunFacts): { attempt: string; jobs: string } {
  const page = `${serverUrl}/${repository}/actions/runs/${runId}`
  return { attempt: `${page}/attempts/${attempt || '1'}`, jobs: `${page}/job/` }
}

/** The API of the server that the run is on, so that its token goes nowhere else. */
function isOwnApi({ serverUrl, apiUrl }: RunFacts): boolean {
  const [server, api] = [URL.parse(serverUrl)?.hostname, URL.parse(apiUrl)?.hostname]
  return server !== undefined && (api === server || api === `api.${server}`)
}

/** A message that nobody may read is one without trailers. A commit that was pushed a moment ago is not seen everywhere at once. */
async function readMessage(
  { github, place }: Config,
  commit: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<string> {
  for (let tries = 1; ; tries++) {
    try {
      return await commitMessage(github, place, commit, signal)
    } catch (error) {
      if (!(error instanceof ApiError && error.status >= 400 && error.status < 500)) throw error
      if (error.status !== 404 || tries > 2) return ''
      await clock.sleep(tries * 500, signal)
    }
  }
}

/** A board that has to be found first; where there is none, nothing is said. */
function onceKnown(find: (signal: AbortSignal) => Promise<Board | undefined>): Board {
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
