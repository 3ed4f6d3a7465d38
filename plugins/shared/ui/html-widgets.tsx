/** The basic controls in plain HTML, for the page and for Figma. Their names are in labels around them or on them. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { HtmlPicture } from './html-picture.tsx';
import { HtmlTextArea } from './html-text-area.tsx';
import { Icon } from './icon.tsx';
import { withinLimits } from './number-limits.ts';
import type {
  ButtonProps,
  CheckboxProps,
  IconButtonProps,
  NumberFieldProps,
  ProgressBarProps,
  SelectProps,
  SliderProps,
  TextFieldProps,
  Widgets,
} from './widgets.ts';

export const htmlWidgets: Widgets = {
  Button,
  IconButton,
  Slider,
  TextField,
  TextArea: HtmlTextArea,
  NumberField,
  Select,
  Checkbox,
  ProgressBar,
  Picture: HtmlPicture,
};

function Button({ children, isPrimary, isDisabled, onPress }: ButtonProps): JSX.Element {
  return (
    <button
      type="button"
      class={isPrimary ? 'inlay-button inlay-primary' : 'inlay-button'}
      disabled={isDisabled}
      onClick={onPress}
    >
      {children}
    </button>
  );
}

function IconButton({ icon, label, isDisabled, onPress }: IconButtonProps): JSX.Element {
  return (
    <button
      type="button"
      class="inlay-icon-button"
      aria-label={label}
      title={label}
      disabled={isDisabled}
      onClick={onPress}
    >
      <Icon name={icon} />
    </button>
  );
}

function Slider({
  label,
  value,
  min,
  max,
  step = 1,
  valueText,
  isDisabled,
  onInput,
}: SliderProps): JSX.Element {
  return (
    <label class="inlay-field inlay-slider">
      <span class="inlay-label">{label}</span>
      <input
        type="range"
        aria-label={label}
        aria-valuetext={valueText}
        min={min}
        max={max}
        step={step}
        value={value}
        disabled={isDisabled}
        onInput={({ currentTarget }) => onInput(currentTarget.valueAsNumber)}
      />
      {valueText !== undefined && (
        <span class="inlay-value" aria-hidden="true">
          {valueText}
        </span>
      )}
    </label>
  );
}

function TextField(props: TextFieldProps): JSX.Element {
  const { label, value, placeholder, inputMode = 'text', isDisabled, onInput, onSubmit } = props;
  return (
    <label class="inlay-field">
      <span class="inlay-label">{label}</span>
      <input
        class="inlay-input"
        type="text"
        inputMode={inputMode}
        autoComplete="off"
        spellcheck={false}
        placeholder={placeholder}
        value={value}
        disabled={isDisabled}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onSubmit?.();
        }}
      />
    </label>
  );
}

function NumberField(props: NumberFieldProps): JSX.Element {
  const { label, value, min, max, step = 1, placeholder, unit, isDisabled, onChange } = props;
  const shown = value === undefined ? '' : String(value);
  /** What is being typed: a panel that is shown anew meanwhile must not take it away. */
  const [draft, setDraft] = useState<string>();
  const take = (input: HTMLInputElement) => {
    setDraft(undefined);
    const next = input.value === '' && !input.validity.badInput ? undefined : numberOf(input, props);
    // What was typed is not always what is taken, and then nothing else would put that into the field.
    input.value = next === undefined ? '' : String(next);
    if (next !== value) onChange(next);
  };
  return (
    <label class="inlay-field">
      <span class="inlay-label">{label}</span>
      <input
        class="inlay-input inlay-number"
        type="number"
        min={min}
        max={max}
        step={step}
        placeholder={placeholder}
        value={draft ?? shown}
        disabled={isDisabled}
        onInput={({ currentTarget }) => setDraft(currentTarget.value)}
        onChange={({ currentTarget }) => take(currentTarget)}
        onBlur={() => setDraft(undefined)}
      />
      {unit !== undefined && <span class="inlay-value">{unit}</span>}
    </label>
  );
}

/** What was typed, within the limits; the value from before where it is no number. */
function numberOf(input: HTMLInputElement, props: NumberFieldProps): number | undefined {
  const typed = input.valueAsNumber;
  return Number.isNaN(typed) ? props.value : withinLimits(typed, props);
}

function Select({ label, value, options, isDisabled, onChange }: SelectProps): JSX.Element {
  return (
    <label class="inlay-field">
      <span class="inlay-label">{label}</span>
      <select
        class="inlay-input inlay-select"
        disabled={isDisabled}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} selected={option.value === value}>
            {option.label}
          </option>
        ))}
      </select>
    </label>
  );
}

function Checkbox({ label, isChecked, isDisabled, onChange }: CheckboxProps): JSX.Element {
  return (
    <label class="inlay-field inlay-checkbox">
      <input
        type="checkbox"
        checked={isChecked}
        disabled={isDisabled}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />
      <span class="inlay-label">{label}</span>
    </label>
  );
}

function ProgressBar({ label, value }: ProgressBarProps): JSX.Element {
  const percent = value === undefined ? undefined : Math.round(value * 100);
  return (
    <div
      class={percent === undefined ? 'inlay-bar inlay-busy' : 'inlay-bar'}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <div class="inlay-bar-done" style={percent === undefined ? {} : { width: `${percent}%` }} />
    </div>
  );
}
