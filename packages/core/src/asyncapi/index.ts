export { asyncapi, type AsyncApiContracts, type AsyncApiInfo, type AsyncApiResult, type AsyncApiWarning } from './asyncapi.js'
export { AsyncApiError } from './servers.js'
export type {
  AsyncApiChannel,
  AsyncApiDocument,
  AsyncApiMessage,
  AsyncApiMqttBinding,
  AsyncApiOperation,
  AsyncApiParameter,
  AsyncApiReply,
  AsyncApiServer,
  Reference,
} from './document.js'
export type { JsonSchema, ToJsonSchema } from './json-schema.js'
