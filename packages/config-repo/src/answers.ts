// What git says, under LC_ALL=C, and what it means: for reading, and for a push with --porcelain.
import { UserError } from '@gitops-relay/action-kit/user-error'
import type { Ended } from '@gitops-relay/process'
import { movedHead, refusal, type Asked } from './refusals.ts'
import { Transient, type PushAnswer } from './types.ts'

type Said = Pick<Ended, 'exitCode' | 'stdout' | 'stderr' | 'timedOut'>

/** The error of a read that failed: a UserError where only a person can help, else Transient. */
export function readFailure(said: Said, asked: Asked): Error {
  return refusal(said.stderr, asked) ?? new Transient(detailOf(said))
}

/**
 * The meaning of one push. Whatever is not known for sure is `unclear`: git's HTTP layer repeats by itself a request whose
 * answer was lost, and then reports that the ref is not where it should be, namely at our own commit.
 */
export function pushAnswer(said: Said, commit: string, asked: Asked): PushAnswer {
  const [, flag, summary = ''] =
    /^([ +\-*!=])\t[^\t\n]*:refs\/heads\/[^\t\n]*\t(.*)$/m.exec(said.stdout) ?? []
  if (flag !== undefined && flag !== '!') return { kind: 'landed', commit }
  const detail = summary || detailOf(said)
  if (flag === '!' && movedHead.test(summary))
    return { kind: 'moved', detail, unsent: summary.startsWith('[rejected]') }
  const error = refusal(`${said.stderr}\n${summary}`, asked)
  if (error !== undefined) return { kind: 'refused', error }
  if (flag === '!' && summary.startsWith('[remote rejected]')) {
    const remedy = 'Ask who runs that server, or push to another "branch".'
    return {
      kind: 'refused',
      error: new UserError('push-rejected', `The server rejected the push: ${detail}.`, remedy),
    }
  }
  return { kind: 'unclear', detail }
}

/** The line that says most, for a person. */
function detailOf({ stderr, exitCode, timedOut }: Said): string {
  if (timedOut) return 'git did not end in time'
  const lines = stderr.split('\n').filter(line => line.trim() !== '')
  const line = lines.find(text => /^(?:fatal|error|remote): /.test(text)) ?? lines.at(-1)
  return (line ?? `git ended with ${exitCode ?? 'a signal'}`).trim().slice(0, 300)
}
