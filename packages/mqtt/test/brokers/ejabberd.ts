import { existsSync, readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasProgram, startBroker, type RunningBroker } from './broker-process.js'

/** Where Debian puts its compiled code: in a folder that carries machine and version. */
const code = debianFolders('/usr/lib')
  .flatMap((folder) => debianFolders(folder))
  .map((folder) => join(folder, 'ebin'))
  .find((folder) => existsSync(join(folder, 'ejabberd.beam')))

/** Whether this machine has ejabberd. */
export const hasEjabberd = code !== undefined && hasProgram('erl')

/** Starts an ejabberd with `mod_mqtt`. Its users are named `somebody@localhost`, with any password; nobody may publish to `guarded/by/the/broker`. */
export function startEjabberd(): Promise<RunningBroker> {
  return startBroker('ejabberd', async ({ dir, port }) => {
    const file = join(dir, 'ejabberd.yml')
    await writeFile(
      file,
      `
hosts: [localhost]
loglevel: info
auth_method: anonymous
allow_multiple_connections: true
anonymous_protocol: login_anon
listen:
  - { port: ${port}, ip: "127.0.0.1", module: mod_mqtt, backlog: 1000 }
modules:
  mod_mqtt:
    # One rule that allows is enough, so there is none for what is to be refused.
    access_publish: { "+": [{ allow: all }], "+/+": [{ allow: all }], "+/+/+": [{ allow: all }] }
    access_subscribe: { "#": [{ allow: all }] }
`,
    )
    return {
      command: 'erl',
      args: ['-noinput', '-pa', code ?? '', '-mnesia', 'dir', JSON.stringify(join(dir, 'mnesia')), '-s', 'ejabberd'],
      env: { HOME: dir, EJABBERD_CONFIG_PATH: file, EJABBERD_LOG_PATH: join(dir, 'ejabberd.log') },
      ready: new RegExp(`Start accepting TCP connections at 127\\.0\\.0\\.1:${port}`),
    }
  })
}

function debianFolders(parent: string): string[] {
  if (!existsSync(parent)) return []
  return readdirSync(parent, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && /^ejabberd|-linux-gnu/.test(entry.name))
    .map((entry) => join(parent, entry.name))
}
