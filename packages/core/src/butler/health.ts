import type { Transport, TransportHealth } from '../transport/transport.js'

/** How one component is, since when and why. */
export interface ComponentHealth {
  readonly state: TransportHealth['state']
  readonly ready: boolean
  readonly since: Date
  readonly reason?: string
}

/** How a butler is. */
export interface ButlerHealth {
  /** `idle` before `start`. */
  readonly state: 'idle' | 'starting' | 'running' | 'stopping' | 'stopped'
  /** Running, and every component ready: messages flow. */
  readonly ready: boolean
  /** How many routes there are now. */
  readonly routes: number
  /** By transport name. */
  readonly components: Readonly<Record<string, ComponentHealth>>
}

export function butlerHealth(state: ButlerHealth['state'], routes: number, transports: readonly Transport[]): ButlerHealth {
  const components = Object.fromEntries(transports.map((transport) => [transport.name, componentHealth(transport.health())]))
  return { state, ready: state === 'running' && Object.values(components).every(({ ready }) => ready), routes, components }
}

function componentHealth(health: TransportHealth): ComponentHealth {
  return { ...health, ready: health.state === 'connected' }
}
