import { readFile } from 'node:fs/promises'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createMemoryBroker, createRouter, deadLetters, json, text, topic } from '@butlerkit/core'
import { recorder, testButler } from '@butlerkit/core/testing'
import { taskFailed, type TaskEvent } from '@butlerkit/sense/events'
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { classicTopics } from '../src/classic-topics.js'
import { createMember, fileArrived } from '../src/member.js'
import { deadLetterAlerts, watch } from '../src/watch.js'

const read = (file: string) => readFile(new URL(file, import.meta.url), 'utf8')
const taskId = '3f1c0f0a-6a52-4a0e-9d7e-0b6f8f3b2a11'

it.each([
  ['coming-from-butler', 'classic-topics'],
  ['several-processes', 'member'],
  ['watching', 'watch'],
])('shows in docs/recipes/%s.md the program that is tested here', async (page, program) => {
  expect(await read(`../../../docs/recipes/${page}.md`)).toContain(`\`\`\`ts\n${await read(`../src/${program}.ts`)}\`\`\``)
})

describe('the topics of Butler', () => {
  const anybody = topic('qliksense/#', { codec: text })

  it('start the task whose bare id comes, with a newline after it or not', async () => {
    const start = vi.fn(async () => ({}))
    await using t = await testButler({
      services: { sense: { tasks: { start } } as never },
      mount: [classicTopics],
      transport: { name: 'sense-events' },
    })
    await t.butler.publishRaw({
      topic: 'qliksense/start_task',
      payload: Buffer.from(`${taskId}\n`),
      qos: 1,
      retain: false,
    })
    await t.settled()
    expect(start).toHaveBeenCalledExactlyOnceWith(taskId, expect.objectContaining({ ifRunning: 'join' }))
  })

  it('tell of a failed task by its name, and in whole under the names that Butler has', async () => {
    const event: TaskEvent = {
      kind: 'task',
      outcome: 'failed',
      host: 'QSRV1',
      taskName: 'Reload sales',
      appName: 'Sales',
      user: 'LAB\\svc_qlik',
      taskId,
      appId: 'a2b8c7d6-1111-4222-8333-444455556666',
      executionId: '9b6f1d2e-7777-4888-9999-aaaabbbbcccc',
      loggedAt: '2026-01-15 10:30:00,123',
      level: 'WARN',
      message: 'Max retries reached',
    }
    await using t = await testButler({
      services: { sense: {} as never },
      mount: [classicTopics],
      transport: { name: 'sense-events' },
    })
    await t.publish(taskFailed, { taskId }, event)
    await t.settled()
    const [name, whole] = t.published(anybody)
    expect(name).toMatchObject({ topic: 'qliksense/task_failure', payload: 'Reload sales' })
    expect(whole?.topic).toBe('qliksense/task_failure_full')
    expect(JSON.parse(whole?.payload ?? '')).toEqual({
      hostName: 'QSRV1',
      user: 'LAB\\svc_qlik',
      taskName: 'Reload sales',
      taskId,
      appName: 'Sales',
      appId: event.appId,
      logTimeStamp: event.loggedAt,
      logLevel: 'WARN',
      executionId: event.executionId,
      logMessage: 'Max retries reached',
    })
  })
})

describe('members of a group', () => {
  it('share the work: each file is loaded once', async () => {
    const broker = createMemoryBroker()
    const loaded: string[] = []
    const members = await Promise.all(
      ['one', 'two'].map((name) => {
        const load = async (path: string) => void loaded.push(`${path} by ${name}`)
        return createMember(name, broker.transport({ clientId: name, durable: true }), load).start()
      }),
    )
    for (let index = 0; index < 10; index++) {
      await broker.publish({
        topic: fileArrived.build({ customer: 'acme' }),
        payload: json.encode({ path: `${index}.csv` }),
        qos: 1,
        retain: false,
      })
    }
    await broker.settled()
    expect(loaded.map((line) => line.split(' ')[0]).toSorted()).toEqual(Array.from({ length: 10 }, (_, index) => `${index}.csv`))
    expect(new Set(loaded.map((line) => line.split(' ')[2]))).toEqual(new Set(['one', 'two']))
    await Promise.all(members.map((member) => member.stop()))
  })
})

describe('watching', () => {
  const order = topic('orders/new', { payload: z.object({ id: z.number() }) })
  const failing = createRouter().on(
    order,
    () => {
      throw new Error('no stock')
    },
    { deadLetter: true },
  )

  it('tells people of a dead letter, and Prometheus of every message', async () => {
    const notify = recorder()
    await using t = await testButler({ services: { notify }, mount: [failing, deadLetterAlerts] })
    await t.publish(order, { id: 1 })
    await t.settled()
    expect(notify.notifications).toEqual([
      {
        title: 'orders/new: FAILED',
        severity: 'error',
        text: 'no stock',
        fields: { route: 'orders/new', attempts: 1 },
        excerpt: '{"id":1}',
      },
    ])
    expect(t.published(deadLetters)).toHaveLength(1)

    const server = watch(t.butler).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    const metrics = await (await fetch(`${url}/metrics`)).text()
    expect(metrics).toContain('butler_messages_total{event="deadLettered"} 1\n')
    expect(metrics).toContain('butler_messages_in_work 0\n')
    server.closeAllConnections()
    server.close()
  })
})
