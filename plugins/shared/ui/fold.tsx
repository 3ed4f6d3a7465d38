import type { ComponentChildren, JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { Icon } from './icon.tsx';

export interface FoldProps {
  readonly label: string;
  readonly children: ComponentChildren;
}

/** What few people need, behind a button that opens it. */
export function Fold({ label, children }: FoldProps): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  return (
    <div class="inlay-fold">
      <button
        type="button"
        class={isOpen ? 'inlay-fold-button inlay-open' : 'inlay-fold-button'}
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name="unfold" size={16} />
        {label}
      </button>
      <div id={id} hidden={!isOpen}>
        {isOpen && children}
      </div>
    </div>
  );
}
