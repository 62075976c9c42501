import { json, Refusal, splitUrl, text, type Service } from '../http/answer.js'
import type { Upgrade } from '../http/https-listener.js'
import type { Identify } from '../qrs/gate.js'
import { refuseUpgrade } from '../http/disturb-upgrade.js'
import type { Engine } from './engine.js'

/** What stands at the engine's own port: a client certificate is needed, and `X-Qlik-User`. */
export interface EngineDoor {
  /** The health check, which asks for no user. */
  readonly service: Service
  readonly upgrade: Upgrade
}

/** Makes the door of the engine's own port. */
export function createEngineDoor({ engine, identify }: { readonly engine: Engine; readonly identify: Identify }): EngineDoor {
  return {
    service({ method, url }) {
      if (method !== 'GET' || splitUrl(url).path.toLowerCase() !== '/engine/healthcheck') return text(404, 'Not found')
      return json(200, engine.healthcheck())
    },
    upgrade(request, socket, head) {
      try {
        engine.connect(request, socket, head, { user: identify(request.headers) })
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        refuseUpgrade(socket, error.status)
      }
    },
  }
}
