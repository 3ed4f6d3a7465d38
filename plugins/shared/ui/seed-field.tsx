import type { JSX } from 'preact';
import { useWidgets } from './widgets.ts';

const maxSeed = 2 ** 32 - 1;

export interface SeedFieldProps {
  /** Nothing: another one each time. */
  readonly seed: number | undefined;
  /** Of the result that is looked at. */
  readonly shownSeed: number | undefined;
  /** The number alone. */
  readonly isPlain?: boolean;
  readonly onChange: (seed: number | undefined) => void;
}

/** Where the chance in a result comes from: the same seed gives the same result. */
export function SeedField({ seed, shownSeed, isPlain, onChange }: SeedFieldProps): JSX.Element {
  const { IconButton, NumberField } = useWidgets();
  const field = (
    <NumberField label="Seed" value={seed} min={0} max={maxSeed} placeholder="any" onChange={onChange} />
  );
  if (isPlain) return field;
  return (
    <div class="inlay-seed">
      {field}
      <IconButton
        icon="keep"
        label="Keep the seed of this result"
        isDisabled={shownSeed === undefined || shownSeed === seed}
        onPress={() => onChange(shownSeed)}
      />
      <IconButton
        icon="reroll"
        label="Another seed each time"
        isDisabled={seed === undefined}
        onPress={() => onChange(undefined)}
      />
    </div>
  );
}
