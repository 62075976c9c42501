import { ownSchema } from '../own-schema.js'
import type { Schema } from '../schema.js'
import { topic, type TopicOf } from '../topic/topic.js'
import type { StatusMessages } from '../transport/transport.js'

/** What a butler says of itself, retained, so that whoever subscribes later knows. */
export interface ButlerStatus {
  /** `online` after every connect, `draining` while it finishes what is in work, `offline` after that or when it is lost (the will). */
  readonly state: 'online' | 'draining' | 'offline'
  /** The butler's name. */
  readonly name: string
}

/** A contract that {@link ButlerStatus} can be published on. */
export type StatusTopic = TopicOf<{
  params: { readonly name: string }
  input: ButlerStatus
  payload: ButlerStatus
  replyInput: void
  reply: void
  errors: {}
}>

const states = ['online', 'draining', 'offline'] as const satisfies ButlerStatus['state'][]

const statusSchema: Schema<ButlerStatus> = ownSchema(
  { type: 'object', required: ['state', 'name'], properties: { state: { enum: states }, name: { type: 'string' } } },
  (value) => {
    const { state, name } = (typeof value === 'object' && value !== null ? value : {}) as Partial<ButlerStatus>
    if (state === undefined || !states.includes(state)) return { message: 'must be online, draining or offline', path: ['state'] }
    return typeof name === 'string' ? undefined : { message: 'must be the name of a butler', path: ['name'] }
  },
)

/** The status contract to use unless you have a topic of your own: retained, `butler/<name>/status`. */
export const butlerStatus: StatusTopic = topic('butler/+name/status', {
  payload: statusSchema,
  retain: true,
  qos: 1,
  summary: 'Whether a butler is online',
})

/** The messages a transport publishes for the butler. */
export function statusMessages(contract: StatusTopic, name: string): StatusMessages {
  const say = (state: ButlerStatus['state']) => contract.codec.encode({ state, name })
  return { topic: contract.build({ name }), online: say('online'), draining: say('draining'), offline: say('offline') }
}
