// What sees a controller for us, whichever it is.
import type { Observation, Question } from '../types.ts'

export type Tell = (observation: Observation) => void

export interface Observer {
  /** Tells until the signal is aborted; ends otherwise only by an error that waiting cannot mend (UserError). */
  watch(tell: Tell, signal: AbortSignal): Promise<void>
  /** Tells of the pods of a target until the signal is aborted. */
  attend(target: string, tell: Tell, signal: AbortSignal): Promise<void>
  /** The answer to a question about a target; a failed attempt is an answer, too. */
  answer(question: Exclude<Question, { ask: 'revision' }>, signal: AbortSignal): Promise<Observation[]>
  /** Reads every target once more, beside the streams, and tells what these have kept from us. Thrown: HttpError when it cannot be read now. */
  confirm(tell: Tell, signal: AbortSignal): Promise<void>
}
