// Mounting
export { butlerApi, type ButlerApiOptions } from './butler-api.js'

// What it needs
export type { ApiServices, AppDump, ButlerServices, SenseServices } from './services.js'

// Endpoints as data, for other frameworks
export { endpoints } from './endpoints/index.js'
export type { Endpoint, EndpointCall } from './endpoint.js'

// Errors
export { ApiError, type ApiErrorCode, type ApiErrorOptions } from './errors.js'
export { toProblem, type Problem } from './problem.js'
