// tests/network/servers.mjs
//
// The real Bluesky servers on loopback: PLC directory, PDS, bsync, AppView and Ozone, in this one process.
//
// usage: node servers.mjs          (started by network.mjs, which holds this process's standard input)
//
// They are the reference implementations as published (@atproto/dev-env); two things are ours and said so: search.mjs,
// and the control port below. Once everything is up, one JSON line goes to standard output:
//
//     {"ready":true,"plc":URL,"pds":URL,"appview":URL,"ozone":URL,"control":URL,"handle_domain":"bsky.test",...}
//
// The network lives as long as standard input stays open, so it cannot outlive whoever started it. Everything it
// writes (cluster, repositories, blobs) lies in one folder under TMPDIR, removed at the end.
//
// environment: PLC_PORT, PDS_PORT, APPVIEW_PORT, OZONE_PORT, SEARCH_PORT, CONTROL_PORT (free ones are found otherwise);
//              PDS_RATE_LIMITS=1, RATE_POINTS, RATE_SECONDS: see rateLimits()
import './loopback.mjs'
import fs from 'node:fs'
import http from 'node:http'
import { createRequire } from 'node:module'
import os from 'node:os'
import { findPort } from './ports.mjs'
import { startPostgres } from './postgres.mjs'
import { startSearch } from './search.mjs'

const SCHEMA = 'net' // letters and _ only; the cluster is this run's own, so a fixed name does

// As in life: .bsky.test is where everybody may take a handle (as .bsky.social is), and any other name under .test is
// somebody's own domain. The PDS takes the first suffix that fits, so the longer one comes first.
const HANDLE_DOMAIN = 'bsky.test'
const PDS_DOMAINS = [`.${HANDLE_DOMAIN}`, '.test']

const INDEX_DEADLINE_MS = 120_000

const started = performance.now()
const folder = fs.mkdtempSync(`${os.tmpdir()}/skein-network-`)
fs.chmodSync(folder, 0o755) // PostgreSQL runs as another user
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }))
process.env.TMPDIR = `${folder}/tmp` // the servers leave their folders in TMPDIR for ever
fs.mkdirSync(process.env.TMPDIR)
process.env.REDIS_HOST = '127.0.0.1:9' // must be set; nothing connects

// A 429 of the real PDS, made cheap to provoke: the limits are hard-coded, so the limiter's class is swapped before
// the PDS loads it. RATE_POINTS='{"rl-repo-write-hour":60}', RATE_SECONDS='{"rl-repo-write-hour":5}'.
function rateLimits() {
  if (process.env.PDS_RATE_LIMITS !== '1') return {}
  const points = JSON.parse(process.env.RATE_POINTS ?? '{}')
  const seconds = JSON.parse(process.env.RATE_SECONDS ?? '{}')
  const require = createRequire(import.meta.url)
  const limiters = createRequire(require.resolve('@atproto/xrpc-server'))('rate-limiter-flexible')
  limiters.RateLimiterMemory = class extends limiters.RateLimiterMemory {
    constructor(options) {
      const key = options.keyPrefix
      super({ ...options, points: points[key] ?? options.points, duration: seconds[key] ?? options.duration })
    }
  }
  return { rateLimitsEnabled: true }
}

async function startServers(postgres) {
  const limits = rateLimits()
  const { TestNetwork } = await import('@atproto/dev-env')
  const { default: pg } = await import('pg')
  const pool = new pg.Pool({ connectionString: postgres.url, max: 4 })
  pool.on('error', () => {}) // the cluster ends before its idle connections notice

  const port = {
    plc: await findPort('PLC_PORT'),
    pds: await findPort('PDS_PORT'),
    appview: await findPort('APPVIEW_PORT'),
    ozone: await findPort('OZONE_PORT'),
    search: await findPort('SEARCH_PORT'),
  }
  await startSearch(port.search, pool, `appview_${SCHEMA}`)
  const network = await TestNetwork.create({
    dbPostgresUrl: postgres.url,
    dbPostgresSchema: SCHEMA,
    plc: { port: port.plc },
    pds: {
      port: port.pds,
      hostname: 'localhost', // any other name makes the public URL an https one
      serviceHandleDomains: PDS_DOMAINS,
      enableDidDocWithSession: true,
      ...limits,
    },
    bsky: {
      port: port.appview,
      publicUrl: `http://localhost:${port.appview}`,
      searchUrl: `http://localhost:${port.search}`,
    },
    ozone: { port: port.ozone },
  })
  return { network, pool }
}

// What a test asks of the network itself, on a port of its own:
//   POST /settle               returns when the AppView has indexed everything written so far. Then ANALYZE: without
//                              statistics a getProfiles of 25 takes 1.9 s instead of 0.08 s
//   POST /label {did, label}   the moderation service labels an account, e.g. "impersonation": its row is put into the
//                              AppView's table, because in this network nothing carries labels from Ozone there
async function startControl({ network, pool }) {
  const actions = {
    async '/settle'() {
      await network.processAll(INDEX_DEADLINE_MS)
      await pool.query('ANALYZE')
    },
    async '/label'({ did, label }) {
      await pool.query(
        `INSERT INTO "appview_${SCHEMA}".label (src, uri, cid, val, neg, cts) VALUES ($1, $2, '', $3, false, $4)`,
        [network.ozone.ctx.cfg.service.did, did, label, new Date().toISOString()],
      )
    },
  }
  const server = http.createServer(async (request, response) => {
    try {
      const action = request.method === 'POST' && actions[request.url]
      if (!action) throw new Error(`no such action: ${request.method} ${request.url}`)
      const chunks = await request.toArray()
      await action(JSON.parse(Buffer.concat(chunks).toString() || '{}'))
      response.end('{}')
    } catch (error) {
      response.writeHead(500).end(JSON.stringify({ error: error.message }))
    }
  })
  const port = await findPort('CONTROL_PORT')
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  return `http://127.0.0.1:${port}`
}

const postgres = await startPostgres(`${folder}/pg`)

let running
async function stop() {
  stop.called ??= setTimeout(() => process.exit(1), 10_000)
  await running?.network.close().catch(() => {})
  await running?.pool.end().catch(() => {})
  await postgres.stop()
  process.exit(0)
}
const stopOnce = () => stop.called ?? stop()
process.stdin.resume().on('end', stopOnce).on('error', stopOnce)
process.on('SIGTERM', stopOnce)

running = await startServers(postgres)
const control = await startControl(running)
const loopback = (url) => url.replace('localhost', '127.0.0.1')
console.log(
  JSON.stringify({
    ready: true,
    pid: process.pid,
    plc: loopback(running.network.plc.url),
    pds: loopback(running.network.pds.url),
    pds_did: running.network.pds.ctx.cfg.service.did,
    appview: loopback(running.network.bsky.url),
    appview_did: running.network.bsky.serverDid,
    ozone: loopback(running.network.ozone.url),
    control,
    handle_domain: HANDLE_DOMAIN,
    ready_ms: Math.round(performance.now() - started),
    rss_mb: Math.round(process.memoryUsage().rss / 1_048_576),
  }),
)
