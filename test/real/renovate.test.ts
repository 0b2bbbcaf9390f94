// What Renovate goes by still stands after an edit: its expressions match, and capture the value that was written.
import { describe, expect, test } from '@jest/globals'
import { A, B, bumped, pinned, shop, tagged } from './wanted.ts'

const field = (name: string) => String.raw`(?: ${name}=(?<${name}>\S+?))?`

describe("Renovate's expressions", () => {
  // Those of its presets for `_VERSION` variables and for Chart.yaml (customManagers), in our words: the fields in this
  // order, then a key, then a value in any quotes or none.
  const fields = ['packageName', 'versioning', 'extractVersion', 'registryUrl'].map(field).join('')
  const version = new RegExp(
    String.raw`# renovate: datasource=(?<datasource>\S+?) depName=(?<depName>\S+?)${fields}\s+\w+_VERSION\s*:\s*["']?(?<currentValue>.+?)["']?\s`,
  )
  const appVersion = /#\s*renovate: image=(?<depName>\S+)\s+appVersion:\s*["']?(?<currentValue>[\w+.-]*)/
  const docker = '# renovate: datasource=docker depName=reg.example/shop'
  const read = (manifest: string) => (version.exec(manifest) ?? appVersion.exec(manifest))?.groups

  test.each([
    { name: 'a tag', text: `${docker}\nSHOP_VERSION: v1\n`, update: shop },
    { name: 'with CRLF', text: `${docker}\r\nSHOP_VERSION: v1\r\n`, update: shop },
    { name: 'in double quotes', text: `${docker}\nSHOP_VERSION: "v1"\n`, update: shop },
    { name: 'in single quotes', text: `${docker}\nSHOP_VERSION: 'v1'\n`, update: shop },
    { name: 'gets quotes', text: `${docker}\nSHOP_VERSION: v1\n`, update: tagged('1.10') },
    {
      name: 'gets quotes before a comment',
      text: `${docker}\nSHOP_VERSION: v1 # now\n`,
      update: tagged('1e3'),
    },
    { name: 'with more fields', text: `${docker} versioning=docker\nSHOP_VERSION: v1\n`, update: shop },
    {
      name: 'by the name of its package',
      text: '# renovate: datasource=docker depName=shop packageName=reg.example/shop\nSHOP_VERSION: v1\n',
      update: shop,
    },
    { name: 'tag and digest', text: `${docker}\nSHOP_VERSION: v1@${A}\n`, update: pinned },
    { name: 'the appVersion', text: '# renovate: image=reg.example/shop\nappVersion: v1\n', update: shop },
    {
      name: 'the appVersion in quotes',
      text: '# renovate: image=reg.example/shop\nappVersion: "v1"\n',
      update: tagged('1.10'),
    },
  ])('still match: $name', ({ text, update }) => {
    const before = read(text)
    const wanted = before?.['currentValue']?.includes('@') ? `${update.tag}@${B}` : update.tag
    expect(before?.['currentValue']).toMatch(/^v1/)
    expect(read(bumped(text, update, 'Chart.yaml'))).toEqual({ ...before, currentValue: wanted })
  })
})
