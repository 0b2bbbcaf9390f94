// A run as a person watches it: jobs and steps with their times, the log of what failed, the summaries at the end.
import type { Conclusion, JobRun, Listener, StepRun } from './types.ts'

export interface TerminalOptions {
  write: (text: string) => void
  color: boolean
  /** Prints the log of good steps too. */
  verbose?: boolean
  /** Shows the step that runs now, redrawn in place; for terminals alone. */
  live?: boolean
}

const MARKS: Record<Conclusion, [mark: string, color: number]> = {
  success: ['✓', 32],
  failure: ['✗', 31],
  cancelled: ['■', 33],
  skipped: ['–', 90],
}
const WHEEL = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'
/** GitHub shows the summaries of so many steps of a job. */
const SUMMARIES = 20

export function terminalReporter({ write, color, verbose = false, live = false }: TerminalOptions): Listener {
  const paint = (text: string, code: number) => (color ? `\x1b[${code}m${text}\x1b[0m` : text)
  const line = (text: string) => write(`${text}\n`)
  const mark = (conclusion: Conclusion) => paint(...MARKS[conclusion])
  const progress = { job: 0, jobs: 0, step: 0, steps: 0 }
  let turning: NodeJS.Timeout | undefined

  const turn = (step: string) => {
    const started = performance.now()
    const draw = () => {
      const past = performance.now() - started
      const wheel = WHEEL[Math.floor(past / 100) % WHEEL.length] ?? ''
      const where = `job ${progress.job}/${progress.jobs}, step ${progress.step}/${progress.steps}`
      write(
        `\r\x1b[K  ${paint(wheel, 36)} ${step.slice(0, 56).padEnd(56)} ${paint(`${seconds(past)}  ${where}`, 90)}`,
      )
    }
    draw()
    turning = setInterval(draw, 100)
  }
  const settle = () => {
    if (turning === undefined) return
    clearInterval(turning)
    turning = undefined
    write('\r\x1b[K')
  }

  return event => {
    switch (event.kind) {
      case 'run-started':
        progress.jobs = event.jobs.length
        return
      case 'job-started':
        progress.job++
        Object.assign(progress, { step: 0, steps: event.steps.length })
        return line(paint(event.job, 1))
      case 'step-started':
        progress.step = Math.min(progress.step + 1, progress.steps)
        if (live) turn(event.step)
        return
      case 'step-ended': {
        settle()
        const { name, conclusion, duration, log } = event.step
        line(`  ${mark(conclusion)} ${name.padEnd(56)} ${paint(seconds(duration), 90)}`)
        if (conclusion === 'failure' || verbose) for (const text of log) line(paint(`      ${text}`, 90))
        return
      }
      case 'job-ended':
        settle()
        if (event.job.steps.length === 0)
          return line(`${paint(event.job.name, 1)} ${mark(event.job.conclusion)} ${event.job.conclusion}`)
        return write(summariesOf(event.job))
      default:
    }
  }
}

const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`

function summariesOf({ steps }: JobRun): string {
  const all = steps.filter(({ summary }) => summary !== '')
  const rest =
    all.length > SUMMARIES ? `\n${all.length - SUMMARIES} more summaries, which GitHub would not show.\n` : ''
  return (
    all
      .slice(0, SUMMARIES)
      .map(step => `\n${plain(step)}\n`)
      .join('') + rest
  )
}

/** A summary without the marks that only a browser needs. */
function plain({ summary }: StepRun): string {
  return summary
    .replace(/<br>/g, ', ')
    .replace(/<\/?(?:code|details|summary|b|sub)>/g, '')
    .replace(/^\| --- .*\n/gm, '')
    .replace(/&#(\d+);/g, (_, code: string) => (code === '8203' ? '' : String.fromCodePoint(Number(code))))
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&')
    .replace(/\\([^\w\s])/g, '$1')
    .trimEnd()
}
