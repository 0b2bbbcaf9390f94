// How long each scenario took the action, printed when all are done.
export interface Times {
  readonly add: (scenario: string, outputs: Readonly<Record<string, string>>) => void
  readonly print: () => void
}

/** @param title what stands above them */
export function times(title: string): Times {
  const rows: string[] = []
  return {
    add: (scenario, { result, duration, reason = '' }) => {
      rows.push(
        `${scenario.padEnd(36)} ${String(result).padEnd(11)} ${String(duration).padStart(5)} s  ${reason.slice(0, 140)}`,
      )
    },
    print: () => {
      if (rows.length > 0) console.log([title, ...rows.toSorted()].join('\n'))
    },
  }
}
