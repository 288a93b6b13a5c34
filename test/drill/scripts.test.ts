import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { drill, ipModesOf, parseScript } from '../../src/drill/index.js'

// Our own packetdrill scripts, each in every IP version it can run in: `estab drill --ip all test/drill`.

const root = fileURLToPath(new URL('../../../test/drill/', import.meta.url))
const scripts = readdirSync(root, { recursive: true })
  .map(String)
  .filter(name => name.endsWith('.pkt'))
  .sort()

describe('scripts of test/drill', () => {
  for (const name of scripts)
    it(`test/drill/${name.split(path.sep).join('/')}`, () => {
      const script = parseScript(name, readFileSync(path.join(root, name), 'utf8'))
      for (const ip of ipModesOf(script)) {
        const { verdict, line, message, trace } = drill(name, script, { ip })
        assert.equal(verdict, 'pass', `${name}:${line} (${ip}): ${message}\n${trace.join('\n')}`)
      }
    })
})
