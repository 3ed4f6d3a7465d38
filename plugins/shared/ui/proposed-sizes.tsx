import type { JSX } from 'preact';
import type { ModelCapability } from '../../../bridge/protocol/messages.ts';
import { isSameSize, type PictureSize, sizeWords } from '../store/picture-size.ts';
import { useWidgets } from './widgets.ts';

export interface ProposedSizesProps {
  readonly model: Pick<ModelCapability, 'hints'>;
  readonly size: PictureSize;
  readonly onChange: (size: PictureSize) => void;
}

/** The sizes at which a model draws best; nothing where there is no choice. */
export function ProposedSizes({ model, size, onChange }: ProposedSizesProps): JSX.Element | null {
  const { Select } = useWidgets();
  const sizes = model.hints?.sizes ?? [];
  const isProposed = sizes.some((proposed) => isSameSize(proposed, size));
  if (sizes.length < 2) return null;
  return (
    <Select
      label="Size"
      value={isProposed ? sizeWords(size) : ''}
      options={[
        ...(isProposed ? [] : [{ value: '', label: 'one of your own' }]),
        ...sizes.map((proposed) => ({ value: sizeWords(proposed), label: sizeWords(proposed) })),
      ]}
      onChange={(words) => {
        const chosen = sizes.find((proposed) => sizeWords(proposed) === words);
        if (chosen !== undefined) onChange(chosen);
      }}
    />
  );
}
