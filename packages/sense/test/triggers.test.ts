import type { TriggerDefinition } from '@butlerkit/sense'
import { describe, expect, it } from 'vitest'
import { openSite } from './support/site.js'

const unknown = '3f1c0f0a-6a52-4a0e-9d7e-0b6f8f3b2a11'
const seed = {
  apps: [{ name: 'Sales' }],
  reloadTasks: [{ name: 'Reload', app: 'Sales' }],
  externalProgramTasks: [{ name: 'Program', path: 'copy.exe' }],
  userSyncTasks: [{ name: 'Sync', userDirectory: 'LAB' }],
}
const names = ['Reload', 'Program', 'Sync'] as const

describe('a trigger', () => {
  it.each(names)('of the task %s starts it, by the clock and after tasks of every kind', async (name) => {
    await using t = await openLab()
    const after = names.filter((each) => each !== name).map((each) => ({ taskId: t.ids[each], ended: 'success' as const }))
    const inAnHour = new Date(t.clock.now() + 3_600_000)
    await t.triggers.add(t.ids[name], { kind: 'schedule', name: 'in an hour', increment: 'once', start: inAnHour })
    const chain = await t.triggers.add(t.ids[name], { kind: 'chain', name: 'after both', after })
    expect(await t.triggers.ofTask(t.ids[name])).toEqual([
      expect.objectContaining({ kind: 'schedule', start: inAnHour }),
      expect.objectContaining({ kind: 'chain', after }),
    ])

    for (const { taskId } of after)
      expect(await t.settle((await t.sense.tasks.start(taskId)).finished())).toMatchObject({ status: 'success' })
    expect(await t.runsOf(name)).toBe(1)
    await t.clock.advance(3_600_000)
    expect(await t.runsOf(name)).toBe(2)

    await t.triggers.delete(chain)
    expect(await t.triggers.ofTask(t.ids[name])).toMatchObject([{ kind: 'schedule' }])
  })

  // Half past midnight in Stockholm: Wednesday the first of May, where it is still Tuesday the thirtieth of April in UTC.
  it.each([
    ['daily', '2030-05-01T22:30:00Z'],
    ['weekly', '2030-05-07T22:30:00Z'],
    ['monthly', '2030-05-31T22:30:00Z'],
  ] as const)('by the clock, %s, goes by the days of its time zone', async (increment, next) => {
    await using t = await openLab()
    const start = new Date('2030-04-30T22:30:00Z')
    await t.triggers.add(t.ids.Reload, { kind: 'schedule', name: increment, increment, start, timeZone: 'Europe/Stockholm' })
    await t.clock.advance(start.getTime() - t.clock.now())
    expect(await t.sense.qrs.reloadTasks.get(t.ids.Reload)).toMatchObject({ nextExecution: new Date(next) })
  })

  it('by the clock is read back as it was written, with its next start', async () => {
    await using t = await openLab()
    const start = new Date('2030-04-30T22:30:00Z')
    const schedule = { increment: 'weekly', only: '* * - 1,3 * * * *', timeZone: 'Europe/Stockholm', daylightSaving: 'observe' } as const
    await t.triggers.add(t.ids.Reload, { kind: 'schedule', name: 'weekly', start, ...schedule })
    const whole = { ...schedule, every: '0 0 1 0', only: [schedule.only] }
    // The first of May is a Wednesday, in Stockholm.
    expect(await t.triggers.ofTask(t.ids.Reload)).toMatchObject([{ start, end: undefined, nextStart: start, schedule: whole, after: [] }])
  })

  it('by the clock is sent as the QMC writes it', async () => {
    await using t = await openLab()
    const start = new Date('2030-04-30T22:30:00Z')
    const zone = { timeZone: 'Europe/Stockholm', daylightSaving: 'permanentStandardTime' } as const
    const schedules = [
      { increment: 'monthly', ...zone },
      { increment: 'weekly', only: '* * - 1,3 * * * *' },
      { increment: 'custom', every: '30 1 0 0', end: new Date('2031-01-01T00:00:00Z') },
    ] as const
    for (const each of schedules) await t.triggers.add(t.ids.Reload, { kind: 'schedule', name: each.increment, start, ...each })
    const startDate = '2030-04-30T22:30:00.000Z'
    expect(await t.sense.qrs.get('/qrs/schemaevent/full')).toMatchObject([
      {
        startDate,
        incrementOption: 4,
        incrementDescription: '0 0 1 0',
        schemaFilterDescription: ['* * - * * 1 * *'],
        timeZone: 'Europe/Stockholm',
        daylightSavingTime: 1,
      },
      { incrementOption: 3, incrementDescription: '0 0 1 0', schemaFilterDescription: ['* * - 1,3 * * * *'], timeZone: 'UTC' },
      { incrementOption: 5, incrementDescription: '30 1 0 0', expirationDate: '2031-01-01T00:00:00.000Z', daylightSavingTime: 0 },
    ])
  })

  it('comes with a task that is made, whatever kind it waits for', async () => {
    await using t = await openLab()
    const { id: appId } = (await t.sense.qrs.apps.list())[0]!
    const triggers: TriggerDefinition[] = [{ kind: 'chain', name: 'after sync', after: [{ taskId: t.ids.Sync, ended: 'success' }] }]
    const task = await t.sense.qrs.reloadTasks.create({ name: 'Made', appId, triggers })
    await t.settle((await t.sense.tasks.start(t.ids.Sync)).finished())
    expect(await t.sense.qrs.reloadTasks.get(task.id)).toMatchObject({ lastExecution: { status: 2 } })
  })

  it.each<[string, TriggerDefinition]>([
    ['TASK_NOT_FOUND', { kind: 'chain', name: 'x', after: [{ taskId: unknown, ended: 'success' }] }],
    ['SENSE_ID', { kind: 'chain', name: 'x', after: [{ taskId: 'canary', ended: 'success' }] }],
    ['SENSE_OPTION', { kind: 'schedule', name: 'x', increment: 'daily', timeZone: 'Mars/Phobos' }],
    ['SENSE_OPTION', { kind: 'schedule', name: 'x', increment: 'custom', every: 'hourly' }],
    ['SENSE_OPTION', { kind: 'schedule', name: 'x', increment: 'daily', only: '* * 1' }],
    ['SENSE_OPTION', { kind: 'schedule', name: 'x', increment: 'daily', start: new Date(Number.NaN) }],
  ])('that cannot be is refused with %s before it is sent', async (code, definition) => {
    await using t = await openLab()
    await expect(t.triggers.add(t.ids.Reload, definition)).rejects.toMatchObject({ code, message: expect.not.stringContaining('canary') })
    expect(t.site.requests.matching({ method: 'POST', path: /event/ })).toEqual([])
    await expect(t.triggers.add(unknown, { kind: 'schedule', name: 'x', increment: 'daily' })).rejects.toMatchObject({
      code: 'TASK_NOT_FOUND',
    })
  })
})

describe('a user sync task', () => {
  it('is made for a directory, changed, run and deleted', async () => {
    await using t = await openLab()
    const { userSyncTasks } = t.sense.qrs
    const [seeded] = await userSyncTasks.list()
    expect(seeded).toMatchObject({ name: 'Sync', userDirectory: { name: 'LAB' } })
    const made = await userSyncTasks.create({ name: 'Sync again', userDirectoryId: seeded!.userDirectory!.id, maxRetries: 2 })
    expect(made).toMatchObject({ name: 'Sync again', maxRetries: 2, userDirectory: { name: 'LAB' }, lastExecution: undefined })
    expect(await userSyncTasks.update(made.id, (draft) => void (draft.taskSessionTimeout = 10))).toMatchObject({ taskSessionTimeout: 10 })
    const run = await t.sense.tasks.start({ name: 'Sync again' })
    expect(await t.settle(run.finished())).toMatchObject({ status: 'success', attempts: [{}] })
    expect(await run.scriptLog()).toBeUndefined()
    await userSyncTasks.delete(made.id)
    expect(await userSyncTasks.count()).toBe(1)
  })
})

/** A site with a task of every kind. */
async function openLab() {
  const t = await openSite({ seed })
  const { qrs } = t.sense
  const lists = await Promise.all([qrs.reloadTasks.list(), qrs.externalProgramTasks.list(), qrs.userSyncTasks.list()])
  const ids = Object.fromEntries(lists.flat().map(({ name, id }) => [name, id])) as Record<(typeof names)[number], string>
  return {
    ...t,
    ids,
    triggers: qrs.triggers,
    async runsOf(name: (typeof names)[number]): Promise<number> {
      return (await qrs.executionResults.list()).filter(({ taskId }) => taskId === ids[name]).length
    },
  }
}
