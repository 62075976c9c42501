import { expect, it } from 'vitest'
import { readOptions } from './options.js'
import { awsIotCore, azureEventGrid, emqx, hivemqCloud, shiftr } from './presets.js'

const tls = { cert: 'cert', key: 'key' }

it.each([
  [
    'mqtts://n.westeurope-1.ts.eventgrid.azure.net:8883',
    '5',
    azureEventGrid({ hostname: 'n.westeurope-1.ts.eventgrid.azure.net', username: 'u', clientId: 'c', tls }),
  ],
  [
    'mqtts://a-ats.iot.eu-west-1.amazonaws.com:8883',
    '5',
    awsIotCore({ endpoint: 'a-ats.iot.eu-west-1.amazonaws.com', clientId: 'c', tls }),
  ],
  ['mqtts://c.s1.eu.hivemq.cloud:8883', '5', hivemqCloud({ host: 'c.s1.eu.hivemq.cloud', username: 'u', password: 'p' })],
  ['mqtts://emqx.lab:8883', '5', emqx({ host: 'emqx.lab', tls: { ca: 'ca' } })],
  ['mqtt://emqx.lab:1883', '5', emqx({ host: 'emqx.lab', tls: false })],
  ['mqtts://mine.cloud.shiftr.io:8883', '3.1.1', shiftr({ instance: 'mine', key: 'k', secret: 's' })],
])('makes options for %s with MQTT %s', (address, protocol, options) => {
  expect(readOptions(options)).toMatchObject({ brokers: [{ address }], protocol })
})

it('keeps a session no longer than the service does, and subscribes to no more filters at once than it takes', () => {
  const durable = { clientId: 'c', tls, durable: true, sessionExpirySeconds: 4_000_000 }
  expect(readOptions(azureEventGrid({ hostname: 'h', username: 'u', ...durable })).sessionExpirySeconds).toBe(28_800)
  expect(readOptions(awsIotCore({ endpoint: 'e', ...durable }))).toMatchObject({
    sessionExpirySeconds: 604_800,
    subscription: { maxFilters: 8 },
  })
})

it('lets what the caller says win', () => {
  expect(hivemqCloud({ host: 'h', username: 'u', password: 'p', protocol: '3.1.1', name: 'cloud' })).toMatchObject({
    protocol: '3.1.1',
    name: 'cloud',
  })
})
