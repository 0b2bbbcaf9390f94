import { describe, expect, test } from '@jest/globals'
import { recognise } from './recognise.ts'
import { read } from './samples.ts'

const heads: [head: string, format: string | undefined][] = [
  ['<?xml version="1.0"?>\n<testsuites name="x">', 'junit'],
  ['<testsuite>', 'junit'],
  ['warning: x\n<?xml version="1.0"?><testsuite name="a"/>', 'junit'],
  ['TAP version 14\n', 'tap'],
  ['ok 1 - a\n', 'tap'],
  ['> app@1.0.0 test\n\n1..3\n', 'tap'],
  ['{"reportFormat":"CTRF","specVersion":"0.0.0"', 'ctrf'],
  ['{ "results": { "tool": {"name": "jest"}', 'ctrf'],
  ['<TestRun id="1" xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010">', 'trx'],
  ['<assemblies timestamp="x">', 'xunit'],
  ['<test-run id="2">', 'nunit'],
  ['{"Time":"x","Action":"run","Package":"p","Test":"T"}\n', 'go-test'],
  ['{"ImportPath":"p","Action":"build-output"}\n', 'go-test'],
  ['{"numFailedTestSuites":0,"numFailedTests":0,"testResults":[', 'jest'],
  ['{"stats":{"suites":1},"tests":[],"suites":[],"passes":[]', 'mocha'],
  ['{"config":{"rootDir":"/x"},"suites":[', 'playwright'],
  ['<html><body>testsuite', undefined],
  ['hello', undefined],
  ['{}', undefined],
]

describe('the content says which format it is', () => {
  test.each(heads)('%s', (head, format) => expect(recognise(head)).toBe(format))
})

describe('what cannot be read is never read as empty', () => {
  test.each<[text: string, code: string, sentence: string]>([
    ['', 'report-truncated', 'It is empty.'],
    [' \n', 'report-truncated', 'It is empty.'],
    ['hello', 'report-unreadable', 'It is in no format of test reports that is known.'],
    ['<html/>', 'report-unreadable', 'It is in no format of test reports that is known.'],
    ['<TestRun id="1"/>', 'not-yet', 'It is TRX, which is not read yet.'],
    ['{"Action":"run","Package":"p"}', 'not-yet', 'It is go test -json, which is not read yet.'],
    ['{"numFailedTests":0}', 'not-yet', 'It is jest or vitest JSON, which is not read yet.'],
    ['<test-run/>', 'not-yet', 'It is NUnit XML, which is not read yet.'],
  ])('%j', async (text, code, sentence) => {
    expect((await read(text)).problems).toEqual([{ code, sentence }])
  })
})
