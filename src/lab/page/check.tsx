import type { Signal } from '@preact/signals'

/** Something that is so, or not. */
export const Check = ({ is, word }: { is: Signal<boolean>; word: string }) => (
  <label>
    <input
      type="checkbox"
      checked={is.value}
      onChange={event => {
        is.value = event.currentTarget.checked
      }}
    />{' '}
    {word}
  </label>
)
