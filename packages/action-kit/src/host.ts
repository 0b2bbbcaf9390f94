// What an action may do to the machine that started it, with every safeguard between the action and the outside.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Face, Severity } from './face.ts'
import { createMasks } from './masks.ts'
import { neutralise } from './neutralise.ts'
import { checkedOutCommit, readRunFacts } from './run-facts.ts'
import type { Host, Log, Place } from './types.ts'

/** The runner keeps this many annotations of a type for a step, and drops the rest without a word. */
const ANNOTATIONS = 10
const ANNOTATION_LENGTH = 4096

/** A host and what only `run` may do with it. */
export interface OwnedHost extends Host {
  /** The one error that made the step red; a place in the budget is kept for it. */
  fail(text: string): void
  /** Runs what `atEnd` collected, last first; a failure is a warning. */
  cleanUp(): Promise<void>
}

/** @param env the environment of the step */
export function createHost(face: Face, env: Readonly<Record<string, string | undefined>>): OwnedHost {
  const masks = createMasks()
  const workspace = env['GITHUB_WORKSPACE'] || process.cwd()
  const cleanups: (() => Promise<void> | void)[] = []
  let temporary: Promise<string> | undefined
  const log = createLog(face, text => masks.redact(text))

  return {
    kind: face.kind,
    run: readRunFacts(env, checkedOutCommit(workspace)),
    log,
    workspace,
    runnerTemp: env['RUNNER_TEMP'] || tmpdir(),
    env,
    redact: text => masks.redact(text),
    mask(secret) {
      const { forms, short } = masks.add(secret)
      for (const form of forms) face.hide(form)
      if (short)
        log.warning('A secret has fewer than 8 characters, so it cannot be hidden well. Use a longer one.')
    },
    temporaryDirectory() {
      temporary ??= mkdtemp(join(env['RUNNER_TEMP'] || tmpdir(), 'gitops-relay-')).then(path => {
        cleanups.unshift(() => rm(path, { recursive: true, force: true, maxRetries: 3 }))
        return path
      })
      return temporary
    },
    saveState(name, value) {
      if (masks.redact(value) !== value) throw new Error(`State ${JSON.stringify(name)} would hold a secret.`)
      face.saveState(name, value)
    },
    readState: name => face.readState(name),
    atEnd: cleanup => void cleanups.push(cleanup),
    fail: text => log.fail(text),
    async cleanUp() {
      for (const cleanup of cleanups.splice(0).toReversed()) {
        try {
          await cleanup()
        } catch (error) {
          log.warning(`Something was left behind: ${String(error)}`)
        }
      }
    },
  }
}

function createLog(face: Face, redact: (text: string) => string): Log & { fail(text: string): void } {
  const left: Record<Severity, number> = { notice: ANNOTATIONS, warning: ANNOTATIONS, error: ANNOTATIONS - 1 }
  let grouped = false
  const print = (text: string) => {
    for (const line of neutralise(redact(text))) face.line(line)
  }
  const annotate = (severity: Severity) => (text: string, place?: Place) => {
    if (left[severity]-- > 0) return face.annotate(severity, cut(redact(text)), place)
    print(`${severity}: ${place === undefined ? '' : `${place.file}:${place.line ?? 1}: `}${text}`)
  }
  return {
    debug: text => face.debug(redact(text)),
    info: print,
    foreign: print,
    notice: annotate('notice'),
    warning: annotate('warning'),
    error: annotate('error'),
    fail: text => face.annotate('error', cut(redact(text))),
    async group(title, body) {
      const heading = neutralise(redact(title)).join(' ')
      if (grouped) {
        face.line(heading)
        return body()
      }
      grouped = true
      face.openGroup(heading)
      try {
        return await body()
      } finally {
        grouped = false
        face.closeGroup()
      }
    },
  }
}

const cut = (text: string) =>
  text.length <= ANNOTATION_LENGTH ? text : `${text.slice(0, ANNOTATION_LENGTH - 1)}…`
