// tests/e2e/serve.test.mjs
//
// skein serve and the small commands, as an operator meets them.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import test from 'node:test'
import { closedPort, run, start, temporaryFolder } from './skein.mjs'

// Starts a server on a free port, with a data folder of its own, and waits until it answers.
async function serve(t, env = {}) {
  const port = await closedPort()
  const data = `${temporaryFolder(t)}/data`
  const child = start(['serve'], { SKEIN_LISTEN: `127.0.0.1:${port}`, SKEIN_DATA: data, ...env })
  t.after(() => child.kill('SIGKILL'))
  const url = `http://127.0.0.1:${port}`
  for (let i = 0; i < 100 && child.exitCode === null; i++) {
    const answer = await fetch(`${url}/healthz`).catch(() => null)
    if (answer?.ok) return { child, url, port }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const { stderr } = await child.output
  throw new Error(`skein serve did not answer: ${stderr}`)
}

test('healthz, readyz and metrics answer; what is not there is 404', async (t) => {
  const { url } = await serve(t)
  const health = await fetch(`${url}/healthz`)
  assert.equal(health.status, 200)
  let ready
  for (let i = 0; i < 100 && ready?.status !== 200; i++) {
    ready = await fetch(`${url}/readyz`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  assert.equal(ready.status, 200)
  const metrics = await fetch(`${url}/metrics`)
  assert.match(metrics.headers.get('content-type'), /^text\/plain/)
  assert.match(await metrics.text(), /^# TYPE skein_\w+ (counter|gauge|histogram)$/m)
  const missing = await fetch(`${url}/no-such-page`)
  assert.equal(missing.status, 404)
  assert.equal(typeof (await missing.json()).error.code, 'string')
})

test('SIGTERM ends it in an orderly way, in under two seconds, with clients connected', async (t) => {
  const { child, url } = await serve(t)
  await Promise.all(Array.from({ length: 20 }, () => fetch(`${url}/healthz`).then((answer) => answer.text())))
  const told = performance.now()
  child.kill('SIGTERM')
  const { status, signal } = await child.output
  assert.deepEqual([status, signal], [0, null])
  assert.ok(performance.now() - told < 2000)
})

test('a port that is taken is an error that names it', async (t) => {
  const { port } = await serve(t)
  const data = `${temporaryFolder(t)}/data`
  const second = await run(['serve'], { SKEIN_LISTEN: `127.0.0.1:${port}`, SKEIN_DATA: data })
  assert.equal(second.status, 1)
  assert.match(second.stderr, new RegExp(String(port)))
})

test('allow_loopback is warned of, loudly', async (t) => {
  const { child } = await serve(t)
  child.kill('SIGTERM')
  const { stderr } = await child.output
  assert.match(stderr, /loopback/)
})

test('settings: file, environment over it; an unknown name is refused with the nearest', async (t) => {
  const file = `${temporaryFolder(t)}/skein.conf`
  fs.writeFileSync(file, '# a comment\nlisten = 127.0.0.1:9999\nworkers = 3\n')
  const shown = await run(['config', '--config', file, '--format', 'json'], { SKEIN_WORKERS: '5' })
  assert.equal(shown.status, 0, shown.stderr)
  const settings = shown.stdout.trimEnd().split('\n').map((line) => JSON.parse(line))
  const value = (name) => settings.find((setting) => setting.name === name)?.value
  assert.deepEqual([value('listen'), value('workers')], ['127.0.0.1:9999', '5'])

  fs.writeFileSync(file, 'listn = 127.0.0.1:9999\n')
  const refused = await run(['config', '--config', file])
  assert.notEqual(refused.status, 0)
  assert.match(refused.stderr, /'listn'.*'listen'/)
})

test('wrong usage is status 2 with a word of help; --help and version are 0', async () => {
  for (const args of [['macht'], ['match'], ['match', '--no-such-option'], []]) {
    const { status, stdout, stderr } = await run(args)
    assert.equal(status, 2, args.join(' '))
    assert.equal(stdout, '', args.join(' '))
    assert.notEqual(stderr, '', args.join(' '))
  }
  assert.equal((await run(['match', '--help'])).status, 0)
  assert.match((await run(['version'])).stdout, /\d+\.\d+\.\d+/)
})
