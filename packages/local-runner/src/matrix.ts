// The combinations of a matrix, with `include` and `exclude` as GitHub documents them. Pure.
import { isDeepStrictEqual } from 'node:util'

type Combination = Record<string, unknown>
type Matrix = Record<string, unknown[]> & { include?: Combination[]; exclude?: Combination[] }

export function combinations(matrix: unknown): Combination[] {
  if (typeof matrix !== 'object' || matrix === null) return [{}]
  const { include = [], exclude = [], ...axes } = matrix as Matrix // oxlint-disable-line no-unsafe-type-assertion -- the grammar has said so
  const product = Object.entries(axes).reduce<Combination[]>(
    (rows, [key, values]) => rows.flatMap(row => values.map(value => ({ ...row, [key]: value }))),
    Object.keys(axes).length === 0 ? [] : [{}],
  )
  const isPart = (part: Combination, row: Combination, keys: readonly string[]) =>
    keys.every(key => isDeepStrictEqual(part[key], row[key]))
  const kept = product.filter(row => !exclude.some(part => isPart(part, row, Object.keys(part))))
  const added: Combination[] = []
  for (const part of include) {
    const own = Object.keys(part).filter(key => key in axes)
    const matching = kept.filter(row => isPart(part, row, own))
    if (matching.length === 0 || Object.keys(axes).length === 0) added.push(part)
    else for (const row of matching) Object.assign(row, part)
  }
  const all = [...kept, ...added]
  return all.length === 0 ? [{}] : all
}
