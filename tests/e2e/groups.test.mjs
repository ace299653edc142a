// tests/e2e/groups.test.mjs
//
// Two groups in one store: what one of them decides changes no byte of what the other is told.
import assert from 'node:assert/strict'
import test from 'node:test'
import { exporterCsv, makePeople, xArchive } from './archives.mjs'
import { SEED, seeded } from './seeded.mjs'
import { DATABASES, newStore } from './store.mjs'

const didOf = (i) => `did:plc:${String(i).padStart(24, 'abcdefghijklmnopqrstuvwx')}`
const pairsCsv = (pairs) => `x_handle,network,profile\n${pairs.map(([x, did]) => `${x.handle},bluesky,${did}\n`).join('')}`

// Everything that the group's people can be told, by question.
async function answersOf(store, community, member) {
  const answers = {}
  const ask = async (args) => {
    const { status, stdout, stderr } = await store.skein(args)
    assert.equal(status, 0, `${args.join(' ')}: ${stderr}`)
    answers[args.join(' ')] = stdout
  }
  for (const as of [[], ['--as', member]]) {
    for (const format of ['json', 'csv', 'table']) {
      await ask(['moved', '--community', community, ...as, '--format', format])
      await ask(['moved', '--community', community, ...as, '--all', '--format', format])
    }
  }
  await ask(['pairs', 'export', '--community', community])
  return answers
}

const changed = (before, after) => Object.keys(before).filter((question) => before[question] !== after[question])

async function twoGroups(t, database) {
  const store = await newStore(t, database)
  const people = makePeople(seeded(SEED), 40)
  const add = async (bytes, end, options) => {
    const { status, stderr } = await store.import([store.file(end, bytes)], options)
    assert.equal(status, 0, stderr)
  }
  const members = { north: 'nora', south: 'sam' }
  for (const [community, handle] of Object.entries(members)) {
    await add(exporterCsv(people.slice(0, 30)), '.csv', { community })
    const owner = { id: String(8_000_000_000 + handle.charCodeAt(0)), handle }
    await add(xArchive({ owner, following: people, mentioned: people.slice(0, 35) }), '.zip', { community, as: handle })
  }
  const confirm = async (community, pairs) => {
    const { status, stderr } = await store.pairsImport(store.file('.csv', pairsCsv(pairs)), { community })
    assert.equal(status, 0, stderr)
  }
  return { store, people, members, confirm }
}

for (const database of DATABASES) {
  test(`${database}: a pair confirmed in one group is not seen in the other`, async (t) => {
    const { store, people, members, confirm } = await twoGroups(t, database)
    await confirm('south', [[people[3], didOf(3)], [people[4], didOf(4)]])
    const north = await answersOf(store, 'north', members.north)
    const south = await answersOf(store, 'south', members.south)

    await confirm('north', [[people[0], didOf(0)], [people[1], didOf(1)], [people[4], didOf(14)]])
    const northAfter = await answersOf(store, 'north', members.north)
    assert.ok(changed(north, northAfter).length >= 9, 'the group itself sees it in moved, for both, and in its export')
    assert.ok(northAfter['pairs export --community north'].includes(didOf(14)))
    assert.deepEqual(changed(south, await answersOf(store, 'south', members.south)), [])

    await confirm('south', [[people[1], didOf(21)]])
    assert.deepEqual(changed(northAfter, await answersOf(store, 'north', members.north)), [])
    const { lines } = await store.moved({ community: 'south' })
    const confirmed = lines.filter((line) => line.state === 'confirmed').map((line) => line.profile.id)
    assert.deepEqual(confirmed.sort(), [didOf(3), didOf(4), didOf(21)].sort())
  })
  test(`${database}: two groups vouch for somebody whom no list names: both exports tell it`, async (t) => {
    const { store, confirm } = await twoGroups(t, database)
    await confirm('north', [[{ handle: 'nowhere_else' }, didOf(1)]])
    await confirm('south', [[{ handle: 'nowhere_else' }, didOf(2)]])
    for (const [community, i] of [['north', 1], ['south', 2]]) {
      const { lines } = await store.json(['pairs', 'export', '--community', community])
      assert.deepEqual(lines.map((line) => [line.x.handle, line.profile.id]), [['nowhere_else', didOf(i)]])
    }
  })
}
