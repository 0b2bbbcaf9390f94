import { describe, expect, test } from '@jest/globals'
import { editManifest } from '../edit.ts'
import type { Edited, ImageUpdate } from '../types.ts'

const digest = `sha256:${'b'.repeat(64)}`
const old = `sha256:${'a'.repeat(64)}`

function edit(file: string, text: string, update: Partial<ImageUpdate>): Edited {
  const shop = { kind: 'image', repository: 'reg.example/shop', tag: 'v2', ...update } as const
  return editManifest(file, new TextEncoder().encode(text), [shop], 0)
}

const set = (name: string, value: string) => `  set {\n    name  = "${name}"\n    value = "${value}"\n  }\n`
const release = (body: string) => `resource "helm_release" "app" {\n${body}}\n`

describe('an image is found and written in the form that stands there', () => {
  test.each<
    [
      name: string,
      file: string,
      text: string,
      old: RegExp | string,
      written: string,
      update?: Partial<ImageUpdate>,
    ]
  >([
    ['a tfvars reference', 'a.tfvars', 'shop_image = "reg.example/shop:v1" # x\n', ':v1', ':v2'],
    ['by its own key', 'a.tf', 'locals { image = "reg.example/shop:v1" }\n', ':v1', ':v2'],
    [
      'with a digest',
      'a.tfvars',
      `image_uri = "reg.example/shop:v1@${old}"\n`,
      `v1@${old}`,
      `v2@${digest}`,
      { digest },
    ],
    [
      'the default of a variable',
      'v.tf',
      'variable "image" {\n  default = "reg.example/shop:v1"\n}\n',
      ':v1',
      ':v2',
    ],
    [
      'a short name',
      'a.tfvars',
      'image = "nginx:1"\n',
      ':1',
      ':2',
      { repository: 'docker.io/library/nginx', tag: '2' },
    ],
    [
      'by another name',
      'a.tfvars',
      'image = "shop:v1"\n',
      'shop:v1',
      'reg.example/shop:v2',
      { match: 'shop' },
    ],
    ['an object', 'a.tfvars', 'image = { repository = "reg.example/shop", tag = "v1" }\n', '"v1"', '"v2"'],
    [
      'an object with digest',
      'a.tfvars',
      `x = {\n repository = "reg.example/shop"\n tag = "v1"\n digest = "${old}"\n}\n`,
      new RegExp(`v1|${old}`, 'g'),
      '',
      { digest },
    ],
    [
      'keys with a prefix',
      'a.tfvars',
      'image_repository = "reg.example/shop"\nimage_tag        = "v1"\n',
      '"v1"',
      '"v2"',
    ],
    [
      'an image and its tag',
      'a.tfvars',
      'shop_image = "reg.example/shop"\nshop_image_tag = "v1"\n',
      '"v1"',
      '"v2"',
    ],
    [
      'two variables',
      'a.tf',
      'variable "image_repository" {\n  default = "reg.example/shop"\n}\nvariable "image_tag" {\n  default = "v1"\n}\n',
      '"v1"',
      '"v2"',
    ],
    [
      'set blocks',
      'a.tf',
      release(set('image.repository', 'reg.example/shop') + set('image.tag', 'v1')),
      '"v1"',
      '"v2"',
    ],
    ['a set block with a reference', 'a.tf', release(set('web.image', 'reg.example/shop:v1')), ':v1', ':v2'],
    [
      'a set list',
      'a.tf',
      release(
        '  set = [\n    { name = "a.image.repository", value = "reg.example/shop" },\n    { name = "a.image.tag", value = "v1" },\n  ]\n',
      ),
      '"v1"',
      '"v2"',
    ],
    [
      'a set list over lines',
      'a.tf',
      release(
        '  set = [{\n    name  = "image.repository"\n    value = "reg.example/shop"\n  }, {\n    name = "image.tag", value = "v1"\n  }]\n',
      ),
      '"v1"',
      '"v2"',
    ],
    [
      'values that are encoded',
      'a.tf',
      release(
        '  values = [yamlencode({\n    image = { repository = "reg.example/shop", tag = "v1" } # c\n    host  = var.host\n  })]\n',
      ),
      '"v1"',
      '"v2"',
    ],
    [
      'container definitions that are encoded',
      'a.tf',
      'resource "aws_ecs_task_definition" "a" {\n  container_definitions = jsonencode([\n    { name = "a", image = "reg.example/shop:v1", cpu = var.cpu },\n  ])\n}\n',
      ':v1',
      ':v2',
    ],
    [
      'a container of the Kubernetes provider',
      'a.tf',
      'resource "kubernetes_deployment" "a" {\n  spec {\n    template {\n      spec {\n        container {\n          image = "reg.example/shop:v1"\n        }\n      }\n    }\n  }\n}\n',
      ':v1',
      ':v2',
    ],
    [
      'inputs of Terragrunt',
      'terragrunt.hcl',
      'inputs = {\n  image_repository = "reg.example/shop"\n  image_tag        = "v1" # c\n}\n',
      '"v1"',
      '"v2"',
    ],
    [
      'a job of Nomad',
      'a.nomad',
      'job "a" {\n  task "t" {\n    config {\n      image = "reg.example/shop:v1"\n    }\n  }\n}\n',
      ':v1',
      ':v2',
    ],
    [
      'Docker Hub by its long name',
      'a.toml',
      'image = "docker.io/library/nginx:v1"\n',
      ':v1',
      ':v2',
      { repository: 'nginx' },
    ],
    [
      'a port',
      'a.json',
      '{"image": "localhost:5000/shop:v1"}',
      ':v1',
      ':v2',
      { repository: 'localhost:5000/shop' },
    ],
    [
      'an empty digest',
      'a.tf',
      'variable "image_repository" {\n  default = "reg.example/shop"\n}\nvariable "image_tag" {\n  default = null\n}\nvariable "image_digest" {\n  default = ""\n}\n',
      /null|""/g,
      '',
      { digest },
    ],
    [
      'a kustomization',
      'k.json',
      '{"apiVersion": "kustomize.config.k8s.io/v1", "kind": "Kustomization", "images": [{"name": "reg.example/shop", "newTag": "v1"}]}',
      '"v1"',
      '"v2"',
    ],
    [
      'a key that a kustomization lacks',
      'k.json',
      '{"apiVersion": "kustomize.config.k8s.io/v1", "kind": "Kustomization", "images": [\n  {\n    "name": "reg.example/shop"\n  }\n]}',
      'shop"',
      'shop",\n    "newTag": "v2"',
    ],
    [
      'a set list in JSON',
      'a.tf.json',
      '{"resource":{"helm_release":{"app":{"set":[{"name":"image.repository","value":"reg.example/shop"},{"name":"image.tag","value":"v1"}]}}}}',
      '"v1"',
      '"v2"',
    ],
    [
      'variables in JSON',
      'a.tfvars.json',
      '{"image_repository": "reg.example/shop", "image_tag": "v1"}',
      '"v1"',
      '"v2"',
    ],
    [
      'a task definition',
      'task.json',
      '{"containerDefinitions":[{"name":"a","image":"reg.example/shop:v1"}]}',
      ':v1',
      ':v2',
    ],
    ['fly.toml', 'fly.toml', "[build]\n  image = 'reg.example/shop:v1'\n", ':v1', ':v2'],
    ['a TOML table', 'x.toml', '[image]\nrepository = "reg.example/shop"\ntag = """v1"""\n', 'v1', 'v2'],
    [
      'dotted TOML keys',
      'x.toml',
      'image.repository = "reg.example/shop"\nimage.tag = "v1"\n',
      '"v1"',
      '"v2"',
    ],
  ])('%s', (_, file, text, from, written, update = {}) => {
    const { after, places } = edit(file, text, update)
    const both: Record<string, string> = { v1: 'v2', [old]: digest, null: '"v2"', '""': `"${digest}"` }
    expect(after).toBe(text.replace(from, found => written || (both[found] ?? '')))
    expect(places).toEqual([1])
    expect(edit(file, after, update)).toMatchObject({ after, edits: [] })
  })

  test('two settings are named by their own paths', () => {
    const text = release(
      set('image.repository', 'reg.example/shop') + set('image.tag', 'v1') + set('image.digest', old),
    )
    expect(edit('a.tf', text, { digest }).changes).toMatchObject([
      { path: 'resource.helm_release.app.set[1].value', line: 8, old: 'v1', new: 'v2' },
      { path: 'resource.helm_release.app.set[2].value', line: 12, old, new: digest },
    ])
  })
})

describe('what is no place of the image is left alone', () => {
  test.each([
    ['a.tfvars', 'source = "reg.example/shop:v1"'],
    ['a.tfvars', 'image = "reg.example/shop-web:v1"'],
    ['a.tf', 'image = "${var.registry}/shop:v1"'],
    ['a.tf', 'image = "reg.example/shop"'],
    ['a.tf', 'image_repository = "reg.example/shop"\nother_tag = "v1"'],
    ['a.tf', release(set('image.tag', 'reg.example/shop'))],
    ['pod.json', '{"apiVersion":"v1","kind":"Pod","env":[{"name":"IMAGE","value":"reg.example/shop:v1"}]}'],
    ['a.toml', '# image = "reg.example/shop:v1"'],
  ])('%s: %s', (file, text) => {
    expect(edit(file, text, {})).toMatchObject({ edits: [], places: [0] })
  })
})

describe('what a place cannot hold is refused as in YAML', () => {
  test.each<[code: string, file: string, text: string, update: Partial<ImageUpdate>]>([
    [
      'digest-needed',
      'a.tfvars',
      `image_repository = "reg.example/shop"\nimage_tag = "v1"\nimage_digest = "${old}"\n`,
      {},
    ],
    ['stale-digest', 'a.tf', `image = "reg.example/shop:v1"\nimage_digest = "${old}"\n`, {}],
    ['digest-not-held', 'a.toml', 'image = { repository = "reg.example/shop", tag = "v2" }', { digest }],
    ['not-a-value', 'a.tf', 'image = { repository = "reg.example/shop", tag = var.tag }', {}],
    [
      'not-a-value',
      'a.tf',
      'image = {\n repository = "reg.example/shop"\n tag = "v1"\n digest = var.digest\n}',
      { digest },
    ],
  ])('%s: %s', (code, file, text, update) => {
    expect(() => edit(file, text, update)).toThrow(expect.objectContaining({ code }))
  })

  test('a digest that is computed could go stale beside a new tag', () => {
    const text = 'image_repository = "reg.example/shop"\nimage_tag = "v1"\nimage_digest = var.digest\n'
    expect(() => edit('a.tf', text, {})).toThrow(expect.objectContaining({ code: 'digest-needed' }))
  })
})
