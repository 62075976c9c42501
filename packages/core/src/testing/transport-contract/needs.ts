import type { TransportStage } from './stage.js'

/** What a test needs, and why it is skipped where it is not there. */
const needs = {
  publish: [({ capabilities }) => capabilities.publish, 'it only receives'],
  qos1: [({ capabilities }) => capabilities.publish && capabilities.qos >= 1, 'it has no QoS 1'],
  qos2: [({ capabilities }) => capabilities.publish && capabilities.qos === 2, 'it has no QoS 2'],
  retain: [({ capabilities }) => capabilities.publish && capabilities.retain, 'it keeps no retained messages'],
  reply: [({ capabilities }) => capabilities.publish && capabilities.reply, 'it carries no response topic'],
  noReply: [({ capabilities }) => capabilities.publish && !capabilities.reply, 'it carries a response topic'],
  userProperties: [({ capabilities }) => capabilities.publish && capabilities.userProperties, 'it carries no user properties'],
  noUserProperties: [({ capabilities }) => capabilities.publish && !capabilities.userProperties, 'it carries user properties'],
  ackControl: [({ capabilities }) => capabilities.publish && capabilities.ackControl, 'it cannot hold acknowledgements'],
  subscriptionIdentifiers: [
    ({ capabilities }) => capabilities.publish && capabilities.subscriptionIdentifiers === true,
    'its messages do not tell by which subscriptions they came',
  ],
  sharedSubscriptions: [
    ({ capabilities }) => capabilities.publish && capabilities.sharedSubscriptions === true,
    'it has no shared subscriptions',
  ],
  disconnect: [({ canDisconnect }) => canDisconnect, 'its bench cannot break a connection'],
} as const satisfies Record<string, readonly [met: (stage: TransportStage) => boolean, reason: string]>

/** The first need that is not met, as a reason. */
export function need(...names: readonly (keyof typeof needs)[]): (stage: TransportStage) => string | undefined {
  return (stage) => names.map((name) => needs[name]).find(([met]) => !met(stage))?.[1]
}
