import type { JSX } from 'preact';
import { useWidgets } from './widgets.ts';

export interface ChoiceProps<Value extends string> {
  readonly label: string;
  readonly value: Value | undefined;
  readonly names: Readonly<Record<Value, string>>;
  /** What it is where nothing is chosen, as one of the values… */
  readonly usual?: Value;
  /** …or, where it is none of them, in words. */
  readonly unset?: string;
  readonly onChange: (value: Value | undefined) => void;
}

/** One of few, each by a name for people. */
export function Choice<Value extends string>(props: ChoiceProps<Value>): JSX.Element {
  const { label, value, names, usual, unset, onChange } = props;
  const { Select } = useWidgets();
  const values = Object.keys(names) as Value[];
  return (
    <Select
      label={label}
      value={value ?? usual ?? ''}
      options={[
        ...(unset === undefined ? [] : [{ value: '', label: unset }]),
        ...values.map((name) => ({ value: name, label: names[name] })),
      ]}
      onChange={(chosen) => {
        const next = values.find((name) => name === chosen);
        onChange(next === usual ? undefined : next);
      }}
    />
  );
}
