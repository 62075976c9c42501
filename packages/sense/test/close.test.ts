import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { simulateSense } from '@butlerkit/sense-simulator'
import { expect, it } from 'vitest'

it('leaves neither socket nor timer behind, and lets the process end by itself', async () => {
  await using site = await simulateSense({
    seed: { apps: [{ name: 'Sales' }], reloadTasks: [{ name: 'Reload', app: 'Sales', runs: [['started']] }] },
  })
  const dir = await mkdtemp(join(tmpdir(), 'butlerkit-close-'))
  try {
    await site.certificates.writeTo(dir)
    const program = fileURLToPath(new URL('programs/leaves-nothing.ts', import.meta.url))
    const args = ['--conditions=source', '--import', 'tsx', program, site.host, String(site.port), String(site.enginePort), dir]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const output: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
    const [code] = await once(child, 'close')
    expect({ code, left: Buffer.concat(output).toString() }).toEqual({ code: 0, left: '[]' })
  } finally {
    await rm(dir, { recursive: true })
  }
})
