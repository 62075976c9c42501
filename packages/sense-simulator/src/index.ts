// The site
export { simulateSense } from './site.js'
export type { SiteSnapshot } from './services.js'
export type { SessionOptions, SimulatedSense, SimulateSenseOptions } from './simulated-sense.js'
export type { Fetch } from './http/in-process-fetch.js'
export type { ShownCertificate, SiteCertificates } from './site-certificates.js'
export type { RecordedRequest, RequestJournal } from './request-journal.js'
export type { RequestMatcher } from './request-matcher.js'
export type { AnswerFault, EngineFault, Fault, Faults, FaultSchedule, NotificationFault, RequestFault } from './faults.js'
export type { UdpTarget } from './appender/log-appender.js'
export type { Lag } from './scheduler/scheduler.js'

// What is on it
export { parseSite } from './site-schema.js'
export type {
  AppSeed,
  CustomPropertySeed,
  ExternalProgramTaskSeed,
  Labels,
  ReloadTaskSeed,
  SiteSeed,
  StreamSeed,
  TaskSeed,
  TriggerSeed,
  UserSeed,
  UserSyncTaskSeed,
} from './site-seed.js'
export type { VirtualProxySeed } from './proxy/virtual-proxy.js'
export type { RunEvent, RunStep } from './scheduler/run-script.js'
export type {
  AppContentSeed,
  BookmarkSeed,
  ConnectionSeed,
  DimensionSeed,
  MeasureSeed,
  ObjectSeed,
  SheetSeed,
  TableSeed,
  TitledSeed,
  VariableSeed,
} from './engine/app-seed.js'

// A tenant of Qlik Cloud
export { simulateCloud } from './cloud/cloud.js'
export type { SimulateCloudOptions, SimulatedCloud } from './cloud/simulated-cloud.js'
export type { CloudAppSeed, CloudReloadEvent, CloudReloadStep, CloudSeed, CloudWebhookSeed } from './cloud/cloud-seed.js'
export type { CloudReloadRecord } from './cloud/reloads.js'

// Certificates for tests
export {
  createCertificateAuthority,
  type CertificateAuthority,
  type CertificateAuthorityOptions,
  type IssuedCertificate,
  type IssueOptions,
} from './certificates.js'

// Errors
export { SimulatorError, type SimulatorErrorCode } from './errors.js'
