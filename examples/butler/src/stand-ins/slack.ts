import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { nextMatching } from '../other-side.js'

interface SlackBlock {
  readonly text?: { readonly text: string }
  readonly fields?: readonly { readonly text: string }[]
}

/**
 * Stands in for Slack's incoming webhooks on a free port of this machine.
 *
 * @param show - gets every text of a message, block after block
 */
export async function startSlack(show: (message: string) => void) {
  const posts = new EventEmitter()
  const server = createServer((request, response) => void take(request).then(() => response.end('ok')))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/T0/B0/stand-in`,
    /** The next message that matches, within 20 s. Listens from the moment it is called. */
    next: (pattern: RegExp): Promise<string> => nextMatching(posts, 'posted', pattern),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }

  async function take(request: IncomingMessage): Promise<void> {
    const { blocks } = JSON.parse(await text(request)) as { blocks: readonly SlackBlock[] }
    const texts = blocks.flatMap(({ text: main, fields = [] }) => [main, ...fields].map((part) => part?.text ?? ''))
    const message = texts.filter(Boolean).join('\n')
    show(message)
    posts.emit('posted', message)
  }
}
