import type { Endpoint } from '../endpoint.js'
import { createDir, createDirQvd } from './directories.js'
import { diskSpace } from './disk-space.js'
import { live, ready } from './health.js'
import { publishMessage } from './mqtt-messages.js'
import { postMessage } from './notifications.js'
import { ping } from './ping.js'
import { dumpApp, listApps } from './sense-apps.js'
import { pingRepository } from './sense-repository.js'
import { startTask } from './sense-tasks.js'

/** Every endpoint there is: health, and those of the first Butler release under their old names. */
export const endpoints: readonly Endpoint[] = [
  live,
  ready,
  ping,
  createDir,
  createDirQvd,
  diskSpace,
  publishMessage,
  listApps,
  dumpApp,
  pingRepository,
  startTask,
  postMessage,
]
