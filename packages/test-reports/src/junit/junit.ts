// JUnit XML in all its dialects: entries as soon as they are complete, everything else forgotten at once.
import { SaxesParser } from 'saxes'
import type { Reader, Sink } from '../types.ts'
import {
  begin,
  finish,
  interrupt,
  isOutcome,
  record,
  type Attributes,
  type Entry,
  type Part,
} from './entry.ts'
import { createRepair } from './repair.ts'

const TEXT = 64 * 1024

/** Complaints of the parser that cost no entry. Any other one means that entries may be lost. */
const HARMLESS = [
  'disallowed character.',
  'text data outside of root node.',
  'the string "]]>" is disallowed in char data.',
  'an XML declaration must be at the start of the document.',
  'the XML declaration must appear at the start of the document.',
  'encoding value must match',
  'version number must match',
  'processing instructions are not allowed before root.',
]

export function createJunitReader(sink: Sink): Reader {
  const parser = new SaxesParser()
  const repair = createRepair()
  const suites: Attributes[] = []
  const path: string[] = []
  let entry: Entry | undefined
  let part: (Part & { depth: number }) | undefined
  let complaint = ''
  let began = false
  let ended = false

  parser.on('error', ({ message }) => {
    if (!ended && !HARMLESS.some(known => message.includes(known))) complaint ||= message
  })
  parser.on('opentag', ({ name: qualified, attributes }) => {
    const name = qualified.slice(qualified.indexOf(':') + 1)
    path.push(name)
    if (name === 'testsuite') suites.push(attributes)
    else if (name === 'testcase') entry = begin(attributes, suites)
    else if (entry !== undefined && part === undefined && isOutcome(name)) {
      part = { name, attributes, text: '', depth: path.length }
    }
  })
  const collect = (text: string) => {
    if (part === undefined || /^system-(?:out|err)$/.test(path.at(-1) ?? '')) return
    part.text += text
    if (part.text.length > 4 * TEXT) part.text = part.text.slice(0, TEXT) + part.text.slice(-TEXT)
  }
  parser.on('text', collect)
  parser.on('cdata', collect)
  parser.on('closetag', () => {
    const name = path.pop()
    if (name === 'testsuite') suites.pop()
    if (entry === undefined) return
    if (part !== undefined && path.length < part.depth) {
      record(entry, part)
      part = undefined
    }
    if (name === 'testcase') {
      sink.entry(finish(entry))
      entry = undefined
    }
  })

  return {
    write(piece) {
      const text = began ? piece : piece.slice(beginning(piece))
      began = true
      parser.write(repair(text))
    },
    end() {
      parser.write(repair('', true))
      ended = true
      const isTorn = path.length > 0
      if (entry !== undefined) {
        if (part !== undefined) record(entry, part)
        interrupt(entry)
        sink.entry(finish(entry))
        entry = undefined
      }
      parser.close()
      if (isTorn) sink.problem({ code: 'report-truncated', sentence: 'It ends in the middle of the tests.' })
      else if (complaint !== '') {
        sink.problem({ code: 'report-unreadable', sentence: `Its XML is broken at ${complaint}` })
      }
    },
  }
}

/** Lines of a log before the document are not part of it. */
function beginning(text: string): number {
  return Math.max(0, text.search(/<\?xml|<!DOCTYPE|<!--|<(?:\w+:)?testsuites?[\s/>]/))
}
