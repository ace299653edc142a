// tests/network/loopback.mjs
//
// Keeps this process on loopback: every server listens on 127.0.0.1 alone, every connection elsewhere is refused.
//
// Imported first, for its effect. The servers call listen(port), which would mean every interface, and they look up
// hosts that are not ours (the public AppView, handles' TXT records): the first would open a test server to the
// neighbours, the second would make a test depend on the internet.
import dns from 'node:dns'
import net from 'node:net'

const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (first, ...rest) {
  if (typeof first === 'number' || (typeof first === 'string' && /^\d+$/.test(first))) {
    const callback = rest.find((argument) => typeof argument === 'function')
    return listen.call(this, { port: Number(first), host: '127.0.0.1' }, ...(callback ? [callback] : []))
  }
  if (first && typeof first === 'object' && 'port' in first) {
    return listen.call(this, { ...first, host: '127.0.0.1' }, ...rest)
  }
  return listen.call(this, first, ...rest)
}

const isLoopback = (host) => host == null || host === 'localhost' || host === '::1' || /^127\./.test(host)

// The host a call of connect() names; null for a Unix socket. net.connect() passes its arguments as one array.
function hostOf(args) {
  const [first, second] = Array.isArray(args[0]) ? args[0] : args
  if (first && typeof first === 'object') return first.path ? null : first.host
  return typeof second === 'string' ? second : null
}

const connect = net.Socket.prototype.connect
net.Socket.prototype.connect = function (...args) {
  const host = hostOf(args)
  if (isLoopback(host)) return connect.apply(this, args)
  process.stderr.write(`refused a connection to ${host}: loopback only\n`)
  process.nextTick(() => this.destroy(new Error(`loopback only: ${host}`)))
  return this
}

// Port 9 discards: a look-up ends at once instead of leaving the machine.
dns.setServers(['127.0.0.1:9'])
dns.promises.setServers(['127.0.0.1:9'])
