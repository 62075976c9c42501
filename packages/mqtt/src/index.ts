// The transport
export { mqtt } from './mqtt-transport.js'
export type { MqttOptions, MqttOutboxOptions, MqttReconnectOptions, MqttTlsOptions, Pem } from './options.js'

// Errors
export { MqttError, type MqttErrorCode, type MqttErrorFacts, type RefusedFilter } from './errors.js'
