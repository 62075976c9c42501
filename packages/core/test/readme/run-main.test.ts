import { expect, it, vi } from 'vitest'

it('runs main.ts', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  await import('./main.js')
  expect(log.mock.calls[0]?.[0]).toEqual({ executionId: expect.any(String) })
  expect(log.mock.calls[1]?.[0]).toMatchObject({ ready: true })
  log.mockRestore()
})
