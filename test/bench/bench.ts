// What a bench is: a table of figures that were measured side by side in one run.

export interface Table {
  columns: string[]
  rows: (string | number | boolean)[][]
  notes?: string[]
}

export interface Bench {
  title: string
  run: () => Promise<Table>
}

export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
