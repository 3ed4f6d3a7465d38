import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';

export interface RadioGroupProps<Value extends string> {
  readonly label: string;
  /** Nothing: none of them holds. */
  readonly value: Value | undefined;
  readonly choices: readonly {
    readonly value: Value;
    readonly label: string;
    readonly content?: ComponentChildren;
  }[];
  readonly onChange: (value: Value) => void;
}

/** A few choices side by side, of which one holds. The browser's own radio buttons, drawn as segments. */
export function RadioGroup<Value extends string>({
  label,
  value,
  choices,
  onChange,
}: RadioGroupProps<Value>): JSX.Element {
  const name = useId();
  return (
    <div class="segments" role="radiogroup" aria-label={label}>
      {choices.map((choice) => (
        <label
          key={choice.value}
          class="segment"
          title={choice.content === undefined ? undefined : choice.label}
        >
          <input
            type="radio"
            class="visually-hidden"
            name={name}
            checked={choice.value === value}
            aria-label={choice.label}
            onChange={() => onChange(choice.value)}
          />
          <span>{choice.content ?? choice.label}</span>
        </label>
      ))}
    </div>
  );
}
