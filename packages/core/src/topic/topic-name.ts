/** The longest topic name or topic filter, in bytes of UTF-8: MQTT 5.0, 4.7.3, [MQTT-4.7.3-3]. */
export const maxTopicBytes = 65_535

/**
 * Whether a message can be published to `value`: 1 to 65,535 bytes of UTF-8, no `+`, no `#`, no NUL, no surrogate without its other half.
 * Empty levels, spaces and a leading `$` are all legal.
 *
 * @see MQTT 5.0, 4.7.1 and 4.7.3; 1.5.4 for the text
 */
export function isTopicName(value: unknown): value is string {
  return typeof value === 'string' && isTopicText(value) && !value.includes('+') && !value.includes('#')
}

/** What topic names and topic filters have in common: their length and their characters, wildcards aside. */
export function isTopicText(text: string): boolean {
  return text.length > 0 && fitsTopic(text) && !text.includes('\0') && (text as string & WellFormable).isWellFormed()
}

function fitsTopic(text: string): boolean {
  // One UTF-16 unit is three bytes at most, so nearly every text is known to fit without counting.
  return text.length * 3 <= maxTopicBytes || (text.length <= maxTopicBytes && Buffer.byteLength(text) <= maxTopicBytes)
}

/** Node 20 has it, TypeScript's ES2023 does not. It finds surrogates without their other half: [MQTT-1.5.4-1]. */
interface WellFormable {
  isWellFormed(): boolean
}
