// Runs inside a box that is closed already (launcher.py closes it, then becomes node): the same protocol as there, for JavaScript. As the text of `node -e`.
// Nothing that it says is believed. From runInThisContext on the candidate may patch whatever it likes and write every line itself: what would be
// right is not in this process. A script, not a module: `import` and `export` are refused, `require` and module.exports are there.
(() => {
  'use strict'
  const { readSync, writeSync } = require('fs')
  const { runInThisContext } = require('vm')
  const { isPromise, isSet } = require('util').types
  const { parse, stringify } = JSON
  const { getPrototypeOf, keys, getOwnPropertySymbols, fromEntries } = Object
  const { isArray } = Array
  const { isInteger, MAX_SAFE_INTEGER: MOST } = Number
  const plain = Object.prototype
  const config = parse(process.argv[1])
  const ANSWERS = 3, COMMANDS = 4, MOST_DEPTH = 60
  class Unplain extends Error {}

  function say (text) {
    let line = Buffer.from(text + '\n')
    while (line.length) line = line.subarray(writeSync(ANSWERS, line))
  }

  let rest = Buffer.alloc(0)
  const chunk = Buffer.alloc(1 << 16)
  function command () { // null at the end
    for (;;) {
      const end = rest.indexOf(10)
      if (end >= 0) {
        const line = rest.toString('utf8', 0, end)
        rest = rest.subarray(end + 1)
        return parse(line)
      }
      const n = readSync(COMMANDS, chunk)
      if (!n) return null
      rest = Buffer.concat([rest, chunk.subarray(0, n)])
    }
  }

  function pack (value, depth) { // as core/plain.py packs; whole numbers that are exact as integers, all others with a point or an exponent
    if (depth > MOST_DEPTH) throw new Unplain(`nested deeper than ${MOST_DEPTH}`)
    switch (typeof value) {
      case 'string': return stringify(value)
      case 'boolean': return value ? 'true' : 'false'
      case 'undefined': return '["u","undefined"]'
      case 'bigint': return `["u","${value}n"]`
      case 'number': {
        if (value !== value) return '["u","NaN"]'
        if (value === Infinity || value === -Infinity) return value > 0 ? '["x","inf"]' : '["x","-inf"]'
        const text = `${value}`
        return !isInteger(value) || (value <= MOST && value >= -MOST) || text.includes('e') ? text : `${text}.0`
      }
      case 'object': {
        if (value === null) return 'null'
        const parts = []
        if (isArray(value)) {
          for (let i = 0; i < value.length; i++) parts.push(pack(value[i], depth + 1))
          return `["l"${parts.map(p => ',' + p).join('')}]`
        }
        if (isSet(value)) {
          value.forEach(v => parts.push(pack(v, depth + 1)))
          return `["s"${parts.map(p => ',' + p).join('')}]`
        }
        const kind = getPrototypeOf(value)
        if ((kind !== plain && kind !== null) || getOwnPropertySymbols(value).length) break
        for (const key of keys(value)) parts.push(`[${stringify(key)},${pack(value[key], depth + 1)}]`)
        return `["d"${parts.map(p => ',' + p).join('')}]`
      }
    }
    throw new Unplain(`${(typeof value === 'object' && value.constructor && value.constructor.name) || typeof value} is no plain value`)
  }

  function unpack (packed) {
    if (!isArray(packed)) return packed
    const [tag, ...parts] = packed
    if (tag === 'x') return parts[0] === 'inf' ? Infinity : -Infinity
    if (tag === 'u') return parts[0] === 'undefined' ? undefined : parts[0] === 'NaN' ? NaN : BigInt(parts[0].slice(0, -1))
    if (tag === 'd') return fromEntries(parts.map(([k, v]) => [unpack(k), unpack(v)]))
    const values = parts.map(unpack)
    return tag === 's' || tag === 'f' ? new Set(values) : values
  }

  function told (error) { // name and message as JSON, of whatever was thrown
    try {
      const known = error instanceof Error
      return `${stringify(`${known ? error.name : typeof error}`.slice(0, 100))},${stringify(`${known ? error.message : error}`.slice(0, 500))}`
    } catch { return '"Error","it cannot be shown"' }
  }

  function show (error) {
    try { writeSync(2, `${(error && error.stack) || error}\n`) } catch {}
  }

  function find (path) { // [function, what it is a method of]
    const [first, ...names] = path.split('.')
    if (!/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(first)) throw new ReferenceError(`${first} is no name`)
    let owner, found
    try {
      found = runInThisContext(first)
    } catch (error) {
      const given = globalThis.module.exports // as of a module: exports.f = ..., or module.exports = function
      found = given && typeof given[first] !== 'undefined' ? given[first] : given
      if (typeof found !== 'function' && !names.length) return []
    }
    for (const name of names) [owner, found] = [found, found && found[name]]
    return [found, owner]
  }

  async function main () {
    say(`["ready",{"landlock":${config.landlock},"runtime":${stringify(`Node ${process.versions.node}`)},"cpu_s":${(process.cpuUsage().user + process.cpuUsage().system) / 1e6}}]`)
    const job = command()
    if (job === null) return
    Object.assign(globalThis, { require, module: { exports: {} } })
    globalThis.exports = globalThis.module.exports
    try {
      runInThisContext(job.source, { filename: 'candidate.js' })
      say('["loaded"]')
    } catch (error) {
      show(error)
      say(`["load",${told(error)}]`)
      return
    }
    let shown = false
    for (let line = command(); line !== null; line = command()) {
      let answer
      try {
        const [found, owner] = find(line[0])
        if (found === undefined || found === null) {
          answer = `["missing",${stringify(line[0])}]`
        } else {
          let value = found.apply(owner, unpack(line[1]))
          if (isPromise(value)) value = await value
          try {
            answer = `["value",${pack(value, 0)}]`
          } catch (error) {
            if (!(error instanceof Unplain)) throw error
            answer = `["unplain",${stringify(error.message.slice(0, 200))}]`
          }
        }
      } catch (error) {
        answer = `["raised",${told(error)}]`
        if (!shown) show(error)
        shown = true
      }
      say(answer)
    }
  }
  main()
})()
