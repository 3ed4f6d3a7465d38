import type { JSX } from 'preact';
import { useWidgets } from './widgets.ts';

export interface ShareSliderProps {
  readonly label: string;
  /** Above 0, to 1. */
  readonly share: number;
  readonly onInput: (share: number) => void;
}

/** How much of something, in steps of 5 %; never nothing. */
export function ShareSlider({ label, share, onInput }: ShareSliderProps): JSX.Element {
  const { Slider } = useWidgets();
  const percent = Math.round(share * 100);
  return (
    <Slider
      label={label}
      value={percent}
      min={5}
      max={100}
      step={5}
      valueText={`${percent} %`}
      onInput={(value) => onInput(value / 100)}
    />
  );
}
