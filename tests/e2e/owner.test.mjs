// tests/e2e/owner.test.mjs
//
// One owner of a data folder, whoever works on it: many commands at once beside a server, and what the others are told.
import assert from 'node:assert/strict'
import test from 'node:test'
import { choose, exporterCsv, makePeople, xArchive } from './archives.mjs'
import { SEED, seeded } from './seeded.mjs'
import { run, start } from './skein.mjs'
import { DATABASES, idsOf, metric, newStore, serve } from './store.mjs'

const RELEASE = /\/release\//.test(process.env.TEST_BINARY ?? '/release/')
const COMMUNITIES = ['fans', 'choir', 'readers', 'club']

// What the i-th member uploads in a round: an archive or an exporter's file, most of it people whom others follow too, so
// that numbers for one person are asked for by many at once.
function uploadOf(store, random, crowd, i, round) {
  const own = makePeople(random, 60)
  const follows = [...choose(random, crowd, 200 + random.below(200)), ...own]
  const owner = { id: String(9_100_000_000 + i), handle: `member_${i}` }
  const options = { community: COMMUNITIES[i % COMMUNITIES.length], as: owner.handle }
  if (i % 10 === 9) delete options.as // a group's own list
  const archive = i % 2 === 0
  const bytes = archive
    ? xArchive({ owner, following: follows, mentioned: choose(random, follows, 40), day: `2024-11-1${round}` })
    : exporterCsv(follows)
  return { file: store.file(archive ? '.zip' : '.csv', bytes), options, follows, archive }
}

// What a list holds after the uploads in their order: of archives the last, of other files all.
function expectedOf(uploads) {
  const lists = new Map()
  for (const { options, follows, archive } of uploads) {
    const key = JSON.stringify(options)
    const sources = lists.get(key) ?? { archive: [], file: [] }
    const ids = follows.map(({ id }) => id)
    lists.set(key, archive ? { ...sources, archive: ids } : { ...sources, file: [...sources.file, ...ids] })
  }
  return [...lists].map(([key, { archive, file }]) => ({
    options: JSON.parse(key),
    ids: [...new Set([...archive, ...file])].sort(),
  }))
}

async function assertLists(store, uploads) {
  for (const { options, ids } of expectedOf(uploads)) {
    const { status, stderr, lines } = await store.moved(options)
    assert.equal(status, 0, stderr)
    assert.deepEqual(idsOf(lines), ids, `${options.as ?? 'the group'} of ${options.community}`)
  }
}

// 20 imports at once, twice, beside a server under load, and all that must hold of it; gives how long the loop was held.
async function crowdedServer(t, database) {
  const store = await newStore(t, database)
  const random = seeded(SEED)
  const crowd = makePeople(random, 900)
  const server = await serve(t, store)
  const load = server.load(6)
  const uploads = []
  for (const round of [1, 2]) {
    const now = Array.from({ length: 20 }, (_, i) => uploadOf(store, random, crowd, i, round))
    const outputs = await Promise.all(now.map(({ file, options }) => store.import([file], options)))
    outputs.forEach(({ status, stderr, lines }, i) => {
      assert.equal(status, 0, stderr)
      const list = lines.find((line) => ['following', 'roster'].includes(line.list))
      assert.equal(list?.read, now[i].follows.length, JSON.stringify(lines))
    })
    uploads.push(...now)
  }
  await assertLists(store, uploads)
  const held = await metric(server, 'skein_loop_hold_max_seconds')
  const { refused, answered, slowest } = await load.stop()
  assert.deepEqual(refused, [])
  assert.ok(answered > 100, `${answered} requests`)
  t.diagnostic(`${answered} requests, the slowest ${slowest.toFixed(3)} s; the loop was held ${held} s`)

  const { status, stderr, took } = await server.stop()
  assert.equal(status, 0, stderr)
  assert.ok(took < 2, `${took} s to stop`)
  const checked = await store.check()
  assert.equal(checked.status, 0, checked.stdout + checked.stderr)
  await assertLists(store, uploads)
  return held
}

for (const database of DATABASES) {
  test(`${database}: 20 imports at once beside a server under load: every set is what was uploaded`, async (t) => {
    t.diagnostic(`SKEIN_SEED=${SEED}`)
    let held = await crowdedServer(t, database)
    // A host that pauses the machine holds the loop, too: then it is the best of three.
    for (let more = 2; RELEASE && held >= 0.02 && more > 0; more--) held = await crowdedServer(t, database)
    if (RELEASE) assert.ok(held < 0.02, `the loop was held ${held} s`)
  })

  test(`${database}: a server that is killed leaves nothing in the way of the next command`, async (t) => {
    const store = await newStore(t, database)
    const people = makePeople(seeded(SEED), 30)
    const server = await serve(t, store)
    const first = await store.import([store.file('.csv', exporterCsv(people.slice(0, 20)))], { community: 'fans' })
    assert.equal(first.status, 0, first.stderr)
    server.child.kill('SIGKILL')
    await server.child.output
    const second = await store.import([store.file('.csv', exporterCsv(people.slice(10)))], { community: 'fans' })
    assert.equal(second.status, 0, second.stderr)
    assert.ok(second.seconds < 3, `${second.seconds} s`)
    const { lines } = await store.moved({ community: 'fans' })
    assert.deepEqual(idsOf(lines), people.map(({ id }) => id).sort())
    await serve(t, store)
  })

  test(`${database}: a stop while an import is under way takes under two seconds, and tears nothing`, async (t) => {
    const store = await newStore(t, database)
    const people = makePeople(seeded(SEED), 40_000)
    const server = await serve(t, store)
    const load = server.load(4)
    const file = store.file('.csv', exporterCsv(people))
    const under = start(['import', file, '--community', 'fans'], store.settings)
    await new Promise((resolve) => setTimeout(resolve, 120))
    const stopped = server.stop()
    const [{ status, took, stderr }, client] = [await stopped, await under.output]
    await load.stop()
    assert.equal(status, 0, stderr)
    if (RELEASE) assert.ok(took < 2, `${took} s to stop`)
    const { lines, status: known } = await store.moved({ community: 'fans' })
    if (client.status === 0 || known === 0) assert.equal(lines.length, people.length)
    if (client.status !== 0) assert.notEqual(client.stdout + client.stderr, '')
    t.diagnostic(client.status === 0 ? 'the import came to its end' : `the import was told: ${client.stdout}${client.stderr}`)
    const again = await store.import([file], { community: 'fans' })
    assert.equal(again.status, 0, again.stderr)
    assert.equal((await store.moved({ community: 'fans' })).lines.length, people.length)
  })
}

test('a second server is told who owns the folder', async (t) => {
  const store = await newStore(t)
  const server = await serve(t, store)
  const second = await run(['serve'], { ...store.settings, SKEIN_LISTEN: '127.0.0.1:0' })
  assert.equal(second.status, 1)
  assert.match(second.stderr, new RegExp(`\\b${server.child.pid}\\b`))
})

test('PostgreSQL: a second server with a folder of its own is told that the database has an owner', async (t) => {
  const store = await newStore(t, 'PostgreSQL')
  await serve(t, store)
  const elsewhere = { ...store.settings, SKEIN_DATA: `${store.place}/other`, SKEIN_LISTEN: '127.0.0.1:0' }
  const second = await run(['serve'], elsewhere)
  assert.equal(second.status, 1)
  assert.match(second.stderr, /database|PostgreSQL/i)
})
