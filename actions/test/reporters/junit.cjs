// Writes JUnit XML while tests run, from inside of the user's own Node (18 and later), so it imports nothing but Node.
'use strict'
const { mkdirSync, openSync, writeSync, closeSync } = require('node:fs')
const { join } = require('node:path')

const FLUSH = 32 * 1024

/** A report of its own for each process; it is whole only once `end` was called. */
exports.openReport = function openReport(directory) {
  mkdirSync(directory, { recursive: true })
  const file = openSync(join(directory, `${process.pid}-${process.hrtime.bigint()}.xml`), 'wx')
  let buffer = '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n'
  const flush = () => {
    for (let bytes = Buffer.from(buffer); bytes.length > 0;) bytes = bytes.subarray(writeSync(file, bytes))
    buffer = ''
  }
  flush()
  return {
    /** `suite` titles from outside to inside; `duration` in milliseconds; `failure` and `reruns` as `{message, trace}`. */
    test({ suite, name, file: path, line, duration, failure, skipped, reruns = [] }) {
      const own = { name, file: path, line, time: duration === undefined ? undefined : duration / 1000 }
      const rerun = failure === undefined ? 'flakyFailure' : 'rerunFailure'
      const parts = [
        ...(failure === undefined ? [] : [outcome('failure', failure)]),
        ...reruns.map(each => outcome(rerun, each)),
        ...(skipped === undefined ? [] : [`<skipped${attributes({ message: skipped })}/>`]),
      ]
      buffer += suite.map(title => `<testsuite${attributes({ name: title })}>`).join('')
      buffer += `<testcase${attributes(own)}>${parts.join('')}</testcase>${'</testsuite>'.repeat(suite.length)}\n`
      if (buffer.length > FLUSH || failure !== undefined) flush()
    },
    end() {
      buffer += '</testsuites>\n'
      flush()
      closeSync(file)
    },
  }
}

function outcome(tag, { message, trace = '' }) {
  return `<${tag}${attributes({ message })}>${escape(trace, IN_TEXT)}</${tag}>`
}

function attributes(values) {
  const given = Object.entries(values).filter(([, value]) => value !== undefined)
  return given.map(([name, value]) => ` ${name}="${escape(String(value), IN_ATTRIBUTES)}"`).join('')
}

const SIGNS = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\r': '&#13;',
  '\t': '&#9;',
}
const IN_TEXT = /[&<>]/g
const IN_ATTRIBUTES = /[&<>"\n\r\t]/g

function escape(text, signs) {
  // oxlint-disable-next-line no-control-regex
  return text.replace(signs, sign => SIGNS[sign]).replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd')
}
