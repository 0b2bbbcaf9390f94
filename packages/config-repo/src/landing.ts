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

export interface Landed<T> {
  result: T
  base: Head
  /** Our commit on the branch; `undefined` when none was wanted. */
  commit: string | undefined
  /** Pushes that were needed. */
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
export async function land<T>(
  repository: Repository,
  propose: (head: Head) => Promise<Proposal<T>>,
  fight: Fight,
): Promise<Landed<T>> {
  const { clock, signal } = fight
  const limits: Limits = { signal, deadline: clock.now() + fight.timeout }
  const tries: { changeId: string; base: Head; result: T }[] = []
  let trouble = ''
  let isUnclear = false

  for (let [failures, lasted] = [0, 0]; ; failures++) {
    const late = () => outOfTime(fight, tries.length, trouble, isUnclear)
    if (failures > 0) await pause({ failures, lasted }, limits, fight, late)
    const begun = clock.now()
    const head = await repository.head(limits).catch(asTransient)
    if (head instanceof Transient) {
      trouble = head.message
      fight.say(`The head cannot be read: ${trouble}`)
      continue
    }
    const found = await findOurs(head, tries)
    if (found !== undefined) return { ...found, attempts: tries.length }

    const proposal = await propose(head).catch(asTransient)
    if (proposal instanceof Transient) {
      trouble = proposal.message
      fight.say(`The files cannot be read: ${trouble}`)
      continue
    }
    const { result, draft } = proposal
    if (draft === undefined) return { result, base: head, commit: undefined, attempts: tries.length }

    tries.push({ changeId: draft.changeId, base: head, result })
    const answer = await repository.push(head, draft, limits).catch(async (error: unknown) => {
      if (!signal.aborted) throw error
      throw await stopped(repository, tries, clock, error)
    })
    if (answer.kind === 'landed') return { result, base: head, commit: answer.commit, attempts: tries.length }
    if (answer.kind === 'refused') {
      const landed = await lookUp(repository, tries, limits)
      if (landed === undefined) throw answer.error
      return { ...landed, attempts: tries.length }
    }
    lasted = clock.now() - begun
    isUnclear = answer.kind === 'unclear'
    trouble = answer.detail
    fight.say(sentenceOf(answer))
  }
}

/** Our commit among those that are new since the base of a try. */
async function findOurs<T>(
  head: Head,
  tries: readonly { changeId: string; base: Head; result: T }[],
): Promise<Omit<Landed<T>, 'attempts'> | undefined> {
  for (const { changeId, base, result } of tries.toReversed()) {
    if (head.commit === base.commit) continue
    const since = await head.history(base.commit)
    const ours = since.find(({ message }) => message.split('\n').includes(`Change-Id: ${changeId}`))
    if (ours !== undefined) return { result, base, commit: ours.commit }
  }
  return undefined
}

async function lookUp<T>(
  repository: Repository,
  tries: Parameters<typeof findOurs<T>>[1],
  limits: Limits,
): Promise<Omit<Landed<T>, 'attempts'> | undefined> {
  try {
    return await findOurs(await repository.head(limits), tries)
  } catch (error) {
    if (limits.signal.aborted) throw error
    return undefined
  }
}

/** A stop leaves a few seconds: enough for one look. What is not there yet may still come. */
async function stopped<T>(
  repository: Repository,
  tries: Parameters<typeof findOurs<T>>[1],
  clock: Clock,
  cause: unknown,
): Promise<LandingStopped> {
  const limits = { signal: AbortSignal.timeout(3000), deadline: clock.now() + 3000 }
  const landed = await lookUp(repository, tries, limits).catch(() => undefined)
  return new LandingStopped(landed === undefined ? 'unknown' : 'landed', landed?.commit, { cause })
}

/**
 * Full jitter over a window that begins at the time one try takes and doubles, so that as many writers as there may be
 * spread over the time they need. It stops growing early: who has lost often must not wait ever longer than newcomers.
 */
async function pause(
  { failures, lasted }: { failures: number; lasted: number },
  limits: Limits,
  { clock, random }: Fight,
  outOfTime: () => Error,
): Promise<void> {
  const wait = random() * Math.min(10_000, Math.max(100, lasted) * 2 ** Math.min(failures, 4))
  if (clock.now() + wait >= limits.deadline) throw outOfTime()
  await clock.sleep(wait, limits.signal)
}

function outOfTime({ timeout }: Fight, pushes: number, trouble: string, isUnclear: boolean): UserError {
  const state = isUnclear ? 'Whether the last one landed is not known.' : 'Nothing was pushed.'
  const sentence = `The change did not land within ${Math.round(timeout / 1000)} s and ${pushes} pushes (${trouble}). ${state}`
  return new UserError(
    'timeout',
    sentence,
    'Run it again, with a longer "timeout" where many write to this branch.',
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
