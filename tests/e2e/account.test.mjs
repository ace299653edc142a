// tests/e2e/account.test.mjs
//
// An account that signs in at the real PDS: follows under given keys, once, and takes them back.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import test from 'node:test'
import { query } from '../network/client.mjs'
import { community, network } from './skein.mjs'

// Beside the binary that is tested.
const build = path.dirname(process.env.TEST_BINARY ?? 'build/release/skein')
const tool = path.resolve(build, 'tests/account')
const [WRITTEN, HEAD_MOVED] = [0, 1]
const WRONG_PASSWORD = 2

function account(who, password, ...args) {
  const env = { ...process.env, TEST_PASSWORD: password }
  return new Promise((resolve) => {
    execFile(tool, [who, ...args], { env, timeout: 60_000 }, (error, stdout, stderr) => {
      const lines = stdout.split('\n').filter(Boolean).map((line) => line.split(' '))
      const of = (step) => lines.filter(([name]) => name === step).map(([, ...rest]) => rest)
      resolve({ status: error ? error.code : 0, of, text: stdout + stderr })
    })
  })
}

async function follows(did) {
  const found = []
  let cursor
  do {
    const params = { repo: did, collection: 'app.bsky.graph.follow', limit: 100, ...(cursor && { cursor }) }
    const page = await query(network.pds, 'com.atproto.repo.listRecords', { params })
    found.push(...page.records.map(({ uri, value }) => ({ rkey: uri.split('/').at(-1), ...value })))
    cursor = page.cursor
  } while (cursor)
  return found
}

const people = community('fans').accounts.accounts

test('follows are written once under their keys, and taken back', async () => {
  const me = people.at(-1)
  const before = await follows(me.did)
  const known = new Set([me.did, ...before.map(({ subject }) => subject)])
  const subjects = people.map(({ did }) => did).filter((did) => !known.has(did)).slice(0, 25)
  assert.equal(subjects.length, 25)

  const made = await account(me.handle, me.password, 'follow', ...subjects)
  assert.equal(made.status, 0, made.text)
  const keys = made.of('key').flat()
  assert.equal(Number(made.of('write')[0][0]), WRITTEN, made.text)
  assert.equal(Number(made.of('twin')[0][0]), HEAD_MOVED, made.text)
  assert.deepEqual(made.of('look'), [['0', String(before.length)], ['0', String(before.length + 25)]])
  const after = await follows(me.did)
  const ours = after.filter(({ rkey }) => keys.includes(rkey))
  assert.deepEqual(new Set(ours.map(({ subject }) => subject)), new Set(subjects))
  assert.equal(after.length, before.length + 25)

  const gone = await account(me.did, me.password, 'remove', ...keys)
  assert.equal(Number(gone.of('write')[0][0]), WRITTEN, gone.text)
  assert.deepEqual(await follows(me.did), before)
})

test('a wrong password is called one', async () => {
  const refused = await account(people.at(-1).handle, 'not it', 'follow', people[0].did)
  assert.equal(refused.status, 1, refused.text)
  assert.equal(Number(refused.of('refused')[0][0]), WRONG_PASSWORD)
  assert.ok(!refused.text.includes('not it'))
})
