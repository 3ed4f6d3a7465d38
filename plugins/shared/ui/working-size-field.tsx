import type { JSX } from 'preact';
import { generateSideMultiple, minGenerateSide } from '../../../bridge/protocol/limits.ts';
import type { WorkingSize } from '../../../bridge/protocol/messages.ts';
import { shapedSize } from '../store/picture-size.ts';
import { Choice } from './choice.tsx';
import type { DiffusionFieldsProps } from './diffusion-fields-props.ts';
import { useWidgets } from './widgets.ts';

type Kind = Extract<WorkingSize, string> | 'pixels';

const kindNames: Readonly<Record<Kind, string>> = {
  auto: 'the size the model likes',
  native: 'its own size',
  pixels: 'a size in pixels',
};

/** What size the model draws at, before that is brought to its place. */
export function WorkingSizeField({ prompts, model, capabilities }: DiffusionFieldsProps): JSX.Element {
  const { NumberField } = useWidgets();
  const { workingSize } = prompts.settings.value;
  const size = typeof workingSize === 'object' ? workingSize : undefined;
  const side = (label: string, name: 'width' | 'height') =>
    size && (
      <NumberField
        label={label}
        value={size[name]}
        min={minGenerateSide}
        max={capabilities.limits.maxGenerateSide}
        step={generateSideMultiple}
        onChange={(value) => {
          if (value !== undefined) prompts.change({ workingSize: { ...size, [name]: value } });
        }}
      />
    );
  return (
    <>
      <Choice<Kind>
        label="Drawn at"
        value={typeof workingSize === 'object' ? 'pixels' : workingSize}
        names={kindNames}
        usual="auto"
        onChange={(kind) =>
          prompts.change({ workingSize: kind === 'pixels' ? shapedSize(model, 'square') : kind })
        }
      />
      {side('Width', 'width')}
      {side('Height', 'height')}
    </>
  );
}
