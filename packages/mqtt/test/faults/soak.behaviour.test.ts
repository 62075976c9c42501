import { onTestFinished, expect, it } from 'vitest'
import { startChild } from '../child.js'

interface Growth {
  readonly name: string
  readonly bytesEach: number
  readonly resources: number
  readonly listeners: number
}

it('27, 28: grows by nothing through reconnects and route changes (the whole of it: `pnpm --filter @butlerkit/mqtt soak`)', async () => {
  const child = startChild(new URL('soak-child.ts', import.meta.url), ['800', '4000'])
  onTestFinished(async () => void (await child.end('SIGKILL')))
  await child.until((lines) => lines.length === 2)
  const growths = child.lines.map((line) => JSON.parse(line) as Growth)
  expect(growths.map(({ name }) => name)).toEqual(['reconnects', 'route changes'])
  for (const { bytesEach, resources, listeners } of growths) {
    expect(resources).toBeLessThanOrEqual(1)
    expect(listeners).toBe(0)
    // A leaked listener, stream or map entry for each step would be hundreds of bytes; what is left over is the compiler's.
    expect(bytesEach).toBeLessThan(2_000)
  }
})
