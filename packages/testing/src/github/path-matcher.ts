// Which templates of the description a path may mean, the most literal one first.

export interface Match {
  template: string
  parameters: Record<string, string>
}

/** Parameters that hold slashes: names of refs, paths of files, and what is compared. */
const deep = new Set(['ref', 'path', 'branch', 'basehead'])

export function pathMatcher(templates: readonly string[]): (path: string) => Match[] {
  const byLiterals = templates
    .map(template => ({ template, literals: template.replaceAll(/\{[^}]+\}/g, '').length }))
    .toSorted((a, b) => b.literals - a.literals)
    .map(({ template }) => ({ template, pattern: expressionOf(template) }))
  return path =>
    byLiterals.flatMap(({ template, pattern }) => {
      const found = pattern.exec(path)
      if (found === null) return []
      const parameters = Object.entries(found.groups ?? {}).map(([name, text]) => [
        name,
        decodeURIComponent(text),
      ])
      return [{ template, parameters: Object.fromEntries(parameters) }]
    })
}

function expressionOf(template: string): RegExp {
  const source = template
    .split(/\{([^}]+)\}/)
    .map((part, index) =>
      index % 2 === 0
        ? part.replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`)
        : `(?<${part.replaceAll('-', '_')}>${deep.has(part) ? '.+' : '[^/]+'})`,
    )
    .join('')
  return new RegExp(`^${source}$`)
}
