import type { ComponentChildren, JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { Icon } from './icon.tsx';
import { PlainButton } from './plain-button.tsx';

export interface FoldProps {
  readonly label: string;
  readonly children: ComponentChildren;
  readonly onOpen?: () => void;
}

/** What few people need, behind a button that opens it. */
export function Fold({ label, children, onOpen }: FoldProps): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const toggle = () => {
    setOpen(!isOpen);
    if (!isOpen) onOpen?.();
  };
  return (
    <div class="inlay-fold">
      <PlainButton
        class={isOpen ? 'inlay-fold-button inlay-open' : 'inlay-fold-button'}
        isExpanded={isOpen}
        controls={id}
        onPress={toggle}
      >
        <Icon name="unfold" size={16} />
        {label}
      </PlainButton>
      <div id={id} hidden={!isOpen}>
        {isOpen && children}
      </div>
    </div>
  );
}
