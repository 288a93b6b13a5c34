import { computed, signal } from '@preact/signals'
import type { Side } from '../scene/scene.js'
import { hostName } from './host-name.js'
import { Plot } from './plot.js'
import { w } from './settings.js'
import { film, seek, t } from './store.js'

const from = signal<Side>(0)

/** Stevens' time–sequence graph of what a host sent, and what came back. */
const sequence = computed(() => {
  const { events, hosts } = film.value
  const points: [number, number | null, number | null, number | null][] = []
  for (const event of events) {
    if (event.kind !== 'segment') continue
    if (event.from === hosts[from.value] && event.len > 0)
      points.push([
        event.t / 1000,
        event.fate === 'lost' ? null : event.seq + event.len,
        null,
        event.fate === 'lost' ? event.seq + event.len : null,
      ])
    else if (event.from !== hosts[from.value] && event.arrives !== undefined && event.flags.includes('ACK'))
      points.push([event.arrives / 1000, null, event.ack, null])
  }
  points.sort((a, b) => a[0] - b[0])
  return [points.map(p => p[0]), points.map(p => p[1]), points.map(p => p[2]), points.map(p => p[3])] as const
})

/** What the sender knew, at each moment. */
const known = computed(() => {
  const times: number[] = []
  const cwnd: number[] = []
  const ssthresh: (number | null)[] = []
  const flight: number[] = []
  const srtt: (number | null)[] = []
  const rto: number[] = []
  const rate: number[] = []
  const acknowledged: number[] = []
  let back = 0
  for (const { t: at, hosts } of film.value.moments) {
    const c = hosts[from.value]?.connection
    if (!c) continue
    times.push(at / 1000)
    cwnd.push(c.cwnd)
    ssthresh.push(Number.isFinite(c.ssthresh) ? c.ssthresh : null)
    flight.push(c.flight)
    srtt.push(c.srtt < 0 ? null : c.srtt)
    rto.push(c.rto)
    acknowledged.push(c.acknowledged)
    // Over the last 200 ms, or a tenth of what is shown.
    while (back < times.length - 1 && times[back]! < at / 1000 - 0.2) back++
    const span = Math.max(0.05, at / 1000 - times[back]!)
    rate.push(Math.max(0, (c.acknowledged - acknowledged[back]!) * 8) / span)
  }
  return { times, cwnd, ssthresh, flight, srtt, rto, rate }
})

export default function PlotsPanel() {
  const { hosts } = film.value
  const [times, sent, acked, lost] = sequence.value
  const k = known.value
  const common = { now: t.value / 1000, onSeek: (seconds: number) => seek(seconds * 1000) }
  return (
    <div class="plots">
      {hosts.length > 1 && (
        <fieldset class="segmented">
          <legend class="sr">{w('sending')}</legend>
          {hosts.map((host, i) => (
            <button
              key={host}
              type="button"
              aria-pressed={from.value === i}
              onClick={() => {
                from.value = i as Side
              }}
            >
              {hostName(host!)}
            </button>
          ))}
        </fieldset>
      )}
      {k.times.length < 2 ? (
        <p class="quiet">{w('plotEmpty')}</p>
      ) : (
        <div class="grid">
          <Plot
            title={w('plotSequence')}
            unit={w('bytes')}
            times={times}
            series={[
              { label: w('kind_flight'), colour: '--host-0', values: sent, draw: 'dots' },
              { label: w('kind_acked'), colour: '--host-1', values: acked, draw: 'steps' },
              { label: w('lost'), colour: '--bad', values: lost, draw: 'dots' },
            ]}
            {...common}
          />
          <Plot
            title={w('plotCwnd')}
            unit={w('bytes')}
            times={k.times}
            series={[
              { label: 'cwnd', colour: '--host-0', values: k.cwnd, draw: 'steps' },
              { label: 'ssthresh', colour: '--host-1', values: k.ssthresh, draw: 'steps', dash: [4, 3] },
              { label: 'flight', colour: '--quiet', values: k.flight, draw: 'steps' },
            ]}
            {...common}
          />
          <Plot
            title={w('plotRtt')}
            unit="ms"
            times={k.times}
            series={[
              { label: 'SRTT', colour: '--host-0', values: k.srtt },
              { label: 'RTO', colour: '--host-1', values: k.rto, draw: 'steps', dash: [4, 3] },
            ]}
            {...common}
          />
          <Plot
            title={w('plotThroughput')}
            unit="bit/s"
            times={k.times}
            series={[{ label: w('kind_acked'), colour: '--host-0', values: k.rate }]}
            {...common}
          />
        </div>
      )}
    </div>
  )
}
