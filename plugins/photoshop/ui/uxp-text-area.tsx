import type { JSX, TargetedKeyboardEvent } from 'preact';
import { useRef } from 'preact/hooks';
import type { TextAreaProps } from '../../shared/ui/widgets.ts';
import type { SpectrumElement } from './spectrum.d.ts';
import { useProperty } from './use-property.ts';

export function UxpTextArea(props: TextAreaProps): JSX.Element {
  const { label, isLabelHidden, value, placeholder, maxLength, isDisabled, onInput } = props;
  const area = useRef<SpectrumElement>(null);
  useProperty(area, 'value', value);
  return (
    <div class="inlay-field inlay-text">
      {!isLabelHidden && <span class="inlay-label">{label}</span>}
      <sp-textarea
        ref={area}
        class="inlay-native-text-area"
        aria-label={label}
        placeholder={placeholder}
        maxlength={maxLength}
        disabled={isDisabled}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
        onKeyDown={(event) => onKeyDown(event, props)}
      />
    </div>
  );
}

function onKeyDown(
  event: TargetedKeyboardEvent<SpectrumElement>,
  { value, onSubmit, onRecall }: TextAreaProps,
): void {
  // What an input method is composing is its own.
  if (event.isComposing || event.shiftKey || event.altKey) return;
  if (event.key === 'Enter' && onSubmit !== undefined) {
    event.preventDefault();
    onSubmit();
    return;
  }
  // Where the caret is cannot be asked here: of a text of several lines the arrows are its own.
  const by = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0;
  if (by !== 0 && !value.includes('\n') && onRecall?.(by) === true) event.preventDefault();
}
