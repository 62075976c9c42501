import assert from 'node:assert/strict'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { butlerStatus, createButler } from '@butlerkit/core'
import { mqtt } from '@butlerkit/mqtt'
import type { SimulatedSense } from '@butlerkit/sense-simulator'
import type { App } from './app.js'
import { classicStart, startTask, taskDone, taskFailure } from './contracts.js'
import { openOtherSide, type OtherSide } from './other-side.js'

/** What the tour needs: the app, with its site and its Slack being stand-ins it can look into. */
export interface TourApp extends App {
  readonly site: SimulatedSense
}

interface Step {
  readonly title: string
  /** @returns what was seen; throws when it was not */
  run(app: TourApp, other: OtherSide): Promise<string>
}

const steps: readonly Step[] = [
  {
    title: `A bare task id on ${classicStart.pattern} starts a reload, which is followed to its end`,
    async run({ site, slack }, other) {
      const { id } = site.task('Reload Sales')
      const [done] = await Promise.all([
        other.next(taskDone.build({ site: 'lab', taskId: id })),
        slack?.next(/Reload Sales: success/),
        other.publish(classicStart.pattern, id),
      ])
      const { status, seconds } = JSON.parse(done)
      assert.equal(status, 'success')
      return `${status} after ${seconds} s, told on MQTT${slack ? ' and Slack' : ''}`
    },
  },
  {
    title: 'A typed request gets its typed reply',
    async run({ mqttUrl, site }, other) {
      const colleague = createButler({ name: 'colleague', transports: [mqtt({ url: mqttUrl, closeTimeoutMs: 500 })] })
      await colleague.start()
      try {
        const { id: taskId } = site.task('Reload Sales')
        const [done, { executionId }] = await Promise.all([
          other.next(taskDone.build({ site: 'lab', taskId })),
          colleague.request(startTask, { site: 'lab', taskId }, { reason: 'month end' }, { timeoutMs: 10_000 }),
        ])
        assert.equal(JSON.parse(done).executionId, executionId)
        return `execution session ${executionId}`
      } finally {
        await colleague.stop()
      }
    },
  },
  {
    title: 'A reload that fails is told with the last lines of its script log',
    async run({ site, slack }, other) {
      const { id } = site.task('Reload Stock')
      const [done] = await Promise.all([
        other.next(taskDone.build({ site: 'lab', taskId: id })),
        slack?.next(/Reload Stock: failed[^]*Execution Failed/),
        other.publish(classicStart.pattern, id),
      ])
      const { status } = JSON.parse(done)
      assert.equal(status, 'failed')
      return `${status}, script log ${slack ? 'in the Slack message' : 'sent to Slack'}`
    },
  },
  {
    title: 'A payload that is no task id is refused and reported',
    async run({ butler, site }, other) {
      const startsBefore = starts(site)
      const [reason] = await Promise.all([nextInvalid(butler), other.publish(classicStart.pattern, 'Reload Sales')])
      assert.equal(starts(site), startsBefore)
      return reason
    },
  },
  {
    title: 'A task outside the allow-list is denied, and nothing is sent to Sense',
    async run({ mqttUrl, site }) {
      const startsBefore = starts(site)
      const colleague = createButler({ name: 'colleague', transports: [mqtt({ url: mqttUrl, closeTimeoutMs: 500 })] })
      await colleague.start()
      try {
        const answer = await colleague.tryRequest(
          startTask,
          { site: 'lab', taskId: site.task('Reload Payroll').id },
          {},
          { timeoutMs: 10_000 },
        )
        assert.ok(!answer.ok)
        assert.equal(answer.code, 'DENIED')
        assert.equal(starts(site), startsBefore)
        return `answered ${answer.code}`
      } finally {
        await colleague.stop()
      }
    },
  },
  {
    title: "A failure in Sense's own scheduler becomes a Slack message and an MQTT message",
    async run({ site, slack }, other) {
      const { id } = site.task('Reload Stock')
      const [failure] = await Promise.all([
        other.next(taskFailure.build({ site: 'lab', taskId: id })),
        slack?.next(/Reload Stock failed on/),
        Promise.resolve(site.startTask('Reload Stock')),
      ])
      const { message } = JSON.parse(failure)
      return `datagram: ${message}`
    },
  },
  {
    title: 'The classic endpoints answer over HTTP, after the work, to those who have a key',
    async run({ httpUrl, apiKey, directory, site }, other) {
      const get = async (endpoint: string, key = apiKey) => {
        const response = await fetch(`${httpUrl}/${endpoint}`, { headers: { authorization: `Bearer ${key}` } })
        return { status: response.status, body: (await response.json()) as Record<string, unknown> }
      }
      assert.equal((await get('butlerPing', 'a wrong key')).status, 401)
      assert.equal((await get('butlerPing')).body['response'], 'Butler reporting for duty')
      const folder = path.join(directory, 'export', '2026')
      assert.equal((await get(`createDir?directory=${encodeURIComponent(folder)}`)).status, 200)
      assert.ok((await stat(folder)).isDirectory())
      assert.equal((await get('createDir?directory=/etc/butler')).status, 403)
      assert.ok(Number((await get(`getDiskSpace?path=${encodeURIComponent(directory)}`)).body['free']) > 0)
      assert.equal((await get('senseListApps')).body['length'], 3)
      assert.equal((await get('senseQRSPing')).status, 200)
      const [heard, published] = await Promise.all([
        other.next('qliksense/hello'),
        get('mqttPublishMessage?topic=qliksense/hello&message=world'),
      ])
      assert.equal(published.status, 200)
      assert.equal(heard, 'world')
      assert.equal((await get('slackPostMessage?channel=%23ops&from_user=tour&msg=hello&emoji=')).status, 200)
      assert.equal((await get(`senseStartTask?taskId=${site.task('Reload Payroll').id}`)).status, 403)
      const started = await get(`senseStartTask?taskId=${site.task('Reload Sales').id}`)
      assert.equal(started.status, 200)
      return '8 endpoints; a stranger gets 401, a path outside the allowed folder and a denied task 403'
    },
  },
  {
    title: 'After stop, the retained status topic says offline',
    async run({ butler }, other) {
      const topic = butlerStatus.build({ name: butler.name })
      const [, offline] = await Promise.all([other.next(topic, /draining/), other.next(topic, /offline/), butler.stop()])
      return `${topic}: ${offline}`
    },
  },
]

/**
 * Shows, step by step on running parts, what the butler does. The last step stops it.
 *
 * @returns whether every step went as it should
 */
export async function runTour(app: TourApp, print: (line: string) => void): Promise<boolean> {
  const other = await openOtherSide(app.mqttUrl)
  let good = true
  for (const [index, { title, run }] of steps.entries()) {
    try {
      print(`✔ ${index + 1}. ${title}\n     ${await run(app, other)}`)
    } catch (error) {
      good = false
      print(`✘ ${index + 1}. ${title}\n     ${String(error)}`)
    }
  }
  await other.close()
  return good
}

function nextInvalid(butler: App['butler']): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no message was refused within 20 s')), 20_000)
    butler.events.once('invalid', ({ error }) => {
      clearTimeout(timer)
      resolve(String(error))
    })
  })
}

function starts(site: SimulatedSense): number {
  return site.requests.matching({ method: 'POST', path: /\/start/ }).length
}
