// The whole TypeScript transform of the tests: Node's own type stripping, which keeps every position.
const { stripTypeScriptTypes } = require('node:module')

module.exports = { process: source => ({ code: stripTypeScriptTypes(source, { mode: 'strip' }) }) }
