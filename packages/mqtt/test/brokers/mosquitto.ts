import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasProgram, startProgram, temporaryFolder, withFreePorts, type Program } from './broker-process.js'
import { freePort } from './free-port.js'

/** Whether this machine has Mosquitto. */
export const hasMosquitto = hasProgram('mosquitto')

/** How a Mosquitto is set up. */
export interface MosquittoOptions {
  /** One listener each, on a port of its own; the lines follow `listener` in the configuration. @defaultValue one plain listener */
  readonly listeners?: readonly (readonly string[])[]
  /** Files beside the configuration, by name; `{dir}` in a line is their folder. */
  readonly files?: Readonly<Record<string, string>>
  /** Further lines for the whole broker. @defaultValue everyone may do everything */
  readonly lines?: readonly string[]
}

/** A Mosquitto as a child process, in a temporary folder that keeps its sessions over restarts. */
export interface Mosquitto {
  /** Of the listeners, in their order. */
  readonly ports: readonly number[]
  /** Of the first listener. */
  readonly port: number
  /** Of the first listener, as `mqtt://`. */
  readonly url: string
  stop(): Promise<void>
  /** As a crash does: what it has not saved is gone. */
  kill(): Promise<void>
  /** On the same ports. */
  start(): Promise<void>
  /** Takes away what it has saved: sessions and retained messages. */
  forget(): Promise<void>
  /** Writes another configuration for the next start; the listeners stay. */
  reconfigure(options: Pick<MosquittoOptions, 'files' | 'lines'>): Promise<void>
  /** It keeps its connections and says nothing more, until it is thawed or closed. */
  freeze(): void
  thaw(): void
  /** Stops it and removes its folder. */
  close(): Promise<void>
}

export function startMosquitto(options: MosquittoOptions = {}): Promise<Mosquitto> {
  return withFreePorts(() => startOnce(options))
}

async function startOnce({ listeners = [[]], ...options }: MosquittoOptions): Promise<Mosquitto> {
  const { dir, remove } = await temporaryFolder('mosquitto')
  const ports = await Promise.all(listeners.map(() => freePort()))
  let program: Program | undefined

  async function reconfigure({ files = {}, lines = ['allow_anonymous true'] }: Pick<MosquittoOptions, 'files' | 'lines'>): Promise<void> {
    for (const [name, text] of Object.entries(files)) await writeFile(join(dir, name), text, { mode: 0o600 })
    const config = [
      // As root it would change its user, and then not be let into the folder.
      ...(process.getuid?.() === 0 ? ['user root'] : []),
      'persistence true',
      `persistence_location ${dir}/`,
      'log_dest stderr',
      ...lines,
      ...listeners.flatMap((listener, index) => [`listener ${ports[index]} 127.0.0.1`, ...listener]),
    ]
    await writeFile(join(dir, 'mosquitto.conf'), config.join('\n').replaceAll('{dir}', dir))
  }

  async function start(): Promise<void> {
    // Its listeners are open by then.
    program = await startProgram({
      command: 'mosquitto',
      args: ['-c', join(dir, 'mosquitto.conf')],
      ready: /mosquitto version \S+ running/,
    })
  }

  async function end(how: 'stop' | 'kill'): Promise<void> {
    const running = program
    program = undefined
    await running?.[how]()
  }

  async function close(): Promise<void> {
    await end('stop')
    await remove()
  }

  await reconfigure(options)
  await start().catch(async (error: unknown) => {
    await close()
    throw error
  })
  const port = ports[0] ?? 0
  return {
    ports,
    port,
    url: `mqtt://127.0.0.1:${port}`,
    start,
    forget: () => rm(join(dir, 'mosquitto.db'), { force: true }),
    stop: () => end('stop'),
    kill: () => end('kill'),
    reconfigure,
    freeze: () => program?.freeze(),
    thaw: () => program?.thaw(),
    close,
  }
}
