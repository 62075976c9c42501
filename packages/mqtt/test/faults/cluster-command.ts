// `pnpm --filter @butlerkit/mqtt cluster [replicas] [bare]`: two butlers and a sender at a cluster of three NATS servers, each of which is killed
// and started again while messages are sent. Prints what each butler has handled, and fails when anything is lost.
//
// With one copy of the sessions, the default here, nothing is lost: what they hold waits until their server is back. With three, NATS 2.9 now and
// then loses messages when one server takes over from another, also from bare mqtt.js clients in place of the butlers (`cluster 3 bare`).
// https://github.com/nats-io/nats-server/pull/6469 mends that in a later version.
import { runCluster } from './cluster.js'

const [replicas = '1', bare] = process.argv.slice(2)
const print = (what: string, figures: unknown) => console.log(what, JSON.stringify(figures))
const { lost } = await runCluster({ replicas: Number(replicas), members: bare === 'bare' ? 'mqtt.js' : 'butlers', print })
process.exitCode = lost > 0 ? 1 : 0
