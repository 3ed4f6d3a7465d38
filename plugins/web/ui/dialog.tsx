import type { ComponentChildren, JSX } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { IconButton } from './icon-button.tsx';

export interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

const firstControl =
  '.dialog-head ~ * .sketch-pad, .dialog-head ~ * textarea, .dialog-head ~ * input:checked, .dialog-head ~ * button:not(:disabled)';

/** The browser's own modal dialog: it holds the focus, and Escape or a click beside it closes it. */
export function Dialog({ title, onClose, children }: DialogProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // Before the next key: an effect after the painting would let it go to what is below.
  useLayoutEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    dialog.current!.showModal();
    // The first thing to do there, rather than the button that closes it.
    dialog.current!.querySelector<HTMLElement>(firstControl)?.focus();
    return () => before?.focus();
  }, []);
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby={titleId}
      onClose={onClose}
      onKeyDown={(event) => event.stopPropagation()}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      <div class="dialog-body">
        <div class="dialog-head">
          <h2 id={titleId}>{title}</h2>
          <IconButton icon="close" label="Close" onPress={onClose} />
        </div>
        {children}
      </div>
    </dialog>
  );
}
