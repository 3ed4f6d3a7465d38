import type { JSX } from 'preact';
import type { Capabilities, ControlField } from '../../../bridge/protocol/messages.ts';
import { kindOf } from '../store/controls.ts';
import { useWidgets } from './widgets.ts';

export interface PreprocessorFieldsProps {
  readonly capabilities: Pick<Capabilities, 'controls'>;
  readonly control: ControlField;
  readonly onChange: (control: ControlField) => void;
}

/** How the map is made of the picture, in the numbers of what makes it. */
export function PreprocessorFields(props: PreprocessorFieldsProps): JSX.Element {
  const { capabilities, control, onChange } = props;
  const { Checkbox, NumberField } = useWidgets();
  const name = kindOf(control);
  const preprocessor = capabilities.controls.preprocessors.find((candidate) => candidate.name === name);
  const said = typeof control.preprocessor === 'object' ? (control.preprocessor.options ?? {}) : {};
  const set = (option: string, value: number | undefined) => {
    const { [option]: _, ...others } = said;
    const options = value === undefined ? others : { ...others, [option]: value };
    onChange({ ...control, preprocessor: Object.keys(options).length === 0 ? name : { name, options } });
  };
  return (
    <>
      {preprocessor?.options.map((option) =>
        option.isWhole && option.min === 0 && option.max === 1 ? (
          <Checkbox
            key={option.name}
            label={wordsOf(option.name)}
            isChecked={(said[option.name] ?? option.default) === 1}
            onChange={(isOn) => set(option.name, isOn ? 1 : 0)}
          />
        ) : (
          <NumberField
            key={option.name}
            label={wordsOf(option.name)}
            value={said[option.name]}
            min={option.min}
            max={option.max}
            step={option.isWhole ? 1 : 0.05}
            placeholder={String(option.default)}
            onChange={(value) => set(option.name, value)}
          />
        ),
      )}
    </>
  );
}

/** E.g. `L2 gradient` of `l2Gradient`. */
function wordsOf(name: string): string {
  const words = name.replace(/([a-z\d])([A-Z])/g, '$1 $2').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
