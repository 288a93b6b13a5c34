// Written by `npm run conformance`: what each test that passes shows. Not to be edited.
// biome-ignore-all format: one test, one line
import type { ShownByFile } from './data.js'

export const SHOWN: ShownByFile = {
}
