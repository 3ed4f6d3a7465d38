import type { JSX } from 'preact';
import { useWidgets } from './widgets.ts';

/** More dots than this are no help. */
const maxDots = 8;

export interface VariationPickerProps {
  readonly count: number;
  /** 0 to `count` - 1. */
  readonly shown: number;
  readonly onShow: (index: number) => void;
}

/** Flips through the results of a job, round and round; by arrow keys too. */
export function VariationPicker({ count, shown, onShow }: VariationPickerProps): JSX.Element | null {
  const { IconButton } = useWidgets();
  if (count < 2) return null;
  const step = (by: number) => onShow((shown + by + count) % count);
  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (by === 0) return;
    event.preventDefault();
    event.stopPropagation();
    step(by);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: Photoshop's panels have no fieldset
    <div class="inlay-variations" role="group" aria-label="Variations" onKeyDown={onKeyDown}>
      <IconButton icon="previous" label="Previous variation" onPress={() => step(-1)} />
      {count <= maxDots &&
        Array.from({ length: count }, (_, index) => (
          <button
            key={index}
            type="button"
            class="inlay-dot"
            aria-label={`Variation ${index + 1}`}
            aria-current={index === shown}
            onClick={() => onShow(index)}
          >
            <span />
          </button>
        ))}
      <IconButton icon="next" label="Next variation" onPress={() => step(1)} />
      <span class="inlay-muted inlay-variation-count" role="status">
        {shown + 1} of {count}
      </span>
    </div>
  );
}
