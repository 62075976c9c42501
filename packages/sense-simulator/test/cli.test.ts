import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const freePorts = ['--port', '--engine-port', '--proxy-port', '--proxy-api-port'].flatMap((option) => [option, '0'])
const program = fileURLToPath(new URL('../src/cli.ts', import.meta.url))
let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sense-simulator-'))
})

afterEach(() => rm(dir, { recursive: true }))

describe('sense-simulator', () => {
  it('runs the site of a file until it is told to end', async () => {
    const certs = join(dir, 'certs')
    const file = join(dir, 'site.json')
    const site = {
      apps: [{ name: 'Sales' }],
      reloadTasks: [
        { name: 'Same', app: 'Sales' },
        { name: 'Same', app: 'Sales' },
      ],
    }
    await writeFile(file, JSON.stringify(site))
    const child = run(...freePorts, '--certs', certs, '--site', file)
    const lines: string[] = []
    for await (const line of createInterface(child.stdout)) {
      lines.push(line)
      if (line.startsWith('Ctrl-C')) break
    }
    const url = /^QRS\s+(https:\/\/127\.0\.0\.1:\d+\/qrs)$/.exec(lines[0] ?? '')?.[1]
    expect(lines.slice(1, 4).map((line) => line.split(' ')[0])).toEqual(['engine', 'proxy', 'proxy'])
    expect(lines.filter((line) => line.endsWith('  Same'))).toHaveLength(2)
    expect(lines.find((line) => line.includes('curl'))).toContain(`'${url}/about?xrfkey=0123456789abcdef'`)

    const [ca, cert, key] = await Promise.all(['root.pem', 'client.pem', 'client_key.pem'].map((name) => readFile(join(certs, name))))
    expect((await stat(join(certs, 'client_key.pem'))).mode & 0o077).toBe(0)
    const headers = { 'X-Qlik-Xrfkey': '0123456789abcdef', 'X-Qlik-User': 'UserDirectory=INTERNAL; UserId=sa_api' }
    const outgoing = request(`${url}/about?xrfkey=0123456789abcdef`, { ca, cert, key, headers }).end()
    const [response] = await once(outgoing, 'response')
    expect(response.statusCode).toBe(200)
    response.resume()

    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
  })

  it('shows how it is used', async () => {
    expect(await outcome('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('--udp-tasks HOST:PORT'), stderr: '' })
  })

  it('ends with one line when something is wrong', async () => {
    expect(await outcome('--udp-tasks', 'lab')).toEqual({
      code: 1,
      stdout: '',
      stderr: "sense-simulator: --udp-tasks takes HOST:PORT, not 'lab'\n",
    })
  })
})

function run(...args: readonly string[]) {
  return spawn(process.execPath, ['--conditions=source', '--import', import.meta.resolve('tsx'), program, ...args], {
    cwd: dir,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function outcome(...args: readonly string[]) {
  const child = run(...args)
  const [stdout, stderr, [code]] = await Promise.all([textOf(child.stdout), textOf(child.stderr), once(child, 'exit')])
  return { code: code as number, stdout, stderr }
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
