import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { accessSync, constants } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { freePort } from './free-port.js'

/** Where Debian puts daemons: `/usr/sbin` is not on everyone's path. */
const path = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'].join(delimiter)

/** Whether a program is on the path, or there where its absolute name says. */
export function hasProgram(name: string): boolean {
  const files = name.startsWith('/') ? [name] : path.split(delimiter).map((folder) => join(folder, name))
  return files.some((file) => {
    try {
      accessSync(file, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** A broker that runs. */
export interface RunningBroker {
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

/** A program to run, and the line of its output that says that it is there. */
export interface ProgramOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly ready: RegExp
}

/** A running program. */
export interface Program {
  readonly pid: number
  /** Asks it to end, and waits for that. */
  stop(): Promise<void>
  /** As a crash does. */
  kill(): Promise<void>
  /** It keeps its connections and says nothing more, until it is thawed, stopped or killed. */
  freeze(): void
  thaw(): void
}

/** Runs a program in a process group of its own, and waits until it says that it is ready. */
export async function startProgram({ command, args, env = {}, ready }: ProgramOptions): Promise<Program> {
  const child = spawn(command, args, { env: { PATH: path, ...env }, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = once(child, 'exit')
  let log = ''
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`${command} ended:\n${log}`)))
    const read = (chunk: Buffer) => {
      if (ready.test(log)) return
      log += chunk.toString()
      if (ready.test(log)) resolve()
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
  })
  const pid = child.pid ?? 0

  function send(signal: NodeJS.Signals): void {
    if (child.exitCode !== null || child.signalCode !== null) return
    // The whole group: some brokers are started by a script.
    process.kill(-pid, signal)
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ask = () => {
      send(signal)
      send('SIGCONT')
    }
    ask()
    // Mosquitto says that it runs before it listens to signals, and forgets one that comes in between.
    const again = setInterval(ask, 100)
    await exited
    clearInterval(again)
  }

  return { pid, stop: () => end('SIGTERM'), kill: () => end('SIGKILL'), freeze: () => send('SIGSTOP'), thaw: () => send('SIGCONT') }
}

/** A folder for one broker, in the system's temporary one. */
export async function temporaryFolder(name: string): Promise<{ readonly dir: string; remove(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), `butlerkit-${name}-`))
  return { dir, remove: () => rm(dir, { recursive: true, force: true, maxRetries: 5 }) }
}

/** Tries again with other ports when one was taken between the look and the start. */
export async function withFreePorts<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start()
    } catch (error) {
      if (attempt === 5 || !/address (already )?in use|eaddrinuse/i.test(String(error))) throw error
    }
  }
}

/**
 * Runs a broker that needs nothing but a port and a folder, both its own; the folder goes with it.
 *
 * @param prepare - writes its configuration
 */
export function startBroker(
  name: string,
  prepare: (place: { readonly dir: string; readonly port: number }) => Promise<ProgramOptions & { readonly cleanUp?: () => void }>,
): Promise<RunningBroker> {
  return withFreePorts(async () => {
    const { dir, remove } = await temporaryFolder(name)
    const port = await freePort()
    const { cleanUp = () => {}, ...program } = await prepare({ dir, port })
    const removeAll = () => {
      cleanUp()
      return remove()
    }
    const running = await startProgram(program).catch(async (error: unknown) => {
      await removeAll()
      throw error
    })
    return {
      port,
      url: `mqtt://127.0.0.1:${port}`,
      async close() {
        await running.kill()
        await removeAll()
      },
    }
  })
}
