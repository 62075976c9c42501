import { setTimeout as sleep } from 'node:timers/promises'
import { silent } from '@butlerkit/core'
import { connectAsync } from 'mqtt'
import { mqtt } from '../../src/index.js'
import { startNats } from '../brokers/nats.js'
import { startChild } from '../child.js'

export interface ClusterOptions {
  /** Servers that have a copy of the sessions. @defaultValue 1 */
  readonly replicas?: number
  /** Servers to be killed, one after the other. @defaultValue 3, all of them */
  readonly kills?: number
  /** Two processes with a butler each, or two bare clients in this process. @defaultValue 'butlers' */
  readonly members?: 'butlers' | 'mqtt.js'
  readonly print?: (what: string, figures: ClusterFigures) => void
}

export interface ClusterFigures {
  readonly sent: number
  /** By any of the members, once nothing has come for a while. */
  readonly lost: number
  readonly members: readonly { readonly handled: number; readonly again: number }[]
}

/** Who is to handle every message. */
interface Member {
  /** A line for each message, each time it was handled. */
  handled(): readonly string[]
  end(): Promise<unknown>
}

type Urls = readonly [string, ...string[]]

const batch = 50
const patienceMs = 30_000

/** Kills servers of a NATS cluster while messages are sent, and starts them again. */
export async function runCluster({
  replicas = 1,
  kills = 3,
  members: kind = 'butlers',
  print = () => {},
}: ClusterOptions = {}): Promise<ClusterFigures> {
  const { servers, close } = await startNats({ size: 3, replicas })
  const [first = '', ...others] = servers.map(({ url }) => url)
  const started: Member[] = []
  const sender = mqtt({
    firstConnect: 'wait',
    url: [first, ...others],
    protocol: '3.1.1',
    reconnect: { initialMs: 100, maxMs: 500 },
    connectTimeoutMs: 2_000,
  })
  let sent = 0

  /** Each message is sent again until the cluster has it. */
  async function send(): Promise<void> {
    const numbers = Array.from({ length: batch }, () => sent++)
    await Promise.all(
      numbers.map((number) => sender.publish({ topic: 'work/cluster', payload: Buffer.from(`${number}`), qos: 1, retain: false })),
    )
  }

  function figures(): ClusterFigures {
    const members = started.map((member) => {
      const handled = new Set(member.handled()).size
      return { handled, again: member.handled().length - handled }
    })
    return { sent, lost: sent - Math.min(...members.map(({ handled }) => handled)), members }
  }

  try {
    const start = kind === 'butlers' ? startButler : startBare
    // Each at another server first.
    started.push(await start('cluster-0', [first, ...others]), await start('cluster-1', [...others, first] as unknown as Urls))
    await sender.open({ subscriptions: [], receive: () => 'ack', changed: () => {}, logger: silent })
    for (const [index, server] of servers.slice(0, kills).entries()) {
      await send()
      await server.kill()
      const sending = send()
      await sleep(1_000)
      await server.start()
      await sending
      print(`server ${index} was killed and started again`, figures())
    }
    await send()
    let last = figures()
    for (let since = performance.now(); last.lost > 0 && performance.now() - since < patienceMs; await sleep(100)) {
      const now = figures()
      if (JSON.stringify(now) !== JSON.stringify(last)) since = performance.now()
      last = now
    }
    print(last.lost === 0 ? 'nothing was lost' : `nothing came for ${patienceMs / 1_000} s`, last)
    return last
  } finally {
    await sender.close()
    await Promise.all(started.map((member) => member.end()))
    await close()
  }
}

async function startButler(clientId: string, urls: Urls): Promise<Member> {
  const child = startChild(new URL('butler-child.ts', import.meta.url), [urls.join(','), clientId])
  await child.until((lines) => lines.includes('started'))
  return { handled: () => child.lines.filter((line) => line.startsWith('done')), end: () => child.end('SIGKILL') }
}

async function startBare(clientId: string, [first, ...others]: Urls): Promise<Member> {
  const servers = [first, ...others].map((url) => ({ host: '127.0.0.1', port: Number(new URL(url).port), protocol: 'mqtt' as const }))
  const client = await connectAsync({ servers, protocolVersion: 4, clientId, clean: false, reconnectPeriod: 100, connectTimeout: 2_000 })
  const handled: string[] = []
  client.on('message', (_topic, payload) => handled.push(payload.toString()))
  await client.subscribeAsync('work/#', { qos: 1 })
  return { handled: () => handled, end: () => client.endAsync(true) }
}
