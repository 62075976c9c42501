import type { MqttOptions, MqttTlsOptions } from './options.js'

/** What every preset takes besides its own: everything but the URL. */
export type PresetOptions = Omit<MqttOptions, 'url'>

/** TLS with a client certificate, and its key. */
export type ClientCertificate = MqttTlsOptions & Required<Pick<MqttTlsOptions, 'cert' | 'key'>>

/**
 * Azure Event Grid, the MQTT broker of a namespace: MQTT 5 over TLS, a client certificate, QoS 0 and 1. `username` is the client's
 * authentication name, `clientId` the session's; a kept session lasts 8 hours at most, the keepalive 1,160 seconds.
 *
 * @param hostname - `<namespace>.<region>-1.ts.eventgrid.azure.net`
 * @see https://learn.microsoft.com/azure/event-grid/mqtt-support
 */
export function azureEventGrid({
  hostname,
  ...rest
}: PresetOptions & {
  readonly hostname: string
  readonly username: string
  readonly clientId: string
  readonly tls: ClientCertificate
}): MqttOptions {
  return {
    protocol: '5',
    ...rest,
    url: `mqtts://${hostname}:8883`,
    ...(rest.durable && { sessionExpirySeconds: Math.min(rest.sessionExpirySeconds ?? eightHours, eightHours) }),
  }
}

/**
 * AWS IoT Core: MQTT 5 over TLS, a client certificate, QoS 0 and 1. Eight filters in one SUBSCRIBE, topics of eight levels at most, a
 * keepalive of 30 to 1,200 seconds; a kept session lasts 7 days at most.
 *
 * @param endpoint - `<account>-ats.iot.<region>.amazonaws.com`
 * @see https://docs.aws.amazon.com/iot/latest/developerguide/mqtt.html, https://docs.aws.amazon.com/general/latest/gr/iot-core.html
 */
export function awsIotCore({
  endpoint,
  ...rest
}: PresetOptions & { readonly endpoint: string; readonly clientId: string; readonly tls: ClientCertificate }): MqttOptions {
  return {
    protocol: '5',
    keepaliveSeconds: 30,
    ...rest,
    url: `mqtts://${endpoint}:8883`,
    subscription: { maxFilters: 8, ...rest.subscription },
    ...(rest.durable && { sessionExpirySeconds: Math.min(rest.sessionExpirySeconds ?? sevenDays, sevenDays) }),
  }
}

/**
 * HiveMQ Cloud: MQTT 5 over TLS, user name and password.
 *
 * @param host - `<cluster>.s1.<region>.hivemq.cloud`
 * @see https://docs.hivemq.com/hivemq-cloud/
 */
export function hivemqCloud({
  host,
  ...rest
}: PresetOptions & { readonly host: string; readonly username: string; readonly password: string }): MqttOptions {
  return { protocol: '5', ...rest, url: `mqtts://${host}:8883` }
}

/**
 * EMQX, on a server of your own or EMQX Cloud: MQTT 5, groups on every node of a cluster.
 *
 * @param tls - `false` for a broker that listens without TLS, on port 1883. @defaultValue TLS on port 8883
 * @see https://docs.emqx.com/en/emqx/latest/
 */
export function emqx({
  host,
  tls,
  ...rest
}: Omit<PresetOptions, 'tls'> & { readonly host: string; readonly tls?: MqttTlsOptions | false }): MqttOptions {
  const address = tls === false ? `mqtt://${host}:1883` : `mqtts://${host}:8883`
  return { protocol: '5', ...rest, url: address, ...(tls && { tls }) }
}

/**
 * shiftr.io: MQTT 3.1.1 over TLS; a token's key and secret are user name and password.
 *
 * @param instance - the first part of `<instance>.cloud.shiftr.io`
 * @see https://www.shiftr.io/docs/
 */
export function shiftr({
  instance,
  key,
  secret,
  ...rest
}: PresetOptions & { readonly instance: string; readonly key: string; readonly secret: string }): MqttOptions {
  return { protocol: '3.1.1', ...rest, url: `mqtts://${instance}.cloud.shiftr.io:8883`, username: key, password: secret }
}

const eightHours = 28_800
const sevenDays = 604_800
