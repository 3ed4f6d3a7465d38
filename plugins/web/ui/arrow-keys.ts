const steps: Readonly<Record<string, 1 | -1>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** For a toolbar: the arrow keys move the focus among its buttons. */
export function moveFocus(event: KeyboardEvent): void {
  const step = steps[event.key];
  const bar = event.currentTarget as HTMLElement;
  const buttons = [...bar.querySelectorAll<HTMLButtonElement>('button:not(:disabled)')];
  const index = buttons.indexOf(document.activeElement as HTMLButtonElement);
  if (step === undefined || index < 0) return;
  event.preventDefault();
  event.stopPropagation();
  buttons[(index + step + buttons.length) % buttons.length]?.focus();
}
