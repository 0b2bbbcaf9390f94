// The whole fight with other writers: one commit lands, or none, and it is known which.
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Clock, Random } from '@gitops-relay/http/clock'
import { Transient, type Draft, type Head, type Limits, type PushAnswer, type Repository } from './types.ts'

export interface Fight {
  clock: Clock
  random: Random
  signal: AbortSignal
  /** Milliseconds to go on trying. */
  timeout: number
  /** What happens, as a line for a person. */
  say: (line: string) => void
}

/** What is to be done at a head: nothing more than `result`, or a commit. */
export interface Proposal<T> {
  result: T
  draft?: Draft
}

export interface Landed<T, H extends Head = Head> {
  result: T
  base: H
  /** Our commit on the branch; `undefined` when none was wanted. */
  commit: string | undefined
  /** Pushes that were sent. */
  attempts: number
}

/** Stopped from outside while a push was on its way. */
export class LandingStopped extends Error {
  override readonly name = 'LandingStopped'
  readonly remote: 'landed' | 'unknown'
  readonly commit: string | undefined

  constructor(remote: 'landed' | 'unknown', commit: string | undefined, options: ErrorOptions) {
    super(`Stopped while a push was on its way: ${remote}.`, options)
    this.remote = remote
    this.commit = commit
  }
}

/**
 * Lands what `propose` makes of the branch's head. A rejected push asks again with the new head, never rebases; after
 * every push that failed, the commits since its base are searched for our Change-Id first.
 *
 * @throws UserError `timeout`, and what the server refuses for good; LandingStopped; the signal's reason
 */
export async function land<T, H extends Head = Head>(
  repository: Repository<H>,
  propose: (head: H) => Promise<Proposal<T>>,
  fight: Fight,
): Promise<Landed<T, H>> {
  const { clock, signal } = fight
  const limits: Limits = { signal, deadline: clock.now() + fight.timeout }
  const state: State<T, H> = {
    tries: [],
    failures: 0,
    pushes: 0,
    reads: 0,
    rivals: 0,
    recent: 0,
    lasted: 0,
    trouble: '',
    isUnclear: false,
    answer: undefined,
  }
  try {
    for (;;) {
      const late = state.failures > 0 ? await pause(repository, state, limits, fight) : undefined
      if (late !== undefined) return { ...late, attempts: state.pushes }
      const landed = await attempt(repository, propose, state, limits, fight)
      if (landed !== undefined) return { ...landed, attempts: state.pushes }
      state.failures++
    }
  } catch (error) {
    if (signal.aborted && state.isUnclear) throw await stopped(repository, state, clock, error)
    throw error
  }
}

interface Try<T, H> {
  changeId: string
  base: H
  result: T
}

interface State<T, H> {
  tries: Try<T, H>[]
  failures: number
  /** That were sent. */
  pushes: number
  /** Heads that could be read. */
  reads: number
  /** Commits of others since the first try, and between the last two. */
  rivals: number
  recent: number
  /** Milliseconds that the last try took. */
  lasted: number
  /** What went wrong last. */
  trouble: string
  /** A push was sent, and what became of it is not known. */
  isUnclear: boolean
  /** To the last push. */
  answer: PushAnswer['kind'] | undefined
}

type Done<T, H extends Head> = Omit<Landed<T, H>, 'attempts'>

/** One round; `undefined`: try again. */
async function attempt<T, H extends Head>(
  repository: Repository<H>,
  propose: (head: H) => Promise<Proposal<T>>,
  state: State<T, H>,
  limits: Limits,
  { clock, say }: Fight,
): Promise<Done<T, H> | undefined> {
  const begun = clock.now()
  const again = (trouble: string, sentence: string, least = 0) => {
    state.trouble = trouble
    state.lasted = Math.max(least, clock.now() - begun)
    say(sentence)
    return undefined
  }
  const head = await repository.head(limits).catch(asTransient)
  if (head instanceof Transient) {
    if (state.reads === 0 && state.failures + 1 >= patience) throw unreachable(head)
    return again(head.message, `The head cannot be read: ${head.message}`, 500)
  }
  state.reads++
  const { ours, rivals } = await findOurs(head, state.tries)
  if (ours !== undefined) return ours
  state.recent = rivals - state.rivals
  state.rivals = rivals
  if (state.answer === 'moved') state.isUnclear = false

  const proposal = await propose(head).catch(asTransient)
  if (proposal instanceof Transient)
    return again(proposal.message, `The files cannot be read: ${proposal.message}`, 500)
  const { result, draft } = proposal
  if (draft === undefined) return { result, base: head, commit: undefined }

  state.tries.push({ changeId: draft.changeId, base: head, result })
  state.isUnclear = true
  state.answer = undefined
  const answer = await repository.push(head, draft, limits)
  state.answer = answer.kind
  const isSent = !(answer.kind === 'moved' && answer.unsent)
  if (isSent) state.pushes++
  state.isUnclear = isSent && (answer.kind === 'unclear' || answer.kind === 'moved')
  if (answer.kind === 'landed') return { result, base: head, commit: answer.commit }
  if (answer.kind !== 'refused') return again(answer.detail, sentenceOf(answer))
  const landed = await lookUp(repository, state.tries, limits)
  if (landed === undefined) throw answer.error
  return landed
}

/** Our commit among those that are new since the base of the first try, and how many these are. */
async function findOurs<T, H extends Head>(
  head: H,
  tries: readonly Try<T, H>[],
): Promise<{ ours?: Done<T, H>; rivals: number }> {
  const [first] = tries
  if (first === undefined || head.commit === first.base.commit) return { rivals: 0 }
  const since = await head.history(first.base.commit)
  for (const { commit, message } of since) {
    const lines = new Set(message.split('\n'))
    const found = tries.findLast(({ changeId }) => lines.has(`Change-Id: ${changeId}`))
    if (found !== undefined) {
      const ours = { result: found.result, base: found.base, commit }
      return { ours, rivals: since.length - 1 }
    }
  }
  return { rivals: since.length }
}

async function lookUp<T, H extends Head>(
  repository: Repository<H>,
  tries: readonly Try<T, H>[],
  limits: Limits,
): Promise<Done<T, H> | undefined> {
  try {
    return (await findOurs(await repository.head(limits), tries)).ours
  } catch (error) {
    if (limits.signal.aborted) throw error
    return undefined
  }
}

const lastLook = (clock: Clock): Limits => ({
  signal: AbortSignal.timeout(3000),
  deadline: clock.now() + 3000,
})

/** A stop leaves a few seconds: enough for one look. What is not there yet may still come. */
async function stopped<T, H extends Head>(
  repository: Repository<H>,
  { tries, answer }: State<T, H>,
  clock: Clock,
  cause: unknown,
): Promise<unknown> {
  const landed = await lookUp(repository, tries, lastLook(clock)).catch(() => undefined)
  if (landed !== undefined) return new LandingStopped('landed', landed.commit, { cause })
  return answer === 'moved' ? cause : new LandingStopped('unknown', undefined, { cause })
}

/**
 * Full jitter over a window of the time that one try takes, for as many as came before us last and somewhat more
 * with every failure: two writers are soon done, and fifty spread over the time they need, so that hardly one pushes more
 * than three times. The window never reaches behind the middle of the time that is left: near the end one tries as often
 * as it goes.
 */
async function pause<T, H extends Head>(
  repository: Repository<H>,
  state: State<T, H>,
  limits: Limits,
  { clock, random, timeout }: Fight,
): Promise<Done<T, H> | undefined> {
  const { failures, pushes, lasted, recent, tries, trouble, isUnclear } = state
  const left = limits.deadline - clock.now()
  const window = 2 * Math.max(100, lasted) * (2 + recent) * 1.5 ** (failures - 1)
  const wait = random() * Math.min(window, left / 2, longestWait)
  if (left > shortestTry) {
    await clock.sleep(wait, limits.signal)
    return undefined
  }
  const landed = isUnclear
    ? await lookUp(repository, tries, lastLook(clock)).catch(() => undefined)
    : undefined
  if (landed !== undefined) return landed
  const known =
    state.answer === 'unclear' ? 'Whether the last one landed is not known.' : 'Nothing was pushed.'
  const sentence = `The change did not land within ${Math.round(timeout / 1000)} s and ${pushes} pushes (${trouble}). ${known}`
  throw new UserError(
    'timeout',
    sentence,
    'Run it again, with a longer "timeout" where many write to this branch.',
  )
}

/** Milliseconds. */
const [longestWait, shortestTry] = [60_000, 100]

/** Reads that may fail before it is taken for granted that nobody is there: about 20 s. */
const patience = 8

function unreachable(cause: Transient): UserError {
  const sentence = `The config repository cannot be read: ${cause.message}.`
  return new UserError(
    'unreachable',
    sentence,
    'Check "repository", and that the runner can reach its host.',
    { cause },
  )
}

function asTransient(error: unknown): Transient {
  if (error instanceof Transient) return error
  throw error
}

function sentenceOf(answer: Extract<PushAnswer, { kind: 'moved' | 'unclear' }>): string {
  return answer.kind === 'moved'
    ? `Another commit was first (${answer.detail}): edit again on the new head.`
    : `The answer to the push is unclear (${answer.detail}): look whether it landed.`
}
