// Paths of sources in a repository.

/** Is the file in the folder, or below it? The folder may be written with `.`, `..` and slashes at its ends. */
export function isInside(file: string, folder: string): boolean {
  const path = normalise(folder)
  return path === '' || file === path || file.startsWith(`${path}/`)
}

/** Without `.`, `..` and slashes at the ends. */
function normalise(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return parts.join('/')
}
