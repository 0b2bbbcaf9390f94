import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { actionNames, root } from '../../scripts/actions.ts'

const read = (file: string) => readFileSync(join(root, file), 'utf8')
const readme = read('README.md')

describe('the README says what works', () => {
  test('its commands are scripts of package.json', () => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(read('package.json'))
    const named = [...readme.matchAll(/npm (?:run )?(\w+)/g)].map(found => found[1] ?? '')
    expect(named).toEqual(expect.arrayContaining(['demo', 'test']))
    expect(named.filter(name => scripts[name] === undefined)).toEqual([])
  })

  test('its workflow is the one that the demo runs', () => {
    expect(readme).toContain(`\`\`\`yaml\n${read('workflows-examples/quickstart.yml')}\`\`\``)
  })

  test('its links lead somewhere', () => {
    const links = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map(found => found[1] ?? '')
    expect(links.length).toBeGreaterThan(5)
    expect(links.filter(link => !existsSync(join(root, link)))).toEqual([])
  })

  test('all actions are in its table', () => {
    for (const name of actionNames) expect(readme).toContain(`| [${name}](actions/${name}/README.md) |`)
  })
})
