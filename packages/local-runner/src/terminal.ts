// A run as a person watches it: jobs and steps with their times, the log of what failed, the summaries at the end.
import type { Conclusion, Listener, StepRun } from './types.ts'

export interface TerminalOptions {
  write: (text: string) => void
  color: boolean
  /** Prints the log of good steps too. */
  verbose?: boolean
}

const MARKS: Record<Conclusion, [mark: string, color: number]> = {
  success: ['✓', 32],
  failure: ['✗', 31],
  cancelled: ['■', 33],
  skipped: ['–', 90],
}

export function terminalReporter({ write, color, verbose = false }: TerminalOptions): Listener {
  const paint = (text: string, code: number) => (color ? `\x1b[${code}m${text}\x1b[0m` : text)
  const line = (text: string) => write(`${text}\n`)
  const mark = (conclusion: Conclusion) => paint(...MARKS[conclusion])
  return event => {
    switch (event.kind) {
      case 'job-started':
        return line(paint(event.job, 1))
      case 'step-ended': {
        const { name, conclusion, duration, log } = event.step
        line(`  ${mark(conclusion)} ${name.padEnd(56)} ${paint(seconds(duration), 90)}`)
        if (conclusion === 'failure' || verbose) for (const text of log) line(paint(`      ${text}`, 90))
        return
      }
      case 'job-ended':
        if (event.job.conclusion === 'skipped') line(`${paint(event.job.name, 1)} ${mark('skipped')} skipped`)
        else for (const step of event.job.steps) if (step.summary !== '') line(`\n${plain(step)}`)
        return
      default:
    }
  }
}

const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`

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
