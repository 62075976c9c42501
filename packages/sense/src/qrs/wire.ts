// QRS's JSON as it is on the wire, by resource: for those who talk to QRS directly, as the simulator does.

export type * from './wire/about.js'
export type * from './wire/apps.js'
export type * from './wire/custom-properties.js'
export type * from './wire/entity.js'
export type * from './wire/execution-results.js'
export type * from './wire/execution-sessions.js'
export type * from './wire/streams.js'
export type * from './wire/tags.js'
export type * from './wire/tasks.js'
export type * from './wire/triggers.js'
export type * from './wire/users.js'
