import { MqttError } from './errors.js'

/** @throws {@link MqttError} `MQTT_OPTIONS` naming the option, never its value, as that may be secret */
export function check(holds: boolean, field: string, demand: string): asserts holds {
  if (!holds) throw new MqttError('MQTT_OPTIONS', `${field}: ${demand}`)
}
