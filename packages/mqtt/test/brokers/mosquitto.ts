import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.js'

/** Where Debian puts it: `/usr/sbin` is not on everyone's path. */
const path = `${process.env['PATH']}:/usr/sbin:/usr/local/sbin`

/** Whether this machine has Mosquitto. */
export const hasMosquitto = spawnSync('mosquitto', ['-h'], { env: { PATH: path } }).error === undefined

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
  /** Of the first listener, as `mqtt://`. */
  readonly url: string
  stop(): Promise<void>
  /** On the same ports. */
  start(): Promise<void>
  /** Writes another configuration for the next start; the listeners stay. */
  reconfigure(options: Pick<MosquittoOptions, 'files' | 'lines'>): Promise<void>
  /** It keeps its connections and says nothing more, until it is closed. */
  freeze(): void
  /** Stops it and removes its folder. */
  close(): Promise<void>
}

export async function startMosquitto({ listeners = [[]], ...options }: MosquittoOptions = {}): Promise<Mosquitto> {
  const dir = await mkdtemp(join(tmpdir(), 'butlerkit-mosquitto-'))
  const ports = await Promise.all(listeners.map(() => freePort()))

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

  let child: ChildProcess | undefined

  async function start(): Promise<void> {
    const started = spawn('mosquitto', ['-c', join(dir, 'mosquitto.conf')], { env: { PATH: path }, stdio: ['ignore', 'ignore', 'pipe'] })
    child = started
    let log = ''
    await new Promise<void>((resolve, reject) => {
      started.once('exit', () => reject(new Error(`mosquitto ended:\n${log}`)))
      started.stderr.on('data', (chunk: Buffer) => {
        log += chunk.toString()
        // Its listeners are open by then.
        if (/mosquitto version \S+ running/.test(log)) resolve()
      })
    })
  }

  async function stop(): Promise<void> {
    const running = child
    child = undefined
    if (running === undefined || running.exitCode !== null) return
    const exited = once(running, 'exit')
    running.kill('SIGTERM')
    await exited
  }

  async function close(): Promise<void> {
    child?.kill('SIGCONT')
    await stop()
    await rm(dir, { recursive: true, force: true })
  }

  await reconfigure(options)
  await start().catch(async (error: unknown) => {
    await close()
    throw error
  })
  return {
    ports,
    url: `mqtt://127.0.0.1:${ports[0]}`,
    start,
    stop,
    reconfigure,
    freeze: () => void child?.kill('SIGSTOP'),
    close,
  }
}
