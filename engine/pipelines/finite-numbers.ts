import { EngineError } from '../errors.ts';

/** What to do, by which network gave numbers that are none. */
const hints = {
  'text encoder':
    'Try another `--clip-skip`; if that does not help, the file is damaged: get the checkpoint again.',
  UNet: 'Try another scheduler, a lower guidance scale, or `--prediction-type`; if nothing helps, the file is damaged: get it again.',
  ControlNet:
    'Try a lower strength of the control; if that does not help, the file is damaged: get it again.',
  autoencoder:
    'Give another autoencoder with `--vae`; if that does not help, the file is damaged: get it again.',
} as const;

export interface NumberSource {
  readonly network: keyof typeof hints;
  /** Such as "at step 3 of 20". */
  readonly when?: string;
}

/** Throws `invalid-output` where a value is NaN or infinite: the picture would be black. */
export function requireFinite(values: Float32Array, { network, when }: NumberSource): void {
  // A sum with any NaN or infinity in it is none itself.
  let sum = 0;
  for (const value of values) sum += value;
  if (Number.isFinite(sum)) return;
  const source = `the model's ${network}${when === undefined ? '' : ` ${when}`}`;
  throw new EngineError(
    'invalid-output',
    `Expected numbers from ${source}, received values that are none (NaN or infinite): the picture would be black.`,
    { hint: hints[network] },
  );
}
