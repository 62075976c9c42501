import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { simulateSense, type Fault, type SimulatedSense } from '@butlerkit/sense-simulator'
import { afterEach, beforeEach, expect, it } from 'vitest'

let site: SimulatedSense
beforeEach(async () => {
  const reloadTasks = [{ name: 'Reload', app: 'Sales', runs: [['started']] as const }]
  site = await simulateSense({ seed: { apps: [{ name: 'Sales' }], reloadTasks } })
})
afterEach(() => site.close())

it('leaves neither socket nor timer behind, and lets the process end by itself', async () => {
  expect(await outcome(new URL('programs/leaves-nothing.ts', import.meta.url))).toEqual({ code: 0, said: [] })
})

it('leaves nothing behind either when all goes wrong that can', async () => {
  const evaluation = { qix: 'EvaluateEx' } as const
  const faults: readonly Fault[] = [
    { kind: 'hang', method: 'POST', path: /\/tag$/ },
    { kind: 'reset', method: 'POST', path: /\/stream$/, at: 'body' },
    { kind: 'truncate', path: /\/user\/full/ },
    { kind: 'answer', path: /\/custompropertydefinition/, status: 200, body: '<html>', headers: { 'content-type': 'text/html' } },
    { kind: 'reset', path: /\/tempcontent\//, at: 'body' },
    { kind: 'reset', path: /\/start\/synchronous/, at: 'reply' },
    { kind: 'answer', path: /^\/app\//, status: 502 },
    { kind: 'state', qix: 'OnConnected', state: 'SESSION_ERROR_NO_LICENSE' },
    { kind: 'close', ...evaluation, code: 1006 },
    { kind: 'garbage', ...evaluation },
    { kind: 'notice', ...evaluation, notice: 'OnSessionTimedOut' },
    { kind: 'hang', ...evaluation },
  ]
  for (const fault of faults) site.faults.add(fault)
  const codes = {
    hang: 'QRS_TIMEOUT',
    reset: 'QRS_UNREACHABLE',
    truncate: 'QRS_ANSWER',
    login: 'QRS_AUTH',
    export: 'QRS_UNREACHABLE',
    start: 'QRS_UNREACHABLE',
    upgrade: 'ENGINE_UPGRADE',
    greeting: 'ENGINE_LICENSE',
    close: 'ENGINE_CLOSED',
    garbage: 'ENGINE_CLOSED',
    notice: 'ENGINE_SESSION',
    silence: 'ENGINE_TIMEOUT',
  }
  const program = new URL('programs/fails-and-leaves-nothing.ts', import.meta.url)
  expect(await outcome(program)).toEqual({ code: 0, said: { codes, isFollowed: true, left: [] } })
})

/** Runs a program against the site to its end. */
async function outcome(program: URL): Promise<{ readonly code: unknown; readonly said: unknown }> {
  const dir = await mkdtemp(join(tmpdir(), 'butlerkit-close-'))
  try {
    await site.certificates.writeTo(dir)
    const args = [
      '--conditions=source',
      '--import',
      'tsx',
      fileURLToPath(program),
      site.host,
      String(site.port),
      String(site.enginePort),
      dir,
    ]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const output: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
    const [code] = await once(child, 'close')
    return { code, said: JSON.parse(Buffer.concat(output).toString()) }
  } finally {
    await rm(dir, { recursive: true })
  }
}
