import { readFile } from 'node:fs/promises'
import { describe, expect, it, vi } from 'vitest'
import { consoleNotifier } from '../src/console-notifier.js'

const read = (file: string) => readFile(new URL(file, import.meta.url), 'utf8')

describe('the console notifier', () => {
  it('is what docs/adapters.md shows', async () => {
    expect(await read('../../../docs/adapters.md')).toContain(`\`\`\`ts\n${await read('../src/console-notifier.ts')}\`\`\``)
  })

  it('writes one line for each notification', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {})
    expect(await consoleNotifier().notify({ title: 'Reload failed', severity: 'error', text: 'Sales' })).toEqual({ notifier: 'console' })
    expect(log).toHaveBeenCalledExactlyOnceWith('[error] Reload failed: Sales')
    log.mockRestore()
  })
})
