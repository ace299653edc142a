// tests/network/search.mjs
//
// OURS, NOT BLUESKY'S: a stand-in for the search service behind app.bsky.actor.searchActors.
//
// Bluesky's search is a separate, closed service; without one the development data plane matches handles only. The
// AppView asks a search service for a skeleton (DIDs in order) and fills in the profiles itself, so paging and
// hydration are the real AppView's and only what matches, and in which order, is made up here: every word asked for
// begins a word of display name, handle or description, accents and case aside; hits in the name come first. What it
// finds says nothing about what bsky.app would find.
import http from 'node:http'

const LIMIT_MAX = 100 // searchActors' own

const SQL = (schema) => `
  SELECT actor.did, actor.handle, profile."displayName" AS name, profile.description
    FROM "${schema}".actor AS actor LEFT JOIN "${schema}".profile AS profile ON profile.creator = actor.did
   WHERE actor.handle IS NOT NULL
   ORDER BY actor.handle`

// "Noémie Στέλιος" gives noemie, στελιοσ: as full-text indexes fold.
const wordsOf = (text) =>
  (text ?? '')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/ς/g, 'σ')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')

const holds = (words, asked) => asked.every((start) => words.some((word) => word.startsWith(start)))

// How well a row answers: 2 by its name, 1 by all its words together, 0 not at all.
function rank(row, asked) {
  const name = wordsOf(row.name)
  if (holds(name, asked)) return 2
  return holds([...name, ...wordsOf(row.handle), ...wordsOf(row.description)], asked) ? 1 : 0
}

// Serves on 127.0.0.1:port over the pool of the AppView's database. Resolves to the server once it listens.
export function startSearch(port, pool, schema) {
  const sql = SQL(schema)
  const answer = async (request, response) => {
    const url = new URL(request.url, 'http://localhost')
    response.setHeader('content-type', 'application/json')
    if (!/searchActors/.test(url.pathname)) {
      response.writeHead(501).end('{"error":"MethodNotImplemented","message":"Method Not Implemented"}')
      return
    }
    const limit = Math.min(Number(url.searchParams.get('limit') ?? 25), LIMIT_MAX)
    const offset = Number(url.searchParams.get('cursor') ?? 0)
    const asked = wordsOf(url.searchParams.get('q') ?? url.searchParams.get('term'))
    const { rows } = await pool.query(sql)
    const hits = rows
      .map((row) => ({ did: row.did, rank: asked.length > 0 ? rank(row, asked) : 0 }))
      .filter((hit) => hit.rank > 0)
      .sort((a, b) => b.rank - a.rank)
    const more = hits.length > offset + limit ? { cursor: String(offset + limit) } : {}
    response.end(JSON.stringify({ actors: hits.slice(offset, offset + limit).map(({ did }) => ({ did })), ...more }))
  }

  const server = http.createServer((request, response) => {
    answer(request, response).catch((error) => {
      response.writeHead(500).end(JSON.stringify({ error: 'InternalServerError', message: error.message }))
    })
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}
