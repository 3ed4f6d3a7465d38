import type { JSX, TargetedKeyboardEvent } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { TextAreaProps } from './widgets.ts';

/** As high as its text, up to what the style sheet allows. */
export function HtmlTextArea(props: TextAreaProps): JSX.Element {
  const { label, isLabelHidden, value, placeholder, maxLength, isDisabled } = props;
  const area = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    if (area.current !== null) fitHeight(area.current);
  }, [value]);
  // Lines break elsewhere when it becomes wider; one that is not shown yet has no height at all.
  useEffect(() => {
    const shown = area.current!;
    const observer = new ResizeObserver(() => fitHeight(shown));
    observer.observe(shown);
    return () => observer.disconnect();
  }, []);
  return (
    <label class="inlay-field inlay-text">
      <span class={isLabelHidden ? 'inlay-hidden' : 'inlay-label'}>{label}</span>
      <textarea
        ref={area}
        class="inlay-input inlay-text-area"
        rows={1}
        autoComplete="off"
        placeholder={placeholder}
        maxLength={maxLength}
        value={value}
        disabled={isDisabled}
        onInput={({ currentTarget }) => props.onInput(currentTarget.value)}
        onKeyDown={(event) => onKeyDown(event, props)}
      />
    </label>
  );
}

function fitHeight(area: HTMLTextAreaElement): void {
  // Its own height would hold it open.
  area.style.height = 'auto';
  const border = area.offsetHeight - area.clientHeight;
  area.style.height = `${area.scrollHeight + border}px`;
}

function onKeyDown(
  event: TargetedKeyboardEvent<HTMLTextAreaElement>,
  { onSubmit, onRecall }: TextAreaProps,
): void {
  // What an input method is composing is its own; so are the keys that select or jump.
  if (event.isComposing || event.shiftKey || event.altKey) return;
  const area = event.currentTarget;
  // Also with Ctrl or Cmd, as those are used to whose text fields take Enter for a new line.
  if (event.key === 'Enter' && onSubmit !== undefined) {
    event.preventDefault();
    onSubmit();
    return;
  }
  if (event.ctrlKey || event.metaKey) return;
  const by = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0;
  if (by === 0 || !isAtEdge(area, by) || onRecall?.(by) !== true) return;
  event.preventDefault();
  // From there the same key goes on: when the words are in the field, and before the next key.
  queueMicrotask(() => {
    const caret = by === 1 ? 0 : area.value.length;
    area.setSelectionRange(caret, caret);
  });
}

/** Whether the caret cannot go further up (1) or down (-1): anywhere in a single line, else at the text's very end. */
function isAtEdge(area: HTMLTextAreaElement, by: 1 | -1): boolean {
  const { selectionStart, selectionEnd, value, scrollHeight } = area;
  if (selectionStart !== selectionEnd) return false;
  const { lineHeight, paddingTop, paddingBottom } = getComputedStyle(area);
  const linesHeight = scrollHeight - Number.parseFloat(paddingTop) - Number.parseFloat(paddingBottom);
  const isSingleLine = !value.includes('\n') && linesHeight < 1.5 * Number.parseFloat(lineHeight);
  return isSingleLine || selectionStart === (by === 1 ? 0 : value.length);
}
