import { render } from 'preact'
import './style.css'
import { App } from './app.js'
import { film, followAddress, readAddress, runPlayer, scene, t } from './store.js'
import { listenToKeys } from './timeline.js'

readAddress()
followAddress()
listenToKeys()
render(<App />, document.getElementById('app')!)
runPlayer()

/** For those who test the page, or write about it: what is shown, as data. */
Object.assign(window, {
  estab: {
    get scene() {
      return scene.value
    },
    get film() {
      return film.value
    },
    get t() {
      return t.value
    },
  },
})
