// The life of one step: check, do, report, clean up, whatever happens in between.
import { parseArgs } from 'node:util'
import { runnerFace, terminalFace, type Face } from './face.ts'
import { createHost, type OwnedHost } from './host.ts'
import { checkInputs } from './input-check.ts'
import { createInputReader, type InputReader } from './input-reader.ts'
import { cutSummary, escapeMarkdown } from './markdown.ts'
import type { ActionDefinition, Host, Outcome } from './types.ts'
import { UserError } from './user-error.ts'

/** After SIGINT the runner waits 7.5 s, after SIGTERM 2.5 s; then it kills. We are gone before. */
const GRACE: Partial<Record<NodeJS.Signals, number>> = { SIGINT: 6000, SIGTERM: 1500 }

/** Thrown after an abort by who knows more than that the step was cancelled. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled'
  readonly remoteState: 'landed' | 'not landed' | 'unknown'
  readonly outputs: Outcome['outputs']
  constructor(remoteState: Cancelled['remoteState'] = 'not landed', outputs: Outcome['outputs'] = {}) {
    super(`cancelled: the step was told to stop; remote state: ${remoteState}.`)
    this.remoteState = remoteState
    this.outputs = outputs
  }
}

export type Body = (host: Host, input: InputReader, signal: AbortSignal) => Promise<Outcome>

/**
 * Runs an action to its end and ends the process: exit code 0, 1 (failed) or 130 (cancelled).
 *
 * Inputs are checked and secrets masked before `body` begins. Outputs and summary are written once, at the end.
 * SIGINT and SIGTERM abort `signal`; a body that does not come back in time is left, its remote state `unknown`.
 */
export async function run(definition: ActionDefinition, body: Body): Promise<void> {
  const face = process.env['GITHUB_ACTIONS'] === 'true' ? runnerFace(process.env) : terminalFace()
  const host = createHost(face, process.env)
  const stop = new AbortController()
  const given = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        stop.abort(new Cancelled())
        setTimeout(() => reject(new Cancelled('unknown')), GRACE[signal])
      })
    }
    process.on('uncaughtException', reject)
    // Nothing is left that could ever continue the body: a bug, and never a green step.
    process.on('beforeExit', () => reject(new Error(`${definition.name} ended before it was done.`)))
  })
  const outcome = await Promise.race([begin(definition, body, host, stop.signal), given]).catch(toOutcome)
  await finish(definition, outcome, host, face, stop.signal.aborted).catch((error: unknown) => {
    console.error(host.redact(chainOf(error instanceof Error ? error : new Error(String(error)))))
    process.exit(1)
  })
}

async function begin(
  definition: ActionDefinition,
  body: Body,
  host: Host,
  signal: AbortSignal,
): Promise<Outcome> {
  const values = host.kind === 'runner' ? fromRunner(definition, host) : fromArguments(definition, host)
  for (const [name, { secret }] of Object.entries(definition.inputs)) {
    const value = values[name] ?? ''
    if (secret && value.trim() !== '') host.mask(value.trim())
  }
  checkInputs(definition, values)
  return body(host, createInputReader(definition.inputs, values, host.workspace), signal)
}

/** The runner makes `INPUT_` names of inputs: upper case, blanks as `_`. */
function fromRunner({ inputs }: ActionDefinition, { env }: Host): Record<string, string> {
  const named = new Map(Object.keys(inputs).map(name => [name.toUpperCase().replaceAll(' ', '_'), name]))
  const given = Object.entries(env).filter(([key]) => /^INPUT_./.test(key))
  return Object.fromEntries(
    given.map(([key, value]) => [named.get(key.slice(6)) ?? key.slice(6).toLowerCase(), value ?? '']),
  )
}

/** On a terminal: `--name value`. Defaults that come from `github` are there where the environment has them. */
function fromArguments({ inputs }: ActionDefinition, { env }: Host): Record<string, string> {
  const options = Object.fromEntries(Object.keys(inputs).map(name => [name, { type: 'string' as const }]))
  const defaults = Object.entries(inputs).flatMap(([name, rule]) => {
    const [, key] = /^\$\{\{ github\.(\w+) \}\}$/.exec(rule.default ?? '') ?? []
    const value = key && env[`GITHUB_${key.toUpperCase()}`]
    return value ? [[name, value]] : []
  })
  try {
    const { values } = parseArgs({ options, strict: true })
    return { ...Object.fromEntries(defaults), ...values }
  } catch (error) {
    const remedy = `Write inputs as --name value: ${Object.keys(inputs).join(', ')}.`
    throw new UserError('unknown-input', error instanceof Error ? error.message : String(error), remedy)
  }
}

function toOutcome(error: unknown): Outcome {
  const failure = error instanceof Error ? error : new Error(String(error))
  return {
    result: 'failed',
    outputs: failure instanceof Cancelled ? failure.outputs : {},
    summary: '',
    failure,
  }
}

async function finish(
  definition: ActionDefinition,
  outcome: Outcome,
  host: OwnedHost,
  face: Face,
  stopped: boolean,
) {
  const deadline = new Promise(resolve => setTimeout(resolve, stopped ? 1000 : 30_000).unref())
  await Promise.race([host.cleanUp(), deadline])
  const cancelled = stopped ? cancellation(outcome) : undefined
  const failure = cancelled ?? outcome.failure
  const outputs = outputsOf(definition, outcome, cancelled?.message)
  const masked = Object.keys(outputs).find(name => host.redact(outputs[name] ?? '') !== outputs[name])
  let red = failure
  if (masked !== undefined && cancelled === undefined) {
    const sentence = `The output "${masked}" would hold a masked text, and later jobs would find it empty.`
    red = new UserError('output-masked', sentence, 'Choose a secret that is no part of an ordinary value.', {
      cause: failure,
    })
    outputs['result'] = 'failed'
    outputs['reason'] = `output-masked: ${sentence}`
  }
  for (const name of Object.keys(outputs))
    if (host.redact(outputs[name] ?? '') !== outputs[name]) outputs[name] = ''
  try {
    face.outputs(outputs)
    const summary = outcome.summary || fallbackSummary(definition, red)
    await face.summary(cutSummary(host.redact(summary)))
  } catch (error) {
    host.log.warning(`The summary or the outputs could not be written: ${String(error)}`)
  }
  if (red !== undefined) report(red, host)
  const exitCode = cancelled === undefined ? (red === undefined ? 0 : 1) : 130
  // Pipes are written at once on POSIX, later on Windows: what was printed goes out first.
  process.stdout.write('', () => process.exit(exitCode))
}

/** What a stopped step says; work that was done all the same has landed. */
function cancellation({ failure }: Outcome): Cancelled {
  if (failure instanceof Cancelled) return failure
  return new Cancelled(failure === undefined ? 'landed' : 'not landed')
}

function outputsOf(
  { outputs }: ActionDefinition,
  outcome: Outcome,
  cancelled: string | undefined,
): Record<string, string> {
  const known: Outcome['outputs'] = {
    ...outcome.outputs,
    result: outcome.result,
    reason: cancelled ?? reasonOf(outcome),
  }
  const unknown = Object.keys(known).find(name => !outputs.includes(name))
  if (unknown !== undefined) throw new Error(`action.yml has no output ${JSON.stringify(unknown)}.`)
  return Object.fromEntries(outputs.map(name => [name, String(known[name] ?? '')]))
}

/** One line: `code: sentence`. */
function reasonOf({ reason, failure }: Outcome): string {
  const text =
    failure instanceof UserError
      ? `${failure.code}: ${failure.sentence}`
      : failure && `bug: ${failure.message}`
  return (reason ?? text ?? '').replace(/\s*[\r\n]+\s*/g, ' ')
}

function report(failure: Error, host: OwnedHost): void {
  if (failure instanceof UserError) return host.fail(`${failure.code}: ${failure.message}`)
  if (failure instanceof Cancelled) return host.fail(failure.message)
  host.log.foreign(chainOf(failure))
  host.fail(`bug: ${failure.message} This is a mistake in the action; please report it with the lines above.`)
}

function chainOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\nCaused by: ${chainOf(error.cause)}` : ''
  return `${error.stack ?? error.message}${cause}`
}

function fallbackSummary({ name }: ActionDefinition, failure: Error | undefined): string {
  return failure === undefined ? '' : `### ${name}: failed\n\n${escapeMarkdown(failure.message)}\n`
}
