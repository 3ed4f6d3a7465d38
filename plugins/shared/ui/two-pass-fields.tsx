import type { JSX } from 'preact';
import type { GenerateFields } from '../../../bridge/protocol/messages.ts';
import { Choice } from './choice.tsx';
import type { DiffusionFieldsProps } from './diffusion-fields-props.ts';
import { useWidgets } from './widgets.ts';

const choiceNames: Readonly<Record<NonNullable<GenerateFields['highResolution']>, string>> = {
  auto: 'where it is far larger',
  on: 'whenever it is larger',
  off: 'never',
};

/** Whether a picture larger than the model knows is drawn small first, and how much is drawn anew over that. */
export function TwoPassFields({ prompts, capabilities }: DiffusionFieldsProps): JSX.Element {
  const { Slider } = useWidgets();
  const { highResolution, highResolutionStrength } = prompts.settings.value;
  const percent = Math.round((highResolutionStrength ?? capabilities.defaults.highResolutionStrength) * 100);
  return (
    <>
      <Choice
        label="Two passes"
        value={highResolution}
        names={choiceNames}
        usual="auto"
        onChange={(choice) => prompts.change({ highResolution: choice })}
      />
      {highResolution !== 'off' && (
        <Slider
          label="Redrawn"
          value={percent}
          min={5}
          max={100}
          step={5}
          valueText={`${percent} %`}
          onInput={(value) => prompts.change({ highResolutionStrength: value / 100 })}
        />
      )}
    </>
  );
}
