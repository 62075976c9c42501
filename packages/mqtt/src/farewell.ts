import type { Link } from './link.js'

/**
 * Waits for what the broker is still to answer, but not for ever, and not when the connection is lost: what was sent is then never
 * answered.
 *
 * @throws what `work` failed with in time
 */
export async function withinTime(link: Link | undefined, timeoutMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  let gone = () => {}
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs)
    gone = resolve
    link?.client.once('close', gone)
  })
  try {
    await Promise.race([work, over])
  } finally {
    clearTimeout(timer)
    link?.client.off('close', gone)
  }
}
