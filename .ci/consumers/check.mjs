// Installs the tarballs into fresh projects (ESM, CJS, TypeScript with two module resolutions) and runs one program, main.ts, in each.
// Usage: node check.mjs TARBALLS EMPTY_FOLDER
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const source = readFileSync(join(dirname(fileURLToPath(import.meta.url)), 'main.ts'), 'utf8')
const [tarballs, folder] = process.argv.slice(2).map((path) => resolve(path))
const packages = readdirSync(tarballs).map((name) => join(tarballs, name))

const projects = [
  {
    name: 'esm',
    file: 'main.mjs',
    program: toJavaScript(ts.ModuleKind.ESNext),
    commands: [
      ['node', 'main.mjs'],
      ['npx', 'sense-simulator', '--help'],
    ],
  },
  { name: 'cjs', file: 'main.cjs', program: toJavaScript(ts.ModuleKind.CommonJS), commands: [['node', 'main.cjs']] },
  {
    name: 'typescript',
    file: 'main.ts',
    program: source,
    packages: ['typescript@5.9.3', '@types/node@20', '@types/express@5'],
    commands: [
      [
        'npx',
        'tsc',
        ...'--module esnext --moduleResolution bundler --target es2022 --lib es2023,esnext.disposable --strict --noEmit main.ts'.split(' '),
      ],
      ['npx', 'tsc', ...'--module nodenext --target es2022 --lib es2023,esnext.disposable --strict --outDir out main.ts'.split(' ')],
      ['node', 'out/main.js'],
    ],
  },
]

for (const { name, file, program, packages: more = [], commands } of projects) {
  const project = join(folder, name)
  mkdirSync(project, { recursive: true })
  writeFileSync(join(project, file), program)
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name, private: true, type: name === 'cjs' ? 'commonjs' : 'module' }))
  const run = (command, ...args) => execFileSync(command, args, { cwd: project, stdio: 'inherit' })
  run('npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error', 'express@5', 'zod@4', ...packages, ...more)
  for (const command of commands) run(...command)
  console.log(`${name}: good`)
}

function toJavaScript(module) {
  return ts.transpileModule(source, { compilerOptions: { module, target: ts.ScriptTarget.ES2022, esModuleInterop: true } }).outputText
}
