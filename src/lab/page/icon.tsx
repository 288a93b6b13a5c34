/** The signs on the buttons of the time line, drawn here: fonts differ too much in theirs. */
const PATHS = {
  play: 'M7 4.5v15l12.5-7.5z',
  pause: 'M6 4.5h4.2v15H6zM13.8 4.5H18v15h-4.2z',
  on: 'M5 5.5v13l9-6.5zM16 5.5h2.6v13H16z',
  back: 'M19 5.5v13l-9-6.5zM5.4 5.5H8v13H5.4z',
  first: 'M3.5 5.5H6v13H3.5zM12.8 5.5v13L6.8 12zM20.5 5.5v13l-6.6-6.5z',
  last: 'M18 5.5h2.5v13H18zM11.2 5.5v13l6.6-6.5zM3.5 5.5v13l6.6-6.5z',
  stateOn: 'M4 10.8h8.2V6.5l6 5.5-6 5.5v-4.3H4zM19.2 5.5h2v13h-2z',
  stateBack: 'M20 10.8h-8.2V6.5l-6 5.5 6 5.5v-4.3H20zM2.8 5.5h2v13h-2z',
} as const

export type IconName = keyof typeof PATHS

export const Icon = ({ name }: { name: IconName }) => (
  <svg class="icon" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">
    <path d={PATHS[name]} />
  </svg>
)
