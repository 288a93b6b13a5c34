import { useState } from 'preact/hooks'

export interface NumberFieldProps {
  readonly id: string
  readonly label: string
  /** Read, but not seen: where a column says it. */
  readonly hideLabel?: boolean
  readonly unit?: string
  /** NaN shows nothing. */
  readonly value: number
  readonly step?: number | 'any'
  readonly problem?: string | undefined
  readonly describedBy?: string | undefined
  /** NaN for what is no number. */
  onValue(value: number): void
}

/** A number that can be typed: what is wrong with it is said below it, and stays until it is right. */
export function NumberField(p: NumberFieldProps) {
  // While it is typed, "1." is not to become "1".
  const [typed, setTyped] = useState<string | undefined>(undefined)
  const known = Number.isNaN(p.value) ? '' : String(p.value)
  const problemId = `${p.id}-problem`
  const described = [p.problem === undefined ? undefined : problemId, p.describedBy].filter(Boolean).join(' ')
  return (
    <span class="field">
      <label for={p.id} class={p.hideLabel ? 'sr' : undefined}>
        {p.label}
      </label>
      <span class="entry">
        <input
          id={p.id}
          type="number"
          min="0"
          step={p.step ?? 'any'}
          inputMode="decimal"
          value={typed ?? known}
          aria-invalid={p.problem !== undefined}
          aria-describedby={described === '' ? undefined : described}
          onInput={event => {
            setTyped(event.currentTarget.value)
            p.onValue(event.currentTarget.valueAsNumber)
          }}
          onBlur={() => setTyped(undefined)}
        />
        {p.unit !== undefined && <span class="unit">{p.unit}</span>}
      </span>
      {p.problem !== undefined && (
        <span class="wrong" id={problemId}>
          {p.problem}
        </span>
      )}
    </span>
  )
}
