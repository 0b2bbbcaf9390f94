// What a run is asked for, what happens in it, and what it leaves.

export type Conclusion = 'success' | 'failure' | 'cancelled' | 'skipped'

export interface RunOptions {
  /** Path of the workflow file. */
  workflow: string
  /** The repository that is checked out: a git work tree. */
  root: string
  event?: { name: string; payload?: object }
  /** Full ref; default `refs/heads/main`. */
  ref?: string
  sha: string
  /** `owner/name`. */
  repository: string
  serverUrl?: string
  apiUrl?: string
  actor?: string
  secrets?: Readonly<Record<string, string>>
  vars?: Readonly<Record<string, string>>
  /** Of `workflow_dispatch`. */
  inputs?: Readonly<Record<string, string>>
  /** Added to the environment of every step. */
  env?: Readonly<Record<string, string>>
  /** Where the actions of a repository are: `owner/repo` → directory. */
  actions?: Readonly<Record<string, string>>
  /** Runs only this job and what it needs. */
  job?: string
  listener?: Listener
  /** Node of actions; default the one that runs us. */
  node?: string
  signal?: AbortSignal
  /** Milliseconds from SIGINT to SIGTERM, and on to SIGKILL; the runner's are 7,500 and 2,500. */
  ladder?: readonly [interrupt: number, terminate: number]
}

export interface Annotation {
  level: 'notice' | 'warning' | 'error'
  message: string
  properties: Readonly<Record<string, string>>
}

export interface StepRun {
  id: string
  name: string
  /** Before and after `continue-on-error`. */
  outcome: Conclusion
  conclusion: Conclusion
  outputs: Record<string, string>
  summary: string
  annotations: Annotation[]
  /** Masked, as a person would see it. */
  log: string[]
  /** Milliseconds. */
  duration: number
}

export interface JobRun {
  id: string
  name: string
  conclusion: Conclusion
  outputs: Record<string, string>
  steps: StepRun[]
  duration: number
}

export interface WorkflowRun {
  name: string
  conclusion: Conclusion
  jobs: JobRun[]
}

export type Event =
  | { kind: 'run-started'; jobs: string[] }
  | { kind: 'job-started'; job: string; steps: string[] }
  | { kind: 'job-ended'; job: JobRun }
  | { kind: 'step-started'; job: string; step: string }
  | { kind: 'line'; job: string; step: string; line: string }
  | { kind: 'step-ended'; job: string; step: StepRun }
export type Listener = (event: Event) => void
