import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readSettings } from './cli-settings.js'
import { demoSite } from './demo-site.js'

let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sense-simulator-'))
})

afterEach(() => rm(dir, { recursive: true }))

describe('the options of sense-simulator', () => {
  it('have defaults, those of a live site where they can', async () => {
    expect(await readSettings([])).toEqual({
      host: '127.0.0.1',
      port: 4_242,
      enginePort: 4_747,
      proxyPort: 4_443,
      proxyApiPort: 4_243,
      certs: 'sense-certs',
      logAppender: {},
      seed: demoSite,
    })
    expect(await readSettings(['--help'])).toBeUndefined()
  })

  it('are read', async () => {
    const file = join(dir, 'site.json')
    await writeFile(file, JSON.stringify({ tags: ['x'] }))
    const ports = ['--port', '1', '--engine-port', '2', '--proxy-port', '3', '--proxy-api-port', '0']
    const targets = ['--udp-tasks', '[::1]:9998', '--udp-users', 'lab:9997']
    expect(await readSettings(['--site', file, '--certs', dir, '--host', '::', ...ports, ...targets])).toEqual({
      host: '::',
      port: 1,
      enginePort: 2,
      proxyPort: 3,
      proxyApiPort: 0,
      certs: dir,
      logAppender: { tasks: { host: '::1', port: 9_998 }, users: { host: 'lab', port: 9_997 } },
      seed: { tags: ['x'] },
    })
  })

  it.each([
    [['--prot', '1'], "Unknown option '--prot'"],
    [['--port', '70000'], "--port takes a port, 0 to 65535, not '70000'"],
    [['--engine-port', 'x'], "--engine-port takes a port, 0 to 65535, not 'x'"],
    [['--udp-users', 'lab'], "--udp-users takes HOST:PORT, not 'lab'"],
    [['--udp-tasks', 'lab:0'], "--udp-tasks takes a port, 1 to 65535, not '0'"],
    [['--site', 'no-such-file.json'], '--site no-such-file.json: ENOENT'],
  ])('are refused: %j', async (args, message) => {
    await expect(readSettings(args)).rejects.toThrow(message)
  })

  it('name what is wrong in a site file', async () => {
    const file = join(dir, 'site.json')
    await writeFile(file, JSON.stringify({ app: [] }))
    await expect(readSettings(['--site', file])).rejects.toThrow(`--site ${file}: site does not fit: Unrecognized key: "app"`)
  })
})
