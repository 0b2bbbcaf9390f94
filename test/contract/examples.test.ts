import { readFileSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { validate } from '@actions/languageservice'
import { describe, expect, test } from '@jest/globals'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { actionNames, readActionMetadata, root } from '../../scripts/actions.ts'
import { readmeOf } from '../../scripts/docs.ts'

const examples = readdirSync(join(root, 'workflows-examples')).filter(file => file.endsWith('.yml'))
const read = (file: string) => readFileSync(join(root, 'workflows-examples', file), 'utf8')

/** Inputs of others' actions, as far as the examples use them. */
const foreign: Record<string, readonly string[]> = {
  'actions/checkout': ['persist-credentials', 'fetch-depth'],
  'actions/create-github-app-token': ['app-id', 'private-key', 'owner', 'repositories'],
}

function fetchActionMetadata({ owner, name, path }: { owner: string; name: string; path?: string }) {
  if (owner === 'gitops-relay') return Promise.resolve(readActionMetadata(basename(path ?? '')))
  const inputs = foreign[`${owner}/${name}`]?.map(input => [input, { description: '' }])
  return Promise.resolve(inputs && { name, description: '', inputs: Object.fromEntries(inputs) })
}

let count = 0
/** Complaints about a workflow as GitHub's own language service makes them, which reads our action.yml for our actions. */
async function complaints(text: string): Promise<string[]> {
  // The service remembers what it parsed by its address.
  const uri = `file:///repository/.github/workflows/example-${count++}.yml`
  const document = TextDocument.create(uri, 'yaml', 1, text)
  const found = await validate(document, { actionsMetadataProvider: { fetchActionMetadata } })
  return found.map(
    ({ message, range }) =>
      `${range.start.line + 1}: ${typeof message === 'string' ? message : message.value}`,
  )
}

describe('every example is a workflow that GitHub takes, with inputs that our actions have', () => {
  test.each(examples)('%s', async file => expect(await complaints(read(file))).toEqual([]))

  test.each(actionNames)('what the README of %s shows', async name => {
    const blocks = [...readFileSync(readmeOf(name), 'utf8').matchAll(/^```ya?ml\n([^]*?)^```$/gm)]
    const shown = blocks.map(([, block = '']) => block).filter(block => block.includes('uses:'))
    expect(shown).not.toEqual([])
    // Steps that are shown alone use those of the reader's own workflow.
    const found = (await Promise.all(shown.map(block => complaints(asWorkflow(block))))).flat()
    expect(found.filter(text => !text.includes('Context access might be invalid'))).toEqual([])
  })
})

/** A README may show steps alone. */
function asWorkflow(block: string): string {
  if (/^on:/m.test(block)) return block
  const head = 'on: push\njobs:\n  example:\n    runs-on: ubuntu-latest\n'
  if (/^jobs:/m.test(block)) return `on: push\n${block}`
  const steps = /^steps:/m.test(block) ? block : `steps:\n${block.replace(/^/gm, '  ')}`
  return head + steps.replace(/^/gm, '    ')
}

describe('a mistake in an example would be found', () => {
  const quickstart = read('quickstart.yml')
  test.each<{ what: string; from: string; to: string; complaint: RegExp }>`
    what                     | from                           | to                            | complaint
    ${'a misspelt input'}    | ${'match: shop'}               | ${'matches: shop'}            | ${/matches/}
    ${'a misspelt key'}      | ${'    needs: image'}          | ${'    need: image'}          | ${/need/}
    ${'an unknown job'}      | ${'    needs: image'}          | ${'    needs: picture'}       | ${/picture/}
    ${'an unknown output'}   | ${'needs.image.outputs.ref'}   | ${'needs.image.outputs.reff'} | ${/reff/}
    ${'an unknown step'}     | ${'steps.bump.outputs.commit'} | ${'steps.bmp.outputs.commit'} | ${/bmp/}
    ${'an unknown function'} | ${'${{ secrets.ARGOCD_TOKEN'}  | ${'${{ secret(1)'}            | ${/secret/}
  `('$what', async ({ from, to, complaint }) => {
    expect(quickstart).toContain(from)
    expect((await complaints(quickstart.replace(from, to))).join('\n')).toMatch(complaint)
  })
})
