export type { CodelOptions } from './codel.js'
export {
  type DeliveryTrace,
  meanRate,
  OPPORTUNITY,
  parseDeliveryTrace,
} from './delivery-trace.js'
export { ecnField, markedCopy } from './ecn.js'
export { EventQueue, type Scheduled } from './events.js'
export { type GilbertElliottOptions, stationaryLoss } from './loss.js'
export { describe, type PacketInfo } from './packet.js'
export type { Aqm } from './queue.js'
export { Random } from './random.js'
export type { RedOptions } from './red.js'
export * from './wire.js'
export * from './world.js'
