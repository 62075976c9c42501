import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { simulateSense, type SimulatedSense } from '@butlerkit/sense-simulator'

/** A simulated Qlik Sense site with the tasks of the tour, its scheduler logging to this UDP port. */
export function startSite(eventsPort: number): Promise<SimulatedSense> {
  return simulateSense({
    seed: {
      apps: [{ name: 'Sales', stream: 'Everyone' }, { name: 'Stock', stream: 'Everyone' }, { name: 'Payroll' }],
      reloadTasks: [
        { name: 'Reload Sales', app: 'Sales', tags: ['butler'], runs: [['queued', '1s', 'started', '2s', 'success']] },
        {
          name: 'Reload Stock',
          app: 'Stock',
          tags: ['butler'],
          runs: [['started', '1s', 'failed']],
          scriptLog: ['LOAD sku, quantity', 'FROM [lib://Stock/stock.qvd] (qvd)', 'Error: Cannot open file', 'Execution Failed'],
        },
        { name: 'Reload Payroll', app: 'Payroll' },
      ],
    },
    logAppender: { tasks: { host: '127.0.0.1', port: eventsPort } },
  })
}

/** A UDP port that is free at this moment. */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  await new Promise<void>((resolve) => socket.close(() => resolve()))
  return port
}
