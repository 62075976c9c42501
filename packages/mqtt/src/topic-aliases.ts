/** Numbers that stand for topic names on one connection. @see MQTT 5.0, section 3.3.2.3.4 */
export interface TopicAliases {
  /** Whether the broker has been told what stands for this topic name. */
  knows(topic: string): boolean
  /** The number that stands for it from now on; 0 where the broker takes none. */
  use(topic: string): number
  /** A connection begins whose broker takes so many. */
  reset(max: number): void
}

/** When all numbers are taken, the topic name used longest ago gives up its own. */
export function createTopicAliases(): TopicAliases {
  const numbers = new Map<string, number>()
  let most = 0

  return {
    knows: (topic) => numbers.has(topic),
    use(topic) {
      if (most === 0) return 0
      const number = numbers.get(topic) ?? (numbers.size < most ? numbers.size + 1 : takeOldest())
      // In the order of use, the oldest first.
      numbers.delete(topic)
      numbers.set(topic, number)
      return number
    },
    reset(max) {
      numbers.clear()
      most = max
    },
  }

  function takeOldest(): number {
    const [oldest] = numbers
    if (oldest === undefined) return 0
    numbers.delete(oldest[0])
    return oldest[1]
  }
}
