export {
  type MemoryCounters,
  MemoryLink,
  type MemoryPairOptions,
  memoryPair,
} from './memory.js'
export { type RealtimeHost, type RealtimeOptions, realtime } from './realtime.js'
