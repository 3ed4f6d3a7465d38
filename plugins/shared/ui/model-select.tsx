import type { JSX } from 'preact';
import type { ModelCapability, ModelKind } from '../../../bridge/protocol/messages.ts';
import { useWidgets } from './widgets.ts';

export interface ModelSelectProps {
  readonly label: string;
  readonly kind: ModelKind;
  /** All of the server's. */
  readonly models: readonly ModelCapability[];
  readonly value: string | undefined;
  /** What it is where none is chosen. */
  readonly unset: string;
  readonly onChange: (name: string | undefined) => void;
}

/** A model beside the one that draws; nothing where there is none to choose. */
export function ModelSelect(props: ModelSelectProps): JSX.Element | null {
  const { label, kind, models, value, unset, onChange } = props;
  const { Select } = useWidgets();
  const usable = models.filter((model) => model.kind === kind && model.problem === undefined);
  if (usable.length === 0) return null;
  return (
    <Select
      label={label}
      value={value ?? ''}
      options={[
        { value: '', label: unset },
        ...usable.map(({ name, title }) => ({ value: name, label: title ?? name })),
      ]}
      onChange={(name) => onChange(name === '' ? undefined : name)}
    />
  );
}
