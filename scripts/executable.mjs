// npm links `bin` files with their mode; tsc writes them without the executable bit.
import { chmodSync } from 'node:fs'

chmodSync(new URL('../dist/src/cli/main.js', import.meta.url), 0o755)
