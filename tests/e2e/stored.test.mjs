// tests/e2e/stored.test.mjs
//
// The main job with a store, against the real AppView: import, match --community, moved; alone, and beside a server.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import test from 'node:test'
import { closedPort, community, run, start, temporaryFolder } from './skein.mjs'

const fans = community('fans')
const owner = fans.accounts.owner.x_handle
const files = [fans.file('archive.zip'), fans.file('exporter.csv')]
const MOVED = ['proven', 'confirmed', 'likely']
const list = ['--community', 'fans', '--as', owner]

const lines = (output) => output.stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line))

async function well(args, env) {
  const output = await run(args, env)
  assert.equal(output.status, 0, `skein ${args.join(' ')}: ${output.stderr}`)
  return output
}

// Questions that a command asked the AppView, by --stats.
async function matchAndCount(t, env, options = []) {
  const stats = `${temporaryFolder(t)}/stats.json`
  await well(['match', ...list, '--stats', stats, ...options], env)
  const counts = JSON.parse(fs.readFileSync(stats, 'utf8'))
  return { ...counts, asked: Object.values(counts.requests).reduce((sum, n) => sum + n, 0) }
}

const moved = async (env, options = []) => lines(await well(['moved', ...list, '--format', 'json', ...options], env))

// The archive's list of whom its owner follows; the exporter's file names some of its numbers and adds nobody.
function checkImport(output) {
  const of = (list, source) => lines(output).find((line) => line.list === list && line.source === source)
  const line = of('following', 'archive')
  assert.equal(line.read, fans.truth.length)
  assert.equal(line.resolved.total, fans.truth.filter((person) => person.named !== '-').length)
  assert.equal(line.resolved.own, line.resolved.total)
  assert.equal(of('following', 'exporter').added, 0)
  return line
}

// Promise 1 (no stranger is followed), and one line for each account.
function checkMoved(found) {
  assert.equal(found.length, fans.truth.length)
  assert.equal(new Set(found.map((line) => line.x.id)).size, found.length)
  for (const line of found) {
    const person = fans.byId.get(line.x.id)
    assert.ok(person, `nobody of the list: ${JSON.stringify(line.x)}`)
    if (MOVED.includes(line.state)) assert.equal(line.profile.id, person.did, `@${person.handle} (${person.role})`)
  }
}

const states = (found) => found.map((line) => [line.x.id, line.state, line.profile?.id ?? null])

test('an archive is imported, matched and told: what `skein match FILE` says, and nobody is asked again', async (t) => {
  const env = { SKEIN_DATA: `${temporaryFolder(t)}/data` }
  const first = checkImport(await well(['import', ...files, ...list, '--format', 'json'], env))
  assert.deepEqual([first.added, first.unchanged], [fans.truth.length, 0])
  const again = checkImport(await well(['import', ...files, ...list, '--format', 'json'], env))
  assert.deepEqual([again.added, again.dropped, again.unchanged], [0, 0, fans.truth.length])

  const counts = await matchAndCount(t, env)
  assert.equal(counts.accounts, fans.truth.length)
  assert.ok(counts.asked > 0)
  const found = await moved(env)
  checkMoved(found)
  const alone = lines(await well(['match', ...files, '--format', 'json'], env))
  const movedOf = (some) => new Set(some.filter((line) => MOVED.includes(line.state)).map((line) => line.x.id))
  assert.ok(movedOf(found).size > 0)
  assert.deepEqual([...movedOf(found)].sort(), [...movedOf(alone)].sort())

  const second = await matchAndCount(t, env)
  assert.equal(second.asked, 0, `asked again: ${JSON.stringify(second.requests)}`)
  assert.deepEqual(states(await moved(env)), states(found))
})

test('a person who is hidden is told of no more, a pair that is vouched for is', async (t) => {
  const folder = temporaryFolder(t)
  const env = { SKEIN_DATA: `${folder}/data` }
  await well(['import', ...files, '--community', 'fans'], env)
  const roster = async () =>
    lines(await well(['moved', '--community', 'fans', '--format', 'json'], env)).filter((line) => line.x.handle)
  const [vouched, hidden] = (await roster()).map((line) => fans.byId.get(line.x.id))
  const did = fans.truth.find((person) => person.did && person.id !== vouched.id).did
  fs.writeFileSync(`${folder}/pairs.csv`, `x_handle,network,profile\n${vouched.handle},bluesky,${did}\n`)
  await well(['pairs', 'import', `${folder}/pairs.csv`, '--community', 'fans', '--state', 'confirmed'], env)
  await well(['person', 'hide', hidden.handle], env)

  const after = await roster()
  const line = after.find((one) => one.x.id === vouched.id)
  assert.deepEqual([line.state, line.profile.id], ['confirmed', did])
  assert.ok(!after.some((one) => one.x.id === hidden.id))
})

test('beside a server the same commands are carried out by that server', async (t) => {
  const env = { SKEIN_DATA: `${temporaryFolder(t)}/data`, SKEIN_LISTEN: `127.0.0.1:${await closedPort()}` }
  const server = start(['serve'], env)
  t.after(() => server.kill('SIGKILL'))
  const ready = () => fetch(`http://${env.SKEIN_LISTEN}/readyz`).then((answer) => answer.ok, () => false)
  for (let i = 0; i < 100 && !(await ready()); i++) await new Promise((resolve) => setTimeout(resolve, 50))
  checkImport(await well(['import', ...files, ...list, '--format', 'json'], env))
  const counts = await matchAndCount(t, env)
  assert.ok(counts.asked > 0)
  checkMoved(await moved(env))
  assert.equal((await matchAndCount(t, env)).asked, 0)
  const metrics = await (await fetch(`http://${env.SKEIN_LISTEN}/metrics`)).text()
  assert.match(metrics, new RegExp(`^skein_x_accounts ${fans.truth.length + 1}$`, 'm')) // and the list's owner
  const told = performance.now()
  server.kill('SIGTERM')
  const { status } = await server.output
  assert.equal(status, 0)
  assert.ok(performance.now() - told < 2000)
  assert.ok(!fs.existsSync(`${env.SKEIN_DATA}/control.sock`))
})
