import { z } from 'zod'

/** Text that is not an event we know: kept whole, so that nothing is lost silently. */
export interface UnparsedEvent {
  readonly kind: 'unparsed'
  /** What was looked for and not found. */
  readonly reason: string
  /** The text as it came. */
  readonly raw: string
}

/** Payload of {@link unparsedEvent} messages. */
export const unparsedEventSchema: z.ZodType<UnparsedEvent, UnparsedEvent> = z.object({
  kind: z.literal('unparsed'),
  reason: z.string(),
  raw: z.string(),
})

/** Says why a text is not an event. */
export function unparsed(raw: string, reason: string): UnparsedEvent {
  return { kind: 'unparsed', reason, raw }
}

/** An appender's type as we compare it: Butler's shipped XML writes `/scheduler-task-success//`, and case was never looked at. */
export function normalizeType(type: string): string {
  return type.trim().toLowerCase().replace(/\/+/g, '/')
}
