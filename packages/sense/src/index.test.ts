import { expect, it } from 'vitest'
import * as cloud from './cloud/index.js'
import * as events from './events/index.js'
import * as sense from './index.js'

it('exports what it says, and nothing else', () => {
  expect(Object.keys(sense).toSorted()).toEqual([
    'AbortReason',
    'AppAvailabilityStatus',
    'DaylightSavingTime',
    'EngineError',
    'ExecutionResultDetailType',
    'FilterError',
    'NodeType',
    'QrsError',
    'ScheduleIncrement',
    'SenseError',
    'TaskError',
    'TaskExecutionStatus',
    'TaskType',
    'certificate',
    'createSense',
    'header',
    'jwt',
    'q',
    'session',
    'ticket',
  ])
  expect(Object.keys(cloud).toSorted()).toEqual([
    'CloudError',
    'SenseError',
    'TaskError',
    'WebhookError',
    'apiKey',
    'createCloud',
    'oauth',
    'verifyWebhook',
  ])
  expect(Object.keys(events).toSorted()).toEqual([
    'SenseEventsError',
    'parseTaskEvent',
    'parseUserEvent',
    'senseEvents',
    'taskAborted',
    'taskDistributed',
    'taskFailed',
    'taskSucceeded',
    'unparsedEvent',
    'userConnectionClosed',
    'userConnectionOpened',
    'userSessionStarted',
    'userSessionStopped',
  ])
})
