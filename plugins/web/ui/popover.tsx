import type { ComponentChildren, JSX } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Icon, type IconName } from '../../shared/ui/icon.tsx';

export interface PopoverProps {
  readonly label: string;
  readonly icon?: IconName;
  /** Shown instead of an icon. */
  readonly trigger?: ComponentChildren;
  readonly side: 'above' | 'below';
  readonly align: 'start' | 'end';
  readonly onOpen?: () => void;
  readonly children: (close: () => void) => ComponentChildren;
}

/** A button and a small panel beside it, which Escape, a click elsewhere or leaving it closes. */
export function Popover({ label, icon, trigger, side, align, onOpen, children }: PopoverProps): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  // Before the next key, as in a dialog.
  useLayoutEffect(() => {
    if (!isOpen) return;
    frame.current
      ?.querySelector<HTMLElement>('.popover textarea, .popover input, .popover button, .popover select')
      ?.focus();
    const onPointerDown = (event: PointerEvent) => {
      if (!frame.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', onPointerDown, true);
    return () => document.removeEventListener('pointerdown', onPointerDown, true);
  }, [isOpen]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !isOpen) return;
    event.stopPropagation();
    close();
  };
  const onFocusOut = (event: FocusEvent) => {
    if (event.relatedTarget !== null && !frame.current?.contains(event.relatedTarget as Node)) setOpen(false);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only listens to what its controls let through
    <div class="popover-frame" ref={frame} onKeyDown={onKeyDown} onFocusOut={onFocusOut}>
      <button
        type="button"
        ref={button}
        class={trigger === undefined ? 'inlay-icon-button' : 'chip'}
        aria-label={label}
        title={label}
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => {
          if (!isOpen) onOpen?.();
          setOpen(!isOpen);
        }}
      >
        {trigger ?? (icon && <Icon name={icon} />)}
      </button>
      {isOpen && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset has a border and a legend of its own
        <div id={id} class={`popover popover-${side} popover-${align}`} role="group" aria-label={label}>
          {children(close)}
        </div>
      )}
    </div>
  );
}
