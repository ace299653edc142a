// tests/power/power.test.mjs
//
// The power goes while the real binary works on a store: whatever was acknowledged is there when it comes back.
//
// Each run is a seed: what is done, by commands alone or by a server and commands beside it; at which write or sync the
// power goes; then the folder is made anew as the disk may hold it, once for each way to lose what was not synced.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import net from 'node:net'
import test from 'node:test'
import { LOSSES, run, SEED, seeded, SKEIN, start, watchedFolder } from './power.mjs'
import { findings, newWorld, readStore } from './world.mjs'

const RUNS = Number(process.env.POWER_RUNS ?? 20)
const AT_ONCE = 2
const DEEDS = 8

const freePort = () =>
  new Promise((resolve) => {
    const probe = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })

// The commands' settings for a data folder.
const settings = (data, more) => ({ SKEIN_DATA: data, SKEIN_LOG_LEVEL: 'error', ...more })

// An import says its line when it is done, the others say it by their status.
const acknowledged = ({ kind }, { status, stdout }) =>
  status === 0 || (kind === 'import' && stdout.split('\n').slice(0, -1).some((line) => /"read":\d+/.test(line)))

// One way to work on a store: do(deed) resolves to the command's output, stop() ends what runs.
async function workPlace(watched, more, served) {
  const env = { ...settings(`${watched.live}/data`, more), ...watched.env }
  const place = { do: (deed) => start(SKEIN, deed.args, env).output, stop: async () => {} }
  if (!served) return place
  const listen = `127.0.0.1:${await freePort()}`
  const server = start(SKEIN, ['serve'], { ...env, SKEIN_LISTEN: listen })
  for (let i = 0; !(await fetch(`http://${listen}/readyz`).catch(() => null))?.ok; i++) {
    if (server.exitCode !== null || i === 400) throw new Error(`no server: ${(await server.output).stderr}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  place.stop = async () => {
    server.kill('SIGKILL')
    await server.output
  }
  return place
}

// Does deeds until the power goes. Before deed `fatal` the cut is set somewhere in the events that it may cause.
async function untilTheCut(watched, world, random, place, served) {
  const fatal = random.below(DEEDS)
  let most = 60
  for (let i = 0; i < DEEDS; i += 1) {
    const before = watched.get('events')
    if (i === fatal) watched.set('cutAt', before + 1 + random.below(most))
    const deeds = []
    for (let j = served ? 1 + random.below(3) : 1; j > 0; j -= 1) {
      deeds.push(world.next())
      world.begin(deeds.at(-1))
    }
    const outputs = await Promise.all(deeds.map((deed) => place.do(deed)))
    const cut = i >= fatal && watched.get('events') >= watched.get('cutAt')
    deeds.forEach((deed, j) => {
      const good = acknowledged(deed, outputs[j])
      if (!good && !cut) throw new Error(`${deed.args.join(' ')}: ${outputs[j].stderr}`)
      world.end(deed, good)
    })
    if (cut) return
    most = Math.max(30, Math.floor(1.2 * (watched.get('events') - before)))
  }
}

// What is wrong with a disk after the cut: sentences; none is good.
async function lookAt(folder, world, more) {
  const data = `${folder}/data`
  const command = (args) => run(SKEIN, args, { env: { ...process.env, ...settings(data, more) } })
  const said = []
  const nothing = world.done.length === 0
  const checked = await command(['check'])
  if (checked.status !== 0 && !nothing) said.push(`check: ${checked.stdout}${checked.stderr}`)
  said.push(...findings(world, await readStore(command, data)))
  const file = `${folder}/next.csv`
  fs.writeFileSync(file, 'handle\nsomebody_new\n')
  const next = await command(['import', file, '--community', 'later'])
  if (next.status !== 0) said.push(`the next command: ${next.stderr}`)
  const after = await command(['check'])
  if (after.status !== 0) said.push(`check after the next command: ${after.stdout}${after.stderr}`)
  return said.map((words) => words.trim())
}

// One run: all that is wrong, each with the way of losing.
async function powerRun(t, seed, more = {}) {
  const random = seeded(seed)
  const watched = watchedFolder(t)
  const world = newWorld(random, watched.place)
  const served = random.below(2) === 1
  const place = await workPlace(watched, more, served)
  await untilTheCut(watched, world, random, place, served)
  await place.stop()
  const wrong = []
  for (const loss of LOSSES) {
    const left = await watched.rebuild({ loss, seed: random.below(2 ** 31) })
    for (const words of await lookAt(left, world, more)) wrong.push(`seed ${seed}, ${loss} lost: ${words}`)
    fs.rmSync(left, { recursive: true })
  }
  fs.rmSync(watched.place, { recursive: true })
  return { wrong, done: world.done.length, open: world.open.size }
}

test(`${RUNS} power cuts: what was acknowledged is there, the store is whole, the next command works`, async (t) => {
  t.diagnostic(`SKEIN_SEED=${SEED} POWER_RUNS=${RUNS}`)
  const seeds = Array.from({ length: RUNS }, (_, i) => SEED + i)
  const wrong = []
  const totals = { done: 0, open: 0 }
  const worker = async () => {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
      const result = await powerRun(t, seed)
      wrong.push(...result.wrong)
      totals.done += result.done
      totals.open += result.open
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  t.diagnostic(`${totals.done} commands were acknowledged, ${totals.open} were under way at the cut`)
  assert.ok(totals.done > RUNS && totals.open > RUNS / 4, 'the cuts come while something is done')
  assert.deepEqual(wrong, [])
})

test('with test_synchronous = off something that was acknowledged is lost: the test would notice', async (t) => {
  const more = { SKEIN_TEST_SYNCHRONOUS: 'off', SKEIN_ALLOW_LOOPBACK: '1' }
  const lost = (words) => / lost: lost: /.test(words)
  for (let i = 0; i < RUNS; i++) {
    const { wrong } = await powerRun(t, SEED + i, more)
    if (wrong.some(lost)) return t.diagnostic(wrong.find(lost))
  }
  return assert.fail(`${RUNS} runs without a loss`)
})
