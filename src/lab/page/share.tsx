import { signal } from '@preact/signals'
import { ladderSvg, saveAs, segmentsJson, toPcapng } from './keep.js'
import { w } from './settings.js'
import { film, layout, link, scene, t } from './store.js'

const copied = signal(false)

export function SharePanel() {
  const name = () => `estab-${scene.value.story}`
  const href = new URL(link(), location.href).href
  return (
    <div class="share">
      <h3>{w('copyLink')}</h3>
      <p class="quiet">{w('linkHelp')}</p>
      <p class="link">
        <input
          readOnly
          value={href}
          aria-label={w('copyLink')}
          onFocus={event => event.currentTarget.select()}
        />
        <button
          type="button"
          onClick={async () => {
            await navigator.clipboard?.writeText(href).catch(() => undefined)
            copied.value = true
            setTimeout(() => {
              copied.value = false
            }, 1500)
          }}
        >
          {copied.value ? w('copied') : w('copyLink')}
        </button>
      </p>
      <h3>{w('export')}</h3>
      <p class="exports">
        <button
          type="button"
          data-export="pcapng"
          onClick={() =>
            saveAs(`${name()}.pcapng`, 'application/vnd.tcpdump.pcap', toPcapng(film.value, t.value))
          }
        >
          {w('exportPcap')}
        </button>
        <button
          type="button"
          data-export="svg"
          onClick={() =>
            saveAs(`${name()}.svg`, 'image/svg+xml', ladderSvg(film.value, layout.value, t.value))
          }
        >
          {w('exportSvg')}
        </button>
        <button
          type="button"
          data-export="json"
          onClick={() => saveAs(`${name()}.json`, 'application/json', segmentsJson(film.value, t.value))}
        >
          {w('exportJson')}
        </button>
      </p>
    </div>
  )
}
