/** estab: a complete TCP/IP stack that can be watched while it works. */

export { memoryPair } from './links/memory.js'
export { realtime } from './links/realtime.js'
export * from './stack/index.js'
export { IpAddress, parseCidr } from './wire/address.js'
