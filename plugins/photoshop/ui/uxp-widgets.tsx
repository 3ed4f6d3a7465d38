/** The basic controls as Photoshop's own elements, which look and behave like the rest of its panels. */
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { HtmlPicture } from '../../shared/ui/html-picture.tsx';
import { Icon } from '../../shared/ui/icon.tsx';
import { withinLimits } from '../../shared/ui/number-limits.ts';
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
} from '../../shared/ui/widgets.ts';
import type { SpectrumElement } from './spectrum.d.ts';
import { useProperty } from './use-property.ts';
import { UxpTextArea } from './uxp-text-area.tsx';

export const uxpWidgets: Widgets = {
  Button,
  IconButton,
  Slider,
  TextField,
  TextArea: UxpTextArea,
  NumberField,
  Select,
  Checkbox,
  ProgressBar,
  Picture: HtmlPicture,
};

function Button({ children, isPrimary, isDisabled, onPress }: ButtonProps): JSX.Element {
  return (
    <sp-button
      class="inlay-native-button"
      variant={isPrimary ? 'cta' : 'secondary'}
      disabled={isDisabled}
      // It takes the click although it looks disabled, in some versions.
      onClick={() => isDisabled || onPress()}
    >
      {children}
    </sp-button>
  );
}

function IconButton({ icon, label, isDisabled, onPress }: IconButtonProps): JSX.Element {
  return (
    <sp-action-button
      class="inlay-native-icon-button"
      quiet
      aria-label={label}
      title={label}
      disabled={isDisabled}
      onClick={() => isDisabled || onPress()}
    >
      <Icon name={icon} />
    </sp-action-button>
  );
}

function Slider(props: SliderProps): JSX.Element {
  const { label, value, min, max, step = 1, valueText, isDisabled, onInput } = props;
  const slider = useRef<SpectrumElement>(null);
  // It counts in whole numbers only.
  const position = Math.round((value - min) / step);
  useProperty(slider, 'value', String(position));
  return (
    <div class="inlay-field inlay-slider">
      <span class="inlay-label">{label}</span>
      <sp-slider
        ref={slider}
        class="inlay-native-slider"
        aria-label={label}
        min={0}
        max={Math.round((max - min) / step)}
        value={position}
        disabled={isDisabled}
        onInput={({ currentTarget }) => {
          const next = min + Number(currentTarget.value) * step;
          // Seven tenths are seven times a tenth only nearly.
          onInput(Math.min(max, Number(next.toPrecision(12))));
        }}
      />
      {valueText !== undefined && <span class="inlay-value">{valueText}</span>}
    </div>
  );
}

function TextField(props: TextFieldProps): JSX.Element {
  const { label, value, placeholder, isDisabled, onInput, onSubmit } = props;
  const field = useRef<SpectrumElement>(null);
  useProperty(field, 'value', value);
  return (
    <div class="inlay-field">
      <span class="inlay-label">{label}</span>
      <sp-textfield
        ref={field}
        class="inlay-native-field"
        aria-label={label}
        placeholder={placeholder}
        disabled={isDisabled}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
        onKeyDown={({ key }) => {
          if (key === 'Enter') onSubmit?.();
        }}
      />
    </div>
  );
}

function NumberField(props: NumberFieldProps): JSX.Element {
  const { label, value, placeholder, unit, isDisabled, onChange } = props;
  const field = useRef<SpectrumElement>(null);
  /** What is being typed: a panel that is shown anew meanwhile must not take it away. */
  const [draft, setDraft] = useState<string>();
  const shown = value === undefined ? '' : String(value);
  useProperty(field, 'value', draft ?? shown);
  const take = (element: SpectrumElement) => {
    const next = numberIn(element.value, props);
    setDraft(undefined);
    element.value = next === undefined ? '' : String(next);
    if (next !== value) onChange(next);
  };
  return (
    <div class="inlay-field">
      <span class="inlay-label">{label}</span>
      <sp-textfield
        ref={field}
        class="inlay-native-number"
        aria-label={label}
        placeholder={placeholder}
        disabled={isDisabled}
        onInput={({ currentTarget }) => setDraft(currentTarget.value)}
        onChange={({ currentTarget }) => take(currentTarget)}
        onKeyDown={({ key, currentTarget }) => {
          if (key === 'Enter') take(currentTarget);
        }}
        onBlur={() => setDraft(undefined)}
      />
      {unit !== undefined && <span class="inlay-value">{unit}</span>}
    </div>
  );
}

/** What was typed, within the limits; the value from before where it is no number. */
function numberIn(text: string, props: NumberFieldProps): number | undefined {
  if (text.trim() === '') return undefined;
  // Half of the world types a comma.
  const typed = Number(text.trim().replace(',', '.'));
  return Number.isNaN(typed) ? props.value : withinLimits(typed, props);
}

function Select({ label, value, options, isDisabled, onChange }: SelectProps): JSX.Element {
  const dropdown = useRef<SpectrumElement>(null);
  const selectedIndex = options.findIndex((option) => option.value === value);
  useProperty(dropdown, 'selectedIndex', selectedIndex);
  return (
    <div class="inlay-field">
      <span class="inlay-label">{label}</span>
      <sp-dropdown
        ref={dropdown}
        class="inlay-native-select"
        aria-label={label}
        disabled={isDisabled}
        onChange={({ currentTarget }) => {
          const chosen = options[currentTarget.selectedIndex];
          if (chosen !== undefined && chosen.value !== value) onChange(chosen.value);
        }}
      >
        <sp-menu slot="options">
          {options.map((option) => (
            <sp-menu-item key={option.value} selected={option.value === value}>
              {option.label}
            </sp-menu-item>
          ))}
        </sp-menu>
      </sp-dropdown>
    </div>
  );
}

function Checkbox({ label, isChecked, isDisabled, onChange }: CheckboxProps): JSX.Element {
  const box = useRef<SpectrumElement>(null);
  useProperty(box, 'checked', isChecked);
  return (
    <sp-checkbox
      ref={box}
      class="inlay-native-checkbox"
      disabled={isDisabled}
      onChange={({ currentTarget }) => onChange(currentTarget.checked)}
    >
      {label}
    </sp-checkbox>
  );
}

/** Of one that cannot tell how far it is, nothing is filled yet. */
function ProgressBar({ label, value = 0 }: ProgressBarProps): JSX.Element {
  const bar = useRef<SpectrumElement>(null);
  const percent = Math.round(value * 100);
  useProperty(bar, 'value', String(percent));
  return (
    <sp-progressbar
      ref={bar}
      class="inlay-native-bar"
      role="progressbar"
      aria-label={label}
      aria-valuenow={percent}
      max={100}
      value={percent}
    />
  );
}
