// The transport
export { mqtt } from './mqtt-transport.js'
export type {
  MqttInboxOptions,
  MqttOptions,
  MqttOutboxOptions,
  MqttOutboxStore,
  MqttReconnectOptions,
  MqttSubscriptionOptions,
  MqttTlsOptions,
  Pem,
} from './options.js'

// Errors
export { MqttError, type MqttErrorCode, type MqttErrorFacts, type RefusedFilter } from './errors.js'

// Presets
export { awsIotCore, azureEventGrid, emqx, hivemqCloud, shiftr, type ClientCertificate, type PresetOptions } from './presets.js'
