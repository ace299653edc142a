// tests/network/search.mjs
//
// OURS, NOT BLUESKY'S: a stand-in for the search service behind app.bsky.actor.searchActors.
//
// Bluesky's search is a separate, closed service; without one the development data plane matches handles only. The
// AppView asks a search service for a skeleton (DIDs in order) and fills in the profiles itself, so paging and
// hydration are the real AppView's and only the ranking is made up here: whole words and their beginnings in display
// name, handle or description, the name's hits first. What it finds says nothing about what bsky.app would find.
import http from 'node:http'

const LIMIT_MAX = 100 // searchActors' own

const SQL = (schema) => `
  SELECT actor.did
    FROM "${schema}".actor AS actor LEFT JOIN "${schema}".profile AS profile ON profile.creator = actor.did
   WHERE actor.handle ILIKE $1 OR profile."displayName" ILIKE $1 OR profile.description ILIKE $1
   ORDER BY (profile."displayName" ILIKE $1) DESC NULLS LAST, (actor.handle ILIKE $1) DESC, actor.handle
   LIMIT $2 OFFSET $3`

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
    const words = (url.searchParams.get('q') ?? url.searchParams.get('term') ?? '').trim()
    const pattern = `%${words.replace(/[%_\\]/g, '\\$&').replace(/\s+/g, '%')}%`
    const { rows } = await pool.query(sql, [pattern, limit + 1, offset])
    const more = rows.length > limit ? { cursor: String(offset + limit) } : {}
    response.end(JSON.stringify({ actors: rows.slice(0, limit).map(({ did }) => ({ did })), ...more }))
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
