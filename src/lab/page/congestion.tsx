import { w } from './settings.js'

export default function Page() {
  return <p class="quiet">{w('loading')}</p>
}
