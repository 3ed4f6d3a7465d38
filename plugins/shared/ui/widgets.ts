/**
 * The basic controls that panels are put together from. Each host brings its own set: the page and Figma that of
 * `html-widgets.tsx`, Photoshop one of its own elements.
 */
import { type ComponentChildren, type ComponentType, createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { IconName } from './icon.tsx';

export interface ButtonProps {
  readonly children: ComponentChildren;
  /** The one that a person most likely wants here. */
  readonly isPrimary?: boolean;
  readonly isDisabled?: boolean;
  readonly onPress: () => void;
}

export interface IconButtonProps {
  readonly icon: IconName;
  /** Its name for those who do not see the icon, and its tooltip. */
  readonly label: string;
  readonly isDisabled?: boolean;
  readonly onPress: () => void;
}

export interface SliderProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  /** 1 where it is left out. */
  readonly step?: number;
  /** The value as it is shown and read out, e.g. `24 px`. */
  readonly valueText?: string;
  readonly isDisabled?: boolean;
  /** While it is dragged. */
  readonly onInput: (value: number) => void;
}

export interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly placeholder?: string;
  /** Which keyboard a touch screen shows. */
  readonly inputMode?: 'text' | 'numeric';
  readonly isDisabled?: boolean;
  readonly onInput: (value: string) => void;
  /** Enter. */
  readonly onSubmit?: () => void;
}

/** Text of several lines, as high as its text; Shift and Enter begin a new one. */
export interface TextAreaProps {
  readonly label: string;
  /** The label is read out, but not seen. */
  readonly isLabelHidden?: boolean;
  readonly value: string;
  readonly placeholder?: string;
  readonly maxLength?: number;
  readonly isDisabled?: boolean;
  readonly onInput: (value: string) => void;
  /** Enter. */
  readonly onSubmit?: () => void;
  /** The arrow up (+1) or down (-1) where the text has no further line in that direction. False: nothing came of it. */
  readonly onRecall?: (by: 1 | -1) => boolean;
}

export interface NumberFieldProps {
  readonly label: string;
  /** Nothing for an empty field. */
  readonly value: number | undefined;
  readonly min?: number;
  readonly max?: number;
  /** Values are whole multiples of it; 1 where it is left out. */
  readonly step?: number;
  readonly placeholder?: string;
  /** Shown after the number, e.g. `px`. */
  readonly unit?: string;
  readonly isDisabled?: boolean;
  /** When the field is left or Enter is pressed; within the limits. */
  readonly onChange: (value: number | undefined) => void;
}

export interface SelectProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly isDisabled?: boolean;
  readonly onChange: (value: string) => void;
}

export interface CheckboxProps {
  readonly label: string;
  readonly isChecked: boolean;
  readonly isDisabled?: boolean;
  readonly onChange: (isChecked: boolean) => void;
}

export interface ProgressBarProps {
  readonly label: string;
  /** 0 to 1; nothing while it cannot be told. */
  readonly value?: number;
}

export interface PictureProps {
  readonly format: 'jpeg' | 'png';
  readonly bytes: Uint8Array;
  /** For those who do not see it; empty for one that says nothing by itself. */
  readonly description: string;
}

export interface Widgets {
  readonly Button: ComponentType<ButtonProps>;
  readonly IconButton: ComponentType<IconButtonProps>;
  readonly Slider: ComponentType<SliderProps>;
  readonly TextField: ComponentType<TextFieldProps>;
  readonly TextArea: ComponentType<TextAreaProps>;
  readonly NumberField: ComponentType<NumberFieldProps>;
  readonly Select: ComponentType<SelectProps>;
  readonly Checkbox: ComponentType<CheckboxProps>;
  readonly ProgressBar: ComponentType<ProgressBarProps>;
  readonly Picture: ComponentType<PictureProps>;
}

/** A host puts its set around everything: `<WidgetContext.Provider value={htmlWidgets}>`. */
export const WidgetContext = createContext<Widgets | undefined>(undefined);

export function useWidgets(): Widgets {
  const widgets = useContext(WidgetContext);
  if (widgets === undefined) throw new Error('Expected a WidgetContext.Provider around this component.');
  return widgets;
}
