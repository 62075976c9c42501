import { createButler, createRouter } from '@butlerkit/core'
import { senseEvents, taskAborted, taskFailed, taskSucceeded, userSessionStarted, userSessionStopped } from '@butlerkit/sense/events'
import { simulateSense } from '@butlerkit/sense-simulator'
import { createVirtualClock } from '@butlerkit/core/testing'
import { expect, it } from 'vitest'

it('takes what the scheduler and the proxy log to the routes of a butler', async () => {
  const seen: string[] = []
  let woken = () => {}
  const note = (line: string) => {
    seen.push(line)
    woken()
  }
  const router = createRouter()
  router.on(taskFailed, ({ params, payload }) => note(`failed ${payload.taskName} ${params.taskId === payload.taskId} ${payload.message}`))
  router.on(taskAborted, ({ payload }) => note(`aborted ${payload.taskName}`))
  router.on(taskSucceeded, ({ payload }) => note(`success ${payload.taskName} of ${payload.appName}`))
  router.on(userSessionStarted, ({ payload }) => note(`start ${payload.directory}\\${payload.userId}`))
  router.on(userSessionStopped, ({ payload }) => note(`stop ${payload.directory}\\${payload.userId}`))

  const transport = senseEvents({ tasks: { port: 0 }, users: { port: 0 } })
  const butler = createButler({ name: 'test', transports: [transport] }).mount(router)
  await butler.start()
  const { tasks, users } = transport.addresses()
  const clock = createVirtualClock()
  await using site = await simulateSense({
    clock,
    logAppender: { tasks: { host: '127.0.0.1', port: tasks?.port ?? 0 }, users: { host: '127.0.0.1', port: users?.port ?? 0 } },
    seed: {
      apps: [{ name: 'Sales' }],
      reloadTasks: [
        { name: 'good', app: 'Sales', runs: [['started', '1s', 'success']] },
        { name: 'bad', app: 'Sales', runs: [['started', '1s', 'failed']] },
        { name: 'stopped', app: 'Sales', runs: [['started', '1s', 'aborted']] },
      ],
    },
  })
  try {
    for (const name of ['good', 'bad', 'stopped']) site.startTask(name)
    site.openSession(String.raw`LAB\anna`)
    site.closeSession(String.raw`LAB\anna`)
    await clock.advance(10_000)
    while (seen.length < 5) await new Promise<void>((resolve) => void (woken = resolve))
    expect(seen.toSorted()).toEqual([
      'aborted stopped',
      'failed bad true Max retries reached',
      'start LAB\\anna',
      'stop LAB\\anna',
      'success good of Sales',
    ])
    expect(transport.counters()).toMatchObject({ received: 5, unparsed: 0 })
  } finally {
    await butler.stop()
  }
})
