import { describe, expect, it } from 'vitest'
import { hasMosquitto, startMosquitto } from '../../../packages/mqtt/test/brokers/mosquitto.js'
import { startExample } from '../../example-process.js'

const everyStep = ['✔ 1.', '✔ 2.', '✔ 3.', '✔ 4.', '✔ 5.', '✔ 6.', '✔ 7.', '✔ 8.', 'Every step went as it should.']

describe('the tour', { timeout: 60_000 }, () => {
  it('shows every step on stand-ins, and ends with 0', async () => {
    const example = startExample('butler')
    expect(await example.ended, example.output()).toBe(0)
    for (const text of everyStep) expect(example.output()).toContain(text)
  })

  it('runs on Mosquitto too', async ({ skip }) => {
    skip(!hasMosquitto, 'mosquitto is not installed')
    const broker = await startMosquitto()
    try {
      const example = startExample('butler', { BUTLER_MQTT_URL: broker.url })
      expect(await example.ended, example.output()).toBe(0)
      for (const text of everyStep) expect(example.output()).toContain(text)
    } finally {
      await broker.close()
    }
  })

  it('ends with 1 where a step cannot work, and says which', async () => {
    const example = startExample('butler', { BUTLER_MQTT_URL: 'mqtt://127.0.0.1:1' })
    expect(await example.ended).toBe(1)
    expect(example.output()).toMatch(/transport "mqtt" did not open/)
  })
})
