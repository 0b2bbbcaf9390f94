// The flight recorder: one line of JSON for the goal, one for each observation, and the verdict can be had again.
import type { Goal, Observation } from './types.ts'

/** Each line ends with a line feed; nothing in it is secret, since neither a goal nor an observation can hold a secret. */
export const recordGoal = (goal: Goal): string => `${JSON.stringify({ goal })}\n`
export const recordObservation = (observation: Observation): string => `${JSON.stringify(observation)}\n`

/** @param text a whole recording; a last line without its end is the cut of a killed process and does not count */
export function readRecord(text: string): { goal: Goal; observations: Observation[] } {
  const [first = '', ...lines] = text.slice(0, text.lastIndexOf('\n')).split('\n')
  const { goal }: { goal: Goal } = JSON.parse(first)
  return { goal, observations: lines.map((line): Observation => JSON.parse(line)) }
}
