import type { JSX } from 'preact';
import type { DiffusionFieldsProps } from './diffusion-fields-props.ts';
import { ShareSlider } from './share-slider.tsx';

const strengthNames = { fill: 'fillStrength', vary: 'varyStrength' } as const;

/** How much of what is there goes; nothing where nothing is there, or all of it must go. */
export function StrengthField(props: DiffusionFieldsProps): JSX.Element | null {
  const { prompts, operation, model, capabilities } = props;
  if (operation === 'generate' || operation === 'expand') return null;
  const name = strengthNames[operation];
  const usual = capabilities.defaults.strength[model.variant === 'pix2pix' ? 'pix2pix' : operation];
  return (
    <ShareSlider
      label="Change"
      share={prompts.settings.value[name] ?? usual}
      onInput={(share) => prompts.change({ [name]: share })}
    />
  );
}
