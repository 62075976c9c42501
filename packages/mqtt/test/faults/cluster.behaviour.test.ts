import { expect, it } from 'vitest'
import { hasNats } from '../brokers/nats.js'
import { runCluster } from './cluster.js'

it('loses nothing while a server of a NATS cluster is killed and started again', { timeout: 120_000 }, async ({ skip }) => {
  skip(!hasNats, 'nats-server is not installed')
  const { sent, lost, members } = await runCluster({ kills: 1 })
  expect({ sent, lost }).toEqual({ sent: 150, lost: 0 })
  expect(members.map(({ handled }) => handled)).toEqual([150, 150])
})
