// Runs this workspace's pinned pnpm through npx, so that a machine needs only Node and npm.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Butlerkit needs Node 20.19 or newer; this is Node ${process.versions.node}.`)
  process.exit(1)
}

const { packageManager } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const windows = process.platform === 'win32'
const pnpm = packageManager.split('+')[0]
// --prefer-offline: without a network, npx would otherwise wait 75 s for a look-up it does not need.
const result = spawnSync(windows ? 'npx.cmd' : 'npx', ['--yes', '--prefer-offline', pnpm, ...process.argv.slice(2)], {
  stdio: 'inherit',
  shell: windows,
})
if (result.error) throw result.error
process.exit(result.status ?? 1)
