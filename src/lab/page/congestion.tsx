import { useLayoutEffect } from 'preact/hooks'
import './congestion/congestion.css'
import { Controls } from './congestion/controls.js'
import { Results } from './congestion/results.js'
import { followAddress } from './congestion/state.js'

/** Flows that share a bottleneck: what there is on the left, what comes of it on the right. */
export default function CongestionPage() {
  // Before anything is painted, so that what the address does not say is not seen.
  useLayoutEffect(followAddress, [])
  return (
    <>
      <Controls />
      <Results />
    </>
  )
}
