import { EventEmitter, on } from 'node:events'
import { connectAsync } from 'mqtt'

/** Some other MQTT client, made with nothing of ours: what `mosquitto_pub` and `mosquitto_sub` would be. */
export interface OtherSide {
  publish(topic: string, payload: string): Promise<void>
  /** The next message on a topic whose text matches, within 20 s. Listens from the moment it is called. */
  next(topic: string, pattern?: RegExp): Promise<string>
  close(): Promise<void>
}

export async function openOtherSide(url: string): Promise<OtherSide> {
  const client = await connectAsync(url, { protocolVersion: 4 })
  const heard = new EventEmitter()
  client.on('message', (topic, payload) => heard.emit(`heard ${topic}`, payload.toString('utf8')))
  await client.subscribeAsync(['qliksense/#', 'butler/#'], { qos: 1 })
  return {
    publish: async (topic, payload) => void (await client.publishAsync(topic, payload, { qos: 1 })),
    next: (topic, pattern = /^/) => nextMatching(heard, `heard ${topic}`, pattern),
    close: () => client.endAsync(),
  }
}

/** The next text emitted under a name that matches, within 20 s. */
export async function nextMatching(emitter: EventEmitter, name: string, pattern: RegExp): Promise<string> {
  const signal = AbortSignal.timeout(20_000)
  try {
    for await (const [text] of on(emitter, name, { signal })) if (pattern.test(text)) return text
  } catch (cause) {
    throw new Error(`nothing like ${pattern} was ${name} within 20 s`, { cause })
  }
  throw new Error('unreachable')
}
