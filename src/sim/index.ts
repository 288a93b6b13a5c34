export type { CodelOptions } from './codel.js'
export { CONTROLLERS } from './controllers.js'
export {
  type DeliveryTrace,
  meanRate,
  OPPORTUNITY,
  parseDeliveryTrace,
} from './delivery-trace.js'
export { type DescriptionContext, readDescription } from './description.js'
export { ecnField, markedCopy } from './ecn.js'
export { EventQueue, type Scheduled } from './events.js'
export * from './experiment.js'
export { DescriptionError } from './fields.js'
export type { FlowSample } from './flow.js'
export { type GilbertElliottOptions, stationaryLoss } from './loss.js'
export { describe, type PacketInfo } from './packet.js'
export { plotExperiment } from './plot.js'
export type { Aqm } from './queue.js'
export { Random } from './random.js'
export type { RedOptions } from './red.js'
export { resultAsJson } from './result-json.js'
export { Router, type RouterDrop } from './router.js'
export { type SequencePoints, SequenceWatch } from './sequence-watch.js'
export { type Distribution, distribution, jain, percentile } from './statistics.js'
export * from './topology.js'
export { type CrossTraffic, crossTraffic, TRAFFIC, type TrafficCounts } from './traffic.js'
export * from './wire.js'
export * from './world.js'
