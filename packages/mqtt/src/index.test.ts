import { expect, it } from 'vitest'
import * as index from './index.js'

it('exports what is public, and nothing else', () => {
  expect(Object.keys(index).toSorted()).toEqual(['MqttError', 'awsIotCore', 'azureEventGrid', 'emqx', 'hivemqCloud', 'mqtt', 'shiftr'])
})
