import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { simulateSense } from '@butlerkit/sense-simulator'
import { afterEach, beforeEach, expect, it } from 'vitest'

let dir: string
beforeEach(async () => void (dir = await mkdtemp(join(tmpdir(), 'butlerkit-record-'))))
afterEach(() => rm(dir, { recursive: true }))

it('records a site by reading alone, and says what it wrote', async () => {
  await using site = await simulateSense({
    seed: {
      users: [{ directory: 'CANARY', id: 'canary' }],
      apps: [{ name: 'Canary sales', stream: 'Everyone' }],
      reloadTasks: [{ name: 'Canary', app: 'Canary sales' }],
    },
  })
  await site.certificates.writeTo(dir)
  const out = join(dir, 'recording.json')
  const ports = ['--qrs-port', String(site.port), '--engine-port', String(site.enginePort)]
  const run = await sense(['record', '--host', site.host, '--cert', dir, '--user', 'CANARY\\canary', '--out', out, ...ports])
  expect(run).toMatchObject({ code: 0, errors: '' })
  expect(run.output).toContain(`to ${out}.`)
  const recording = await readFile(out, 'utf8')
  expect(recording).not.toMatch(/canary|127\.0\.0\.1/i)
  const { answers } = JSON.parse(recording) as { answers: { request: string; status: number; items?: number }[] }
  expect(answers).toContainEqual(expect.objectContaining({ request: 'GET /qrs/app/full', status: 200, items: 1 }))
  expect(answers).toContainEqual(expect.objectContaining({ request: 'GET /engine/healthcheck', status: 200 }))
  expect(answers).toContainEqual(expect.objectContaining({ about: 'answer for an unknown app', status: 404 }))
  expect(site.requests.length).toBeGreaterThan(20)
  for (const method of ['POST', 'PUT', 'DELETE']) expect(site.requests.matching({ method })).toHaveLength(0)
})

it.each([
  [[], 'the only command is record'],
  [['record', '--host', 'x'], '--host and --cert are needed'],
  [['record', '--host', 'x', '--cert', '/nowhere'], '/nowhere/client.pem'],
  [['record', '--host', 'x', '--cert', 'y', '--qrs-port', '0'], '--qrs-port takes a port'],
])('%j ends with what is wrong', async (args, message) => {
  const { code, errors } = await sense(args)
  expect(code).toBe(1)
  expect(errors).toContain(message)
})

it('shows help', async () => {
  expect(await sense(['--help'])).toMatchObject({ code: 0, output: expect.stringContaining('Usage: sense record') })
})

async function sense(args: readonly string[]): Promise<{ code: number; output: string; errors: string }> {
  const program = fileURLToPath(new URL('../src/cli.ts', import.meta.url))
  const child = spawn(process.execPath, ['--conditions=source', '--import', 'tsx', program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close') as Promise<[number]>])
  return { code, output, errors }
}
