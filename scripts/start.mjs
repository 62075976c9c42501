// `npm start`: installs what is missing, then runs the example Butler in the foreground.
import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

// pnpm installs by itself before it runs anything, where something is missing (verifyDepsBeforeRun).
const pnpm = fileURLToPath(new URL('pnpm.mjs', import.meta.url))
const installed = spawnSync(process.execPath, [pnpm, 'exec', 'node', '-e', '0'], { stdio: 'inherit' })
if (installed.status !== 0) process.exit(installed.status ?? 1)

const cwd = fileURLToPath(new URL('../examples/butler', import.meta.url))
const example = spawn(process.execPath, ['--import', 'tsx', '--conditions=source', 'src/main.ts'], { cwd, stdio: 'inherit' })
// The example drains; this process, and npm above it, wait for it.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => example.kill(signal))
example.on('close', (code) => process.exit(code ?? 1))
