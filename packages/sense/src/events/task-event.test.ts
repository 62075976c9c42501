import { describe, expect, it } from 'vitest'
import { parseTaskEvent, taskEventSchema } from './task-event.js'

const taskId = '3f1c0f0a-6a52-4a0e-9d7e-0b6f8f3b2a11'
const appId = 'a2b8c7d6-1111-4222-8333-444455556666'
const executionId = '9b6f1d2e-7777-4888-9999-aaaabbbbcccc'
const tail = `${taskId};${appId};2026-01-15 10:30:00,123;WARN;${executionId};Max retries reached`
const line = String.raw`/scheduler-task-failed/;QSRV1;Reload sales;Sales;LAB\svc_qlik;` + tail

describe('parseTaskEvent', () => {
  it('reads a line as Butler receives it', () => {
    const event = parseTaskEvent(line)
    expect(event).toEqual({
      kind: 'task',
      outcome: 'failed',
      host: 'QSRV1',
      taskName: 'Reload sales',
      appName: 'Sales',
      user: String.raw`LAB\svc_qlik`,
      taskId,
      appId,
      executionId,
      loggedAt: '2026-01-15 10:30:00,123',
      level: 'WARN',
      message: 'Max retries reached',
    })
    expect(taskEventSchema.parse(event)).toEqual(event)
  })

  it.each([
    ['/scheduler-task-failed/', 'failed'],
    ['/scheduler-reload-failed/', 'failed'],
    ['/scheduler-reloadtask-failed/', 'failed'],
    ['/scheduler-task-aborted/', 'aborted'],
    ['/scheduler-reload-aborted/', 'aborted'],
    ['/scheduler-task-success/', 'success'],
    ['/scheduler-task-success//', 'success'],
    ['/scheduler-reloadtask-success/', 'success'],
    ['/scheduler-distribute/', 'distributed'],
    ['/Scheduler-Task-FAILED/', 'failed'],
    [' /scheduler-task-failed/ ', 'failed'],
  ])('takes type %j for %s', (type, outcome) => {
    expect(parseTaskEvent(line.replace('/scheduler-task-failed/', type))).toMatchObject({ kind: 'task', outcome, taskId })
  })

  it.each([
    ['a message', line + '; see log; again', { appName: 'Sales', message: 'Max retries reached; see log; again' }],
    ['a task name', line.replace('Reload sales', 'Reload; sales'), { taskName: 'Reload; sales;Sales' }],
    ['an app name', line.replace('Sales;', 'Sales; EMEA;'), { taskName: 'Reload sales;Sales; EMEA' }],
  ])('keeps ids right with a ; in %s', (_, text, expected) => {
    const event = parseTaskEvent(text)
    expect(event).toMatchObject({
      kind: 'task',
      outcome: 'failed',
      taskId,
      appId,
      executionId,
      user: String.raw`LAB\svc_qlik`,
      ...expected,
    })
    expect('appName' in event).toBe('appName' in expected)
  })

  it.each([
    ['2026-01-15T10:30:00.123+01:00'],
    ['20260115T103000.123+0100'],
    ['2026-01-15T10:30:00Z'],
    ['20260115T103000.123-0500'],
    ['2026-01-15 10:30:00'],
  ])('takes the date %s as it is', (date) => {
    expect(parseTaskEvent(line.replace('2026-01-15 10:30:00,123', date))).toMatchObject({ kind: 'task', loggedAt: date })
  })

  it('writes ids in lower case, and leaves out those that are not there', () => {
    const event = parseTaskEvent(line.replace(taskId, taskId.toUpperCase()).replace(appId, '').replace(executionId, ''))
    expect(event).toMatchObject({ kind: 'task', taskId })
    expect(event).not.toHaveProperty('appId')
    expect(event).not.toHaveProperty('executionId')
  })

  it.each([
    ['nothing', '', /type/],
    ['another type', line.replace('task-failed', 'task-paused'), /type/],
    ['too few fields', '/scheduler-task-failed/;QSRV1;Reload', /in a row/],
    ['a name that is missing', line.replace('Sales;', ''), /in a row/],
    ['no message field', line.slice(0, line.lastIndexOf(';')), /in a row/],
    ['a wrong id', line.replace(taskId, 'canary'), /in a row/],
    ['a wrong date', line.replace('2026-01-15', 'yesterday'), /in a row/],
    ['a wrong level', line.replace('WARN', 'LOUD'), /in a row/],
    ['no task id', line.replace(taskId, ''), /no task id/],
    ['a message that is an event of its own', `${line};${tail}`, /more than one place/],
  ])('does not guess at %s, and keeps it whole', (_, text, reason) => {
    expect(parseTaskEvent(text)).toEqual({ kind: 'unparsed', raw: text, reason: expect.stringMatching(reason) })
  })
})
