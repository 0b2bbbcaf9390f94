import { describe, expect, test } from '@jest/globals'
import { editManifest } from '../edit.ts'
import type { Edited, ValueUpdate } from '../types.ts'

const encode = (text: string) => new TextEncoder().encode(text)

type Kind = ValueUpdate['value']['kind']

function edit(file: string, text: string, path: string, value: string, kind: Kind = 'as-found'): Edited {
  return editManifest(file, encode(text), [{ kind: 'value', path, value: { kind, text: value } }], 0)
}

/** A text in which « and » stand around what shall be replaced by the new value. */
function expectEdit(file: string, marked: string, path: string, value: string, written: string): void {
  const before = marked.replaceAll(/[«»]/g, '')
  expect(edit(file, before, path, value).after).toBe(marked.replaceAll(/«[^»]*»/g, () => written))
}

const terraform = `# kept
variable "image_tag" {
  type    = string
  default = "1.2.3" # "1.2.3"
}
locals { one = "line" }
locals {
  tag      = "v1"   // aligned
  count    = 5 /* five */
  enabled  = true
  below    = -1.5e3
  nothing  = null
  escaped  = "$\${lit} \\"q\\" \\u00e4 100%"
  list     = ["a", var.b, { tag = "t", "q.x" : "y" },
    "z", # last
  ]
  nested   = { a = { b = "c" }, list = [[1, 2], []] }
  text     = <<-EOT
    tag = "not me" \${join("EOT", [<<EOT
    EOT
    ])}
    EOT
  after    = "x"
}
resource "helm_release" "app" {
  set {
    name  = "image.tag"
    value = "1.2.3"
  }
  set {
    name  = "replicas"
    value = 2
  }
}
resource "helm_release" "new" {
  set = [
    { name = "image.tag", value = "1.2.3" },
    { name = "replicas", value = 2 },
  ]
}
resource "helm_release" "one" {
  set {
    name  = "image.tag"
    value = "1.2.3"
  }
}
resource "helm_release" "encoded" {
  values = [yamlencode({ image = { tag = "e" } }), yamlencode(var.x)]
  json   = jsonencode (
    ["f", var.b],
  )
}
inputs = {
  image_tag = "1.2.3"
  "a.b"     = 1
}
`

describe('one value of HCL is written and no other byte', () => {
  test.each<[path: string, line: string, value: string, written: string]>([
    ['variable.image_tag.default', '  default = «"1.2.3"» # "1.2.3"', '2.0.0', '"2.0.0"'],
    ['locals.one', 'locals { one = «"line"» }', 'x', '"x"'],
    ['locals.tag', '  tag      = «"v1"»   // aligned', 'v2', '"v2"'],
    ['locals.count', '  count    = «5» /* five */', '60', '60'],
    ['locals.count', '  count    = «5» /* five */', 'six', '"six"'],
    ['locals.count', '  count    = «5» /* five */', '0x6', '"0x6"'],
    ['locals.enabled', '  enabled  = «true»', 'false', 'false'],
    ['locals.below', '  below    = «-1.5e3»', '7', '7'],
    ['locals.nothing', '  nothing  = «null»', 'x', '"x"'],
    ['locals.escaped', '  escaped  = «"$${lit} \\"q\\" \\u00e4 100%"»', '${a} %{b} $c', '"$${a} %%{b} $c"'],
    [
      'locals.list[0]',
      '  list     = [«"a"», var.b, { tag = "t", "q.x" : "y" },',
      'b\n\\\b',
      '"b\\n\\\\\\u0008"',
    ],
    ['locals.list[2].tag', '  list     = ["a", var.b, { tag = «"t"», "q.x" : "y" },', '7', '"7"'],
    ["locals.list[2]['q.x']", '  list     = ["a", var.b, { tag = "t", "q.x" : «"y"» },', '7', '"7"'],
    ['locals.list[3]', '    «"z"», # last', '7', '"7"'],
    ['locals.nested.a.b', '  nested   = { a = { b = «"c"» }, list = [[1, 2], []] }', 'd', '"d"'],
    ['locals.nested.list[0][1]', '  nested   = { a = { b = "c" }, list = [[1, «2»], []] }', '3', '3'],
    ['locals.after', '  after    = «"x"»', 'y', '"y"'],
    ['inputs.image_tag', '  image_tag = «"1.2.3"»', '2', '"2"'],
    ["inputs['a.b']", '  "a.b"     = «1»', '2', '2'],
    [
      'resource.helm_release.new.set[name=image.tag].value',
      '{ name = "image.tag", value = «"1.2.3"» }',
      '2',
      '"2"',
    ],
    [
      'resource.helm_release.encoded.values[0].image.tag',
      '  values = [yamlencode({ image = { tag = «"e"» } }), yamlencode(var.x)]',
      '2',
      '"2"',
    ],
    ['resource.helm_release.encoded.json[0]', '    [«"f"», var.b],', '2', '"2"'],
    ['resource.helm_release.new.set[1].value', '{ name = "replicas", value = «2» }', '3', '3'],
  ])('%s: %s', (path, line, value, written) => {
    const bare = line.replaceAll(/[«»]/g, '')
    expect(terraform.split(bare)).toHaveLength(2)
    expectEdit(
      'main.tf',
      terraform.replace(bare, () => line),
      path,
      value,
      written,
    )
  })

  test.each([
    ['resource.helm_release.app.set[name=image.tag].value', 'resource.helm_release.app.set[0].value', 28],
    ['resource.helm_release.app.set[1].value', 'resource.helm_release.app.set[1].value', 32],
    ['resource.helm_release.one.set[name=image.tag].value', 'resource.helm_release.one.set.value', 44],
    ['resource.helm_release.one.set[0].value', 'resource.helm_release.one.set.value', 44],
    ['locals.tag', 'locals[1].tag', 8],
    ['locals[1].tag', 'locals[1].tag', 8],
  ])('blocks of one kind are a list, and answer without an index, too: %s', (path, reported, line) => {
    expect(edit('main.tf', terraform, path, '9').changes).toMatchObject([{ path: reported, line }])
  })

  test('line ends, a byte order mark and a missing last line end stay', () => {
    expectEdit('a.tfvars', '\ufeffa = 1\r\n\r\nb=«"x"»\t# y\r\nc = <<E\r\nE', 'b', 'y', '"y"')
  })
})

test.each([
  ['a.tfvars', 'image_tag = "v1"\nimage_digest = "sha256:@"\n', 'image_tag'],
  [
    'a.tf',
    'variable "image_tag" {\n  default = "v1"\n}\nvariable "image_digest" {\n  default = "sha256:@"\n}\n',
    'variable.image_tag.default',
  ],
  [
    'a.tf',
    'set {\n  name = "a.tag"\n  value = "v1"\n}\nset {\n  name = "a.digest"\n  value = "sha256:@"\n}\n',
    'set[name=a.tag].value',
  ],
  ['a.toml', '[a]\ntag = "v1"\ndigest = "sha256:@"\n', 'a.tag'],
  ['a.json', '{"tag": "v1", "digest": "sha256:@"}', 'tag'],
])('a tag beside a stale digest is refused: %s', (file, text, path) => {
  const stale = text.replace('@', 'a'.repeat(64))
  expect(() => edit(file, stale, path, 'v2')).toThrow(expect.objectContaining({ code: 'stale-digest' }))
})

describe('what is computed is refused with its line', () => {
  test.each([
    ['var.image_tag', 'an expression'],
    ['"${var.a}:x"', 'a template'],
    ['"%{if a}b%{endif}"', 'a template'],
    ['"a" == "b" ? 1 : 2', 'an expression'],
    ['"a${"}"}"', 'a template'],
    ['[for x in y : "${x}" if x != "a"]', 'an expression'],
    ['{ for k, v in z : k => v }', 'an expression'],
    ['yamlencode(var.x)', 'an expression'],
    ['jsonencode("x")', 'an expression'],
    ['jsonencode({ d = 1 }, 2)', 'an expression'],
    ['jsonencode({ d = 1 }).c', 'an expression'],
    ['merge({ d = 1 }, var.x)', 'an expression'],
    ['(\n  1 + 2\n)', 'an expression'],
    ['["a"][0]', 'an expression'],
    ['!true', 'an expression'],
    ['1 <= b', 'an expression'],
    ['b >= 1 / 2', 'an expression'],
    ['<<-E\n  x\n  E', 'a heredoc'],
  ])('%s', (expression, what) => {
    const text = `\na = ${expression} # c\nb = 1\n`.replace('E # c', 'E')
    expect(() => edit('x.tf', text, 'a', '1')).toThrow(`x.tf:2 a is ${what}, which is computed`)
    expect(edit('x.tf', text, 'b', '2').after).toBe(text.replace('b = 1', 'b = 2'))
  })

  test("a string of Terraform's JSON is a template, one of other JSON is not", () => {
    expect(() => edit('x.tf.json', '{"a": "${b}"}', 'a', '1')).toThrow('x.tf.json:1 a is a template')
    expectEdit('x.tfvars.json', '{"a": «"${b}"»}', 'a', '1', '"1"')
  })
})

describe('one value of TOML is written and no other byte', () => {
  const toml = `# top
a = "x" # "x"
'quoted key'.b."c\\u0061" = 1_000
[table.sub]
tag = 'v1'
when = 1979-05-27 07:32:00Z
inline = { a.b = "c", d = [1, "two", { e = true }, ], }
[[apps]]
name = "web"
tag = """
v1\\
  .0"""
[apps.deep]
x = inf
[[apps]]
name = "db"
tag = '''v1'''
`
  test.each<[path: string, old: string, value: string, written: string]>([
    ['a', '"x"', 'y"\n', '"y\\"\\n"'],
    ["['quoted key'].b.ca", '1_000', '2_000', '2_000'],
    ["['quoted key'].b.ca", '1_000', '0x1F', '0x1F'],
    ["['quoted key'].b.ca", '1_000', '1__0', '"1__0"'],
    ['table.sub.tag', "'v1'", 'v\\2', "'v\\2'"],
    ['table.sub.tag', "'v1'", "it's", '"it\'s"'],
    ['table.sub.when', '1979-05-27 07:32:00Z', '2030-01-02', '2030-01-02'],
    ['table.sub.when', '1979-05-27 07:32:00Z', 'soon', '"soon"'],
    ['table.sub.inline.a.b', '"c"', 'd', '"d"'],
    ['table.sub.inline.d[1]', '"two"', '2', '"2"'],
    ['table.sub.inline.d[2].e', 'true', 'false', 'false'],
    ['apps[name=web].tag', '"""\nv1\\\n  .0"""', 'a"\n\\b', '"""\na\\"\n\\\\b"""'],
    ['apps[0].deep.x', 'inf', '-2.5e3', '-2.5e3'],
    ['apps[name=db].tag', "'''v1'''", "it's\nok", "'''it's\nok'''"],
    ['apps[1].tag', "'''v1'''", '\nv2', "'''\n\nv2'''"],
    ['apps[1].tag', "'''v1'''", "v'", '"""v\'"""'],
    ['apps[1].tag', "'''v1'''", '\r', '"""\\r"""'],
  ])('%s: %s → %s', (path, old, value, written) => {
    expect(toml.split(old).length).toBeGreaterThan(1)
    const line =
      path === 'a' ? toml.replace(`a = ${old}`, () => `a = «${old}»`) : toml.replace(old, () => `«${old}»`)
    expectEdit('x.toml', line, path, value, written)
  })
})

describe('one value of JSON is written and no other byte', () => {
  test.each<[name: string, marked: string, path: string, value: string, written: string]>([
    ['tabs', '{\n\t"a": {\n\t\t"b": «"x"»\n\t}\n}', 'a.b', 'y', '"y"'],
    ['one line', '{"a":1,"b":[true,«false»]}', 'b[1]', 'true', 'true'],
    ['comments and trailing commas', '// "a"\n{/* { */"a" : «1», // x\n"b": [2,],\n}\n', 'a', '2', '2'],
    ['escapes', '{"k\\u0061\\/": «"\\ud83d\\ude00 \\/"»}', "['ka/']", 'ä/\u2028', '"ä/\\u2028"'],
    ['duplicate keys', '{"a":«"x"»,"a":«"x"»}', 'a', 'y', '"y"'],
    ['a long key', `{"${'k'.repeat(2000)}":1,"a":«null»}`, 'a', 'y', '"y"'],
    ['a number that YAML alone knows', '{"a":«1»}', 'a', '0x10', '"0x10"'],
    ['a byte order mark, CRLF', '\ufeff{\r\n"a": «1»\r\n}\r\n', 'a', '2', '2'],
    ['documents one after another', '{"a":«1»}\n{"a":«1»}\n', 'a', '2', '2'],
    ['a word that only JavaScript gives a meaning', '{"__proto__":{"a":«1»}}', '__proto__.a', '2', '2'],
  ])('%s', (_, marked, path, value, written) => {
    expectEdit('x.jsonc', marked, path, value, written)
    expectEdit('x.json', marked, path, value, written)
  })
})

test.each([
  ['x.tf', 'a = 1', 'a', '~', 'null'],
  ['x.tf', 'a = 1', 'a', 'True', 'true'],
  ['x.json', '{"a": 1}', 'a', '', 'null'],
  ['x.toml', 'a = 1', 'a', '2020-01-01', '2020-01-01'],
])('a literal is spelled as %s does: %s', (file, text, path, value, written) => {
  expect(edit(file, text, path, value, 'literal').after).toBe(text.replace('1', written))
})

describe('what a format cannot hold is refused', () => {
  test.each<[string, string, string, Kind, string]>([
    ['x.tf', 'a = ""', '\ud800', 'string', 'half of a surrogate pair'],
    ['x.toml', 'a = ""', '\ud800', 'string', 'half of a surrogate pair'],
    ['x.toml', 'a = 1', 'null', 'literal', 'TOML has no such literal'],
    ['x.json', '{"a": 1}', '.inf', 'literal', 'JSON has no such literal'],
    ['x.tf.json', '{"a": ""}', '${x}', 'string', 'it would be read as a template'],
  ])('%s: %s ← %j', (file, text, value, kind, why) => {
    expect(() => edit(file, text, 'a', value, kind)).toThrow(
      expect.objectContaining({ code: 'bad-value', sentence: expect.stringContaining(why) }),
    )
  })
})

describe('what cannot be read is refused with its line', () => {
  test.each([
    ['x.tf', 'a = 1 b = 2', 1, 'the end of the line is missing'],
    ['x.tf', '\na = "x\n"', 2, 'a string has no end on its line'],
    ['x.tf', 'a = "\\x"', 1, 'HCL does not know this escape'],
    ['x.tf', 'a = {\n b\n}', 2, '":" is missing'],
    ['x.tf', 'a = [1', 1, '"," or "]" is missing'],
    ['x.tf', 'a = f(1', 1, '")" is missing'],
    ['x.tf', 'a = <<E\nb\n', 3, 'the heredoc E has no end'],
    ['x.tf', 'a "b" {', 1, '"}" is missing'],
    ['x.tf', 'a\n', 1, '"=" or "{" is missing'],
    ['x.tf', '}', 1, 'an attribute or a block is missing'],
    ['x.tf', '/* a', 1, 'a comment has no end'],
    ['x.toml', 'a = 1\n\na = 2', 3, 'trying to redefine'],
    ['x.toml', 'a = ', 1, 'a value is missing'],
    ['x.toml', 'a = 1 b = 2', 1, 'the end of the line is missing'],
    ['x.toml', 'a = """x""', 1, 'a string has no end'],
    ['x.toml', 'a = "\\q"', 1, 'unrecognised escape'],
    ['x.toml', 'a = 1\n[a.b]', 2, 'trying to redefine'],
    ['x.json', '{"a": 1', 1, '"," or "}" is missing'],
    ['x.json', '{a: 1}', 1, 'a key in double quotes is missing'],
    ['x.json', '{"a": &a 1}', 1, 'a value is missing'],
    ['x.json', '{"a": 01}', 1, 'a value is missing'],
    ['x.json', '{"a": "\n"}', 1, 'a string has no end'],
    ['x.json', '{"a": 1}\n---', 2, 'a value is missing'],
  ])('%s: %j', (file, text, line, why) => {
    expect(() => edit(file, text, 'a', '9')).toThrow(`${file}:${line} cannot be read as`)
    expect(() => edit(file, text, 'a', '9')).toThrow(why)
  })

  test.each(['x.json5', 'x.xml', 'x', 'x.properties'])('%s', file => {
    expect(() => edit(file, 'a', 'a', '1')).toThrow(expect.objectContaining({ code: 'unknown-format' }))
  })
})

describe('a hold keeps a value', () => {
  test.each([
    ['x.tf', 'a = 1 # gitops-relay: hold reason=why'],
    ['x.tf', '// gitops-relay: hold reason=why\na = 1'],
    ['x.tf', 'a = 1 /* gitops-relay: hold reason=why */'],
    ['x.tf', '/*\n * gitops-relay: hold reason=why\n */\n\na = 1', false],
    ['x.tf', '/* for now:\n * gitops-relay: hold reason=why */\na = 1'],
    ['x.tf', 'b = 2 # gitops-relay: hold\na = 1', false],
    ['x.tf', 'b = 2 /* gitops-relay: hold */\na = 1', false],
    ['x.toml', '# gitops-relay: hold reason=why\na = 1'],
    ['x.toml', 'a = 1 # gitops-relay: hold reason=why'],
    ['x.toml', 'b = "# gitops-relay: hold"\na = 1', false],
    ['x.jsonc', '{\n  // gitops-relay: hold reason=why\n  "a": 1\n}'],
    ['x.jsonc', '{\n  // gitops-relay: hold reason=why\n  // more\n  "a": 1\n}'],
    ['x.toml', '# gitops-relay: hold reason=why\n# more\na = 1'],
    ['x.tf', '# gitops-relay: hold reason=why\n/*\n */\na = 1'],
    ['x.tf', '# gitops-relay: hold\n\n# more\na = 1', false],
    ['x.jsonc', '{ "a": 1, /* gitops-relay: hold reason=why */ }'],
    ['x.jsonc', '{ "b": "// gitops-relay: hold", "a": 1 }', false],
  ])('%s: %s', (file, text, holds = true) => {
    const { held, changes } = edit(file, text, 'a', '2')
    expect(held).toMatchObject(holds ? [{ path: 'a', value: '1', reason: 'why' }] : [])
    expect(changes).toHaveLength(holds ? 0 : 1)
  })
})
