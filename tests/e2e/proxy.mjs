// tests/e2e/proxy.mjs
//
// A counting proxy before the AppView: remembers every request, and answers some of them itself, badly.
//
//     const proxy = await startProxy(network.appview)
//     proxy.fault = (request) => proxy.requests.length <= 5 && { status: 429, headers: { 'retry-after': '1' } }
//     ... skein with SKEIN_BLUESKY_APPVIEW: proxy.url ...
//     proxy.count('getProfiles'); proxy.asked('getProfiles', 'actors')
//     await proxy.stop()
//
// A fault is {status, headers, body}, 'hang' (the connection stays open and silent), 'close' (it is cut), or nothing:
// the AppView answers.
import http from 'node:http'

export async function startProxy(target) {
  const requests = [] // {method, params, at, fault}: method without its "app.bsky.actor."
  const sockets = new Set()
  const proxy = { requests, fault: () => null }

  const forward = (request, response) => {
    const upstream = http.request(new URL(request.url, target), { method: request.method, headers: request.headers })
    upstream.on('response', (answer) => {
      response.writeHead(answer.statusCode, answer.headers)
      answer.pipe(response)
    })
    upstream.on('error', () => response.destroy())
    request.pipe(upstream)
  }

  const server = http.createServer((request, response) => {
    const url = new URL(request.url, target)
    const record = { method: url.pathname.split('.').at(-1), params: url.searchParams, at: performance.now(), fault: null }
    requests.push(record)
    record.fault = proxy.fault(record, requests.length - 1) || null
    if (!record.fault) return forward(request, response)
    if (record.fault === 'hang') return undefined
    if (record.fault === 'close') return request.socket.destroy()
    const { status, headers = {}, body = '{"error":"Fault","message":"made by the test"}' } = record.fault
    return response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))

  return Object.assign(proxy, {
    url: `http://127.0.0.1:${server.address().port}`,
    count: (method) => requests.filter((request) => request.method === method).length,
    // Every value of a parameter, in the order of asking; of answered requests only, since a refused one is asked again.
    asked: (method, parameter) =>
      requests
        .filter((request) => request.method === method && !request.fault)
        .flatMap((request) => request.params.getAll(parameter)),
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}
