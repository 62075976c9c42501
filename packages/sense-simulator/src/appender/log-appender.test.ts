import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createVirtualClock } from '@butlerkit/core/testing'
import { describe, expect, it } from 'vitest'
import { simulateSense } from '../site.js'
import type { SiteSeed } from '../site-seed.js'

const taskId = '3f1c0f0a-6a52-4a0e-9d7e-0b6f8f3b2a11'
const appId = 'a2b8c7d6-1111-4222-8333-444455556666'
const guid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'

// In local time, as log4net writes it: ten past eight on the machine that runs the test.
const startAt = new Date(2026, 0, 15, 8, 10, 0, 123).getTime()

function siteOf(...run: NonNullable<NonNullable<SiteSeed['reloadTasks']>[number]['runs']>[number]): SiteSeed {
  return {
    nodeName: 'QSRV1',
    apps: [{ id: appId, name: 'Sales' }],
    reloadTasks: [
      { id: taskId, name: 'Reload sales', app: 'Sales', runs: [run] },
      { name: 'Last', app: 'Sales' },
    ],
  }
}

describe('the scheduler log appender', () => {
  it.each([
    [siteOf('started', '1s', 'failed'), 'scheduler-task-failed', '01,123', 'WARN', 'Max retries reached'],
    [siteOf('started', '1s', 'retry', 'failed'), 'scheduler-task-failed', '01,123', 'WARN', 'Max retries reached'],
    [siteOf('1s', 'error'), 'scheduler-task-failed', '01,123', 'WARN', 'Failed to start session'],
    [siteOf('started', '1s', 'success'), 'scheduler-task-success', '01,123', 'INFO', 'Execution State Change to FinishedSuccess'],
    [siteOf('started', '500ms', 'aborted'), 'scheduler-task-aborted', '01,123', 'INFO', 'Execution State Change to Aborting'],
  ])('tells of a run, once (case %#)', async (seed, type, second, level, message) => {
    await using receiver = await openReceiver()
    const clock = createVirtualClock({ startAt })
    await using site = await simulateSense({ clock, seed, logAppender: { tasks: receiver.target } })
    const executionId = site.startTask('Reload sales')
    await clock.advance(10_000)
    site.startTask('Last')
    await clock.advance(2_000)
    expect(await receiver.lines(2)).toEqual([
      `/${type}/;QSRV1;Reload sales;Sales;LAB\\svc_qlik;${taskId};${appId};2026-01-15 08:10:${second};${level};${executionId};${message}`,
      expect.stringContaining(';Last;'),
    ])
    expect(executionId).toMatch(new RegExp(`^${guid}$`))
  })

  it('says nothing of a run that was skipped or still goes on', async () => {
    await using receiver = await openReceiver()
    const clock = createVirtualClock()
    const seed = siteOf('skipped')
    const tasks = [{ name: 'Endless', app: 'Sales', runs: [['started']] as const }, ...(seed.reloadTasks ?? [])]
    await using site = await simulateSense({ clock, seed: { ...seed, reloadTasks: tasks }, logAppender: { tasks: receiver.target } })
    for (const { name } of site.tasks()) site.startTask(name)
    await clock.advance(5_000)
    const [line] = await receiver.lines(1)
    expect(line).toContain(';Last;')
  })
})

describe('the proxy log appender', () => {
  it('tells of sessions that begin and end', async () => {
    await using receiver = await openReceiver()
    await using site = await simulateSense({ seed: { nodeName: 'QSRV1' }, logAppender: { users: receiver.target } })
    site.openSession('LAB\\anna')
    await site.idle()
    site.closeSession('LAB\\bo;b', { origin: 'AppAccess', context: '/sense/app/17', userAgent: 'curl/8' })
    expect(await receiver.lines(2)).toEqual([
      `/qseow-proxy-session/;QSRV1;Start session;LAB;anna;Hub;/hub/;Start session for user 'LAB\\anna' UserAgent: 'Mozilla/5.0'`,
      `/qseow-proxy-session/;QSRV1;Stop session;LAB;bo;b;AppAccess;/sense/app/17;Stop session for user 'LAB\\bo;b' UserAgent: 'curl/8'`,
    ])
  })

  it('reports what could not be sent and goes on', async () => {
    const warnings: unknown[] = []
    const logger = { debug() {}, info() {}, error() {}, warn: (...line: unknown[]) => void warnings.push(line) }
    await using site = await simulateSense({ logger, logAppender: { users: { host: '127.0.0.1', port: 9 } } })
    site.openSession(`LAB\\${'a'.repeat(70_000)}`)
    await site.idle()
    expect(warnings).toMatchObject([['datagram not sent', { host: '127.0.0.1', port: 9 }]])
  })
})

/** A UDP receiver on a free port. */
async function openReceiver() {
  const socket = createSocket('udp4')
  const received: string[] = []
  socket.on('message', (message) => received.push(message.toString()))
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  return {
    target: { host: '127.0.0.1', port },
    /** Waits for so many lines; more than that, had they come by then, would be there too. */
    async lines(count: number): Promise<readonly string[]> {
      while (received.length < count) await once(socket, 'message')
      return received
    },
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void socket.close(resolve)),
  }
}
