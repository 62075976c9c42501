import type { TopicParams } from './pattern.js'
import { topic, type Topic } from './topic.js'

/** A contract below a prefix: its pattern, and the prefix's wildcards among its parameters. */
export type Relocated<Prefix extends string, Contract> =
  Contract extends Topic<infer P, infer T>
    ? Topic<
        `${Prefix}/${P}`,
        {
          params: {
            readonly [K in keyof TopicParams<Prefix> | keyof T['params']]: K extends keyof T['params']
              ? T['params'][K]
              : K extends keyof TopicParams<Prefix>
                ? TopicParams<Prefix>[K]
                : never
          }
          input: T['input']
          payload: T['payload']
          replyInput: T['replyInput']
          reply: T['reply']
          errors: T['errors']
        }
      >
    : never

/**
 * Moves contracts below a topic prefix, for publishing to what was mounted there.
 *
 * @param prefix - may have wildcards of its own: `tenant/+tenant`
 * @throws `TopicError` `TOPIC_INVALID` for a prefix that makes a pattern MQTT does not allow
 */
export function relocate<const Prefix extends string, Contracts extends Readonly<Record<string, Topic>>>(
  prefix: Prefix,
  contracts: Contracts,
): { readonly [K in keyof Contracts]: Relocated<Prefix, Contracts[K]> } {
  const moved = Object.entries(contracts).map(([name, contract]) => [name, relocateTopic(prefix, contract)])
  return Object.fromEntries(moved)
}

/** One contract below a prefix, its types forgotten. */
export function relocateTopic(prefix: string, contract: Topic): Topic {
  return topic(`${prefix}/${contract.pattern}`, contract.definition) as Topic
}
