// A place on GitHub where the course of the wait is shown.
import type { Ending } from './ending.ts'

export interface Board {
  /** Says that the wait has begun. */
  open(signal: AbortSignal): Promise<void>
  /** What is still to be said of the beginning need not be said any more. */
  hurry(): void
  /** Says how it ended, whether or not `open` came through. */
  close(ending: Ending, signal: AbortSignal): Promise<void>
  /** From another process: says how it ended where the board still shows this wait as going on. */
  sweep(ending: Ending, signal: AbortSignal): Promise<void>
}

/** What is waited for. */
export interface Subject {
  /** Of the config repository; empty where there is none. */
  commit: string
  targets: readonly string[]
}
