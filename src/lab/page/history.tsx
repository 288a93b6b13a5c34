import type { Action } from '../scene/scene.js'
import { instant } from './format.js'
import { hostName } from './host-name.js'
import { w } from './settings.js'
import { branches, film, goTo, open, scene, t } from './store.js'

/** What was done, in words. */
export function actionText(action: Action): string {
  if (action.kind === 'line') return w('act_line')
  const who = hostName(film.value.hosts[action.side] ?? '')
  if (action.kind === 'call')
    return w(
      'act_call',
      who,
      `${w(`call_${action.call}`)}${action.bytes === undefined ? '' : ` ${action.bytes}`}`,
    )
  if (action.kind === 'forge') return w('act_forge', who)
  return w(`act_fate_${action.fate.what}`, who, action.nth + 1)
}

/** The histories of this scene: each has its own list of actions, and can be returned to. */
export function HistoryPanel() {
  const all = branches.value.length > 0 ? branches.value : [{ scene: scene.value, t: t.value }]
  return (
    <div class="histories">
      <p class="quiet">{w('historyHelp')}</p>
      <ol>
        {all.map((branch, i) => {
          const isShown = branch.scene === scene.value
          return (
            <li key={i}>
              <button type="button" aria-current={isShown} onClick={() => goTo(branch)}>
                <b>{w('branch', i + 1)}</b>
                {isShown && <em>{w('current')}</em>}
              </button>
              {branch.scene.actions.length === 0 ? (
                <span class="quiet">{w('asItGoes')}</span>
              ) : (
                <ul>
                  {branch.scene.actions.map((action, j) => (
                    <li key={j}>
                      <time>{instant(action.at)}</time> {actionText(action)}
                    </li>
                  ))}
                </ul>
              )}
            </li>
          )
        })}
      </ol>
      <button
        type="button"
        disabled={scene.value.actions.length === 0}
        onClick={() => {
          const last = scene.value.actions[scene.value.actions.length - 1]!
          open({ ...scene.value, actions: scene.value.actions.slice(0, -1) }, last.at)
        }}
      >
        {w('undo')}
      </button>
    </div>
  )
}
