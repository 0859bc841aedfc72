// What a box must refuse, tried from JavaScript before its first candidate: as probes.py, with what this language has. Each gives 'refused', or what it could do.
const fs = require('fs')

function tried (action) {
  try {
    return `done: ${action()}`.slice(0, 200)
  } catch {
    return 'refused'
  }
}

function event (start, good) {
  return new Promise(resolve => start().on(good, () => resolve(`done: ${good}`)).on('error', () => resolve('refused'))).catch(() => 'refused')
}

function environment () {
  const left = Object.keys(process.env).filter(k => !['MALLOC_ARENA_MAX', 'PWD'].includes(k))
  return left.length ? `done: ${left}` : tried(() => fs.readFileSync('/proc/1/environ').length || fs.readFileSync('/proc/self/environ').length)
}

function files (path) { return tried(() => fs.readFileSync(path, 'utf8')) }

function writing (path) {
  const made = tried(() => fs.writeFileSync(`${path}.new`, 'x'))
  return made === 'refused' ? tried(() => fs.appendFileSync(path, 'inside')) : made
}

function home () {
  return ['/home', '/root', '/etc', '/var', '/proc'].map(p => tried(() => fs.readdirSync(p))).find(t => t !== 'refused') || 'refused'
}

function loopback () { return event(() => require('net').connect(9, '127.0.0.1'), 'connect') }

function vsock () { return event(() => require('dgram').createSocket('udp4').bind(0), 'listening') } // no other families here: datagrams

function fork () { return event(() => require('child_process').spawn('/usr/bin/env'), 'spawn') }

function execution () {
  const done = require('child_process').spawnSync(process.execPath, ['-v'])
  return process.execve ? tried(() => process.execve('/usr/bin/env', ['env'])) : done.error ? 'refused' : `done: ${done.stdout}`
}

function namespaces () { return tried(() => process.setuid(0) || process.getuid()) }

function tracing () { return tried(() => process.setgroups([0])) }

function signals () { return tried(() => process.kill(process.ppid, 0)) }

function memory () { return tried(() => new ArrayBuffer(4 * 2 ** 30).byteLength) }
