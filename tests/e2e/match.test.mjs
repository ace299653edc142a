// tests/e2e/match.test.mjs
//
// skein match against the real AppView: who is found, who must not be, and what it costs.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import test from 'node:test'
import { CANARY } from '../network/xside.mjs'
import { startProxy } from './proxy.mjs'
import { community, match, network, run, temporaryFolder } from './skein.mjs'

const fans = community('fans')
const large = community('large')
const MOVED = ['proven', 'confirmed', 'likely']

const DECOYS = ['squatted', 'impersonated', 'parody', 'namesake'] // who did not move, but somebody looks like them

const hasMoved = (line) => MOVED.includes(line.state)
const personOf = (group, line) => group.byId.get(line.x.id) ?? group.byHandle.get(line.x.handle?.toLowerCase())
const describe = (line, person) => `${person.role} @${person.handle}: ${line.state} ${line.profile?.handle ?? '-'}`

// Promise 1 (no stranger is followed) and 4 (who hid is not found), for every line of a run.
function checkHonesty(group, lines) {
  const hidden = new Set(group.truth.filter((person) => person.expected === 'hidden').map((person) => person.did))
  for (const line of lines) {
    const person = personOf(group, line)
    assert.ok(person, `a line about somebody who is not in the list: ${JSON.stringify(line.x)}`)
    if (hasMoved(line)) assert.equal(line.profile.id, person.did, describe(line, person))
    const shown = [line.profile, ...line.others.map((other) => other.profile)].filter(Boolean)
    for (const profile of shown) assert.ok(!hidden.has(profile.id), `${describe(line, person)} shows who hid`)
  }
}

// One line for each account of the list, no account twice, none missing.
function checkComplete(group, lines) {
  assert.equal(lines.length, group.truth.length)
  const people = new Set(lines.map((line) => personOf(group, line)))
  assert.equal(people.size, group.truth.length)
}

// Of those who moved and are named in what was given: how many were found, and how many are at least shown. The bounds
// below only notice when something between the list and the decision breaks; how good the decisions are is measured by
// tests/bench, in worlds made from real pairs.
function recall(group, lines, isNamed = () => true) {
  const movers = lines.filter((line) => {
    const person = personOf(group, line)
    return person.expected === 'found' && isNamed(person)
  })
  const right = (line) => hasMoved(line) && line.profile.id === personOf(group, line).did
  const shown = (line) =>
    [line.profile, ...line.others.map((other) => other.profile)].some((p) => p?.id === personOf(group, line).did)
  const missed = movers.filter((line) => !right(line)).map((line) => describe(line, personOf(group, line)))
  return {
    likely: movers.filter(right).length / movers.length,
    shown: movers.filter(shown).length / movers.length,
    missed: `not found:\n  ${missed.join('\n  ')}`,
  }
}

test('an X archive and an exporter file: one line each, movers found, nobody else', async (t) => {
  const { status, stderr, lines, text, stats } = await match(t, [fans.file('archive.zip'), fans.file('exporter.csv')])
  assert.equal(status, 0, stderr)
  checkComplete(fans, lines)
  checkHonesty(fans, lines)
  const { likely, shown, missed } = recall(fans, lines, (person) => person.named !== '-')
  assert.ok(likely >= 0.45, `${likely} are likely; ${missed}`)
  assert.ok(shown >= 0.9, `${shown} are shown; ${missed}`)
  assert.equal(stats.accounts, fans.truth.length)

  for (const line of lines) {
    const person = personOf(fans, line)
    assert.equal(line.x.id, person.id)
    assert.equal(line.network, 'bluesky')
    if (person.named === '-') assert.equal(line.x.handle, null, 'known by number only')
    else assert.equal(line.x.handle, person.handle)
  }
  assert.ok(!(text + stderr).includes(CANARY), 'a file was opened that holds messages or contacts')
  assert.ok(!(text + stderr).includes('@mail.example'), "the owner's e-mail address was shown")
})

test('who is known by number only is neither found nor missing', async (t) => {
  const { lines } = await match(t, [fans.file('archive.zip')])
  checkComplete(fans, lines)
  checkHonesty(fans, lines)
  const unnamed = lines.filter((line) => line.x.handle === null)
  assert.equal(unnamed.length, fans.truth.filter((person) => !person.named.includes('tweets')).length)
  for (const line of unnamed) assert.deepEqual([line.lookup, line.state, line.profile], ['could_not_look', 'none', null])
})

test('300 accounts with names: movers found, decoys not believed, few questions, none asked twice', async (t) => {
  const proxy = await startProxy(network.appview)
  t.after(() => proxy.stop())
  const { status, stderr, lines, stats } = await match(t, [large.file('list.csv')], {
    env: { SKEIN_BLUESKY_APPVIEW: proxy.url },
  })
  assert.equal(status, 0, stderr)
  checkComplete(large, lines)
  checkHonesty(large, lines)
  const { likely, shown, missed } = recall(large, lines)
  assert.ok(likely >= 0.5, `${likely} are likely; ${missed}`)
  assert.ok(shown >= 0.93, `${shown} are shown; ${missed}`)

  const decoys = lines.filter((line) => DECOYS.includes(personOf(large, line).role))
  assert.equal(decoys.length, 48)
  for (const line of decoys) assert.ok(!hasMoved(line), describe(line, personOf(large, line)))

  const profiles = proxy.count('getProfiles')
  assert.ok(profiles <= 45, `${profiles} getProfiles for 300 accounts`)
  const asked = proxy.asked('getProfiles', 'actors')
  assert.equal(new Set(asked).size, asked.length, 'an actor was asked for twice')
  const searches = proxy.asked('searchActors', 'q')
  const open = lines.filter((line) => !hasMoved(line)).length
  assert.ok(searches.length <= open + 20, `${searches.length} searches for ${open} accounts that are not likely`)
  assert.equal(new Set(searches).size, searches.length, 'the same was searched for twice')
  assert.equal(stats.requests['app.bsky.actor.getProfiles'], profiles)
  assert.equal(stats.requests['app.bsky.actor.searchActors'] ?? 0, searches.length)
  assert.ok(proxy.requests.every((request) => ['getProfiles', 'searchActors'].includes(request.method)))
})

test('handles alone prove nothing: whoever is likely says so on the profile', async (t) => {
  const { lines } = await match(t, [large.file('handles.csv')])
  checkComplete(large, lines)
  checkHonesty(large, lines)
  for (const line of lines.filter(hasMoved)) {
    const kinds = line.evidence.filter((one) => one.weight > 0).map((one) => one.kind)
    assert.ok(new Set(kinds).size >= 2 && kinds.some((kind) => kind !== 'handle'), `${kinds} of ${line.x.handle}`)
  }
  const { shown, missed } = recall(large, lines)
  assert.ok(shown >= 0.65, `${shown} are shown; ${missed}`)
})

test('pairs that are known are proven, and are the only thing that is', async (t) => {
  const options = ['--known', fans.file('known.csv')]
  const { status, stderr, lines } = await match(t, [fans.file('list.csv')], { options })
  assert.equal(status, 0, stderr)
  checkHonesty(fans, lines)
  const known = fs.readFileSync(fans.file('known.csv'), 'utf8').trimEnd().split('\n').slice(1)
  const proven = lines.filter((line) => line.state === 'proven')
  assert.equal(proven.length, 2)
  assert.deepEqual(proven.map((line) => `${line.x.handle},bluesky,${line.profile.id}`).sort(), known.sort())
})

test('a budget is kept, and what it left out is said to be open', async (t) => {
  const proxy = await startProxy(network.appview)
  t.after(() => proxy.stop())
  const { status, lines } = await match(t, [large.file('list.csv')], {
    options: ['--budget', '5'],
    env: { SKEIN_BLUESKY_APPVIEW: proxy.url },
  })
  assert.equal(status, 0)
  assert.ok(proxy.requests.length <= 5, `${proxy.requests.length} requests`)
  checkComplete(large, lines)
  checkHonesty(large, lines)
  const open = lines.filter((line) => line.lookup === 'could_not_look')
  assert.ok(open.length > 100, `${open.length} of 300 were said to be open after 5 requests`)
})

test('table and CSV say the same as JSON', async (t) => {
  const files = [fans.file('archive.zip'), fans.file('exporter.csv')]
  const { lines } = await match(t, files)
  const table = await run(['match', ...files])
  const csv = await run(['match', ...files, '--format', 'csv'])
  assert.deepEqual([table.status, csv.status], [0, 0])
  const rows = csv.stdout.split('\r\n')
  assert.equal(rows.filter((row) => /^\d+,/.test(row)).length, lines.length)
  for (const line of lines.filter(hasMoved)) {
    assert.ok(table.stdout.includes(line.profile.handle), `${line.profile.handle} is not in the table`)
    assert.ok(csv.stdout.includes(line.profile.id), `${line.profile.id} is not in the CSV`)
  }
  assert.ok(!/\x1b/.test(table.stdout + table.stderr), 'colours or a progress bar in a pipe')
})

test('a file that cannot be used is named, and the others are read', async (t) => {
  const folder = temporaryFolder(t)
  fs.writeFileSync(`${folder}/broken.zip`, 'PK\x03\x04 not really')
  const one = await match(t, [`${folder}/broken.zip`, fans.file('handles.csv')])
  assert.equal(one.status, 1)
  assert.match(one.stderr, /broken\.zip/)
  assert.equal(one.lines.length, fans.truth.length)

  const none = await run(['match', `${folder}/missing.csv`])
  assert.equal(none.status, 1)
  assert.match(none.stderr, /missing\.csv/)
  assert.equal(none.stdout, '')
})
