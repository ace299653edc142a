// tests/e2e/faults.test.mjs
//
// skein match while the AppView refuses, fails, falls silent or is gone. Promise 3: none of it is shown as "not here".
import assert from 'node:assert/strict'
import fs from 'node:fs'
import test from 'node:test'
import { startProxy } from './proxy.mjs'
import { closedPort, community, match, network, start, temporaryFolder } from './skein.mjs'

const fans = community('fans')
const FILES = [fans.file('list.csv')]

async function proxyWith(t, fault) {
  const proxy = await startProxy(network.appview)
  t.after(() => proxy.stop())
  proxy.fault = fault
  return { proxy, env: { SKEIN_BLUESKY_APPVIEW: proxy.url } }
}

const outcome = (lines) => lines.map((line) => [line.x.handle, line.lookup, line.state, line.profile?.id ?? null])

const counts = (lines) =>
  Object.fromEntries(
    ['found', 'not_found', 'could_not_look'].map((word) => [word, lines.filter((line) => line.lookup === word).length]),
  )

let undisturbed
test('undisturbed: what the other tests are measured by', async (t) => {
  const { status, lines } = await match(t, FILES)
  assert.equal(status, 0)
  undisturbed = outcome(lines)
  assert.equal(undisturbed.length, fans.truth.length)
})

test('an AppView that answers 429 for a while: waited for as it asks, then everything is found', async (t) => {
  const from = performance.now()
  const { proxy, env } = await proxyWith(t, (request) =>
    request.at - from < 4000 && { status: 429, headers: { 'retry-after': '2' } })
  const { status, stderr, lines } = await match(t, FILES, { env })
  assert.equal(status, 0, stderr)
  assert.deepEqual(outcome(lines), undisturbed)
  const refused = proxy.requests.filter((request) => request.fault)
  assert.ok(refused.length > 0, 'nothing was refused')
  assert.ok(refused.length <= 18, `${refused.length} requests went to a host that had asked for a pause`)
})

test('single answers that fail (500, a cut connection, rubbish): asked again, and everything is found', async (t) => {
  const faults = [{ status: 500 }, 'close', { status: 503 }, { status: 502, body: '<html>Bad gateway</html>' }]
  const seen = new Set()
  const { proxy, env } = await proxyWith(t, ({ method, params }) => {
    const question = `${method}?${params}`
    if (seen.has(question)) return null
    seen.add(question)
    return seen.size % 4 === 1 && faults[Math.floor(seen.size / 4) % faults.length] // each question fails once at most
  })
  const { status, stderr, lines } = await match(t, FILES, { env })
  assert.equal(status, 0, stderr)
  assert.deepEqual(outcome(lines), undisturbed)
  assert.ok(proxy.requests.filter((request) => request.fault).length >= 8)
})

test('an answer of 200 that is no JSON is not taken for "nobody there"', async (t) => {
  const { env } = await proxyWith(t, () => ({ status: 200, body: '<html>Please sign in to the hotel network</html>' }))
  const { status, lines } = await match(t, FILES, { env })
  assert.equal(status, 0)
  assert.deepEqual(counts(lines), { found: 0, not_found: 0, could_not_look: fans.truth.length })
})

test('search is not offered: what profiles alone tell is told, the rest could not be looked up', async (t) => {
  const { env } = await proxyWith(t, (request) => request.method === 'searchActors' && { status: 501 })
  const list = `${temporaryFolder(t)}/list.csv`
  const accounts = fans.truth.filter((person) => ['domain', 'stayed'].includes(person.role)).slice(0, 20)
  fs.writeFileSync(list, ['handle,website', ...accounts.map((a) => `${a.handle},https://${a.profile}/`)].join('\n'))
  const { status, stderr, lines } = await match(t, [list], { env })
  assert.equal(status, 0, stderr)
  const movers = accounts.filter((account) => account.role === 'domain').length
  assert.ok(movers > 0)
  const expected = { found: movers, not_found: 0, could_not_look: accounts.length - movers }
  assert.deepEqual(counts(lines), expected, 'nobody is missing before the search has answered')
})

test('the network is gone: every line says "could not look", and it does not take for ever', async (t) => {
  const { status, lines, seconds, stderr } = await match(t, FILES, {
    env: { SKEIN_BLUESKY_APPVIEW: `http://127.0.0.1:${await closedPort()}` },
  })
  assert.equal(status, 0)
  assert.deepEqual(counts(lines), { found: 0, not_found: 0, could_not_look: fans.truth.length })
  for (const line of lines) assert.deepEqual([line.state, line.profile], ['none', null])
  assert.match(stderr, /127\.0\.0\.1/, 'the host that does not answer is named')
  assert.ok(seconds < 60, `${seconds} s`)
})

test('a signal in the middle: ends within two seconds and keeps nothing', async (t) => {
  const { proxy, env } = await proxyWith(t, () => 'hang')
  const child = start(['match', ...FILES, '--format', 'json'], env)
  while (proxy.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
  const told = performance.now()
  child.kill('SIGINT')
  const { status, stdout } = await child.output
  const seconds = (performance.now() - told) / 1000
  assert.ok(seconds < 2, `took ${seconds} s`)
  assert.notEqual(status, 0)
  assert.equal(stdout, '')
})
