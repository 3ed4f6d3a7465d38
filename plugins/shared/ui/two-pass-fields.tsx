import type { JSX } from 'preact';
import type { GenerateFields } from '../../../bridge/protocol/messages.ts';
import { Choice } from './choice.tsx';
import type { DiffusionFieldsProps } from './diffusion-fields-props.ts';
import { ShareSlider } from './share-slider.tsx';

const choiceNames: Readonly<Record<NonNullable<GenerateFields['highResolution']>, string>> = {
  auto: 'where it is far larger',
  on: 'whenever it is larger',
  off: 'never',
};

/** Whether a picture larger than the model knows is drawn small first, and how much is drawn anew over that. */
export function TwoPassFields({ prompts, capabilities }: DiffusionFieldsProps): JSX.Element {
  const { highResolution, highResolutionStrength } = prompts.settings.value;
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
        <ShareSlider
          label="Redrawn"
          share={highResolutionStrength ?? capabilities.defaults.highResolutionStrength}
          onInput={(share) => prompts.change({ highResolutionStrength: share })}
        />
      )}
    </>
  );
}
