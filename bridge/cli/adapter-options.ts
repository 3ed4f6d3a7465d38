/** `--control`, `--lora`, `--hypernetwork` and `--refiner`: what works beside a checkpoint, each given as `key=value` parts. */
import { type Command, InvalidArgumentError } from 'commander';
import { controlStrengthRange, hypernetworkStrengthRange, loraStrengthRange } from '../protocol/limits.ts';
import {
  type ControlField,
  controlKinds,
  controlModes,
  type HypernetworkField,
  type LoraField,
  type PreprocessorField,
  type RefinerField,
} from '../protocol/messages.ts';
import { numberOf, readKeyValues, wordOf } from './key-values.ts';

/** As typed: a model by its name or file, an image by its file. */
export interface ControlFlag extends Omit<ControlField, 'imageId' | 'imageName'> {
  readonly image?: string;
}
export type LoraFlag = LoraField;
export type HypernetworkFlag = HypernetworkField;
export type RefinerFlag = RefinerField;

export interface AdapterFlags {
  readonly control?: readonly ControlFlag[];
  readonly lora?: readonly LoraFlag[];
  readonly hypernetwork?: readonly HypernetworkFlag[];
  readonly refiner?: RefinerFlag;
}

const controlKeys = ['model', 'image', 'kind', 'strength', 'start', 'end', 'mode', 'preprocess'] as const;
const refinerKeys = ['model', 'ratio'] as const;
const loraKeys = ['model', 'strength', 'text-encoder-strength'] as const;
const hypernetworkKeys = ['model', 'strength'] as const;
/** What a preprocessor takes it says itself. */
const anyNumber = { min: -1e6, max: 1e6 } as const;
const shareOfSteps = { min: 0, max: 1 } as const;

export function addAdapterOptions(command: Command): Command {
  return command
    .option(
      '--control <key=value,…>',
      'a picture that is followed: image=FILE, and model=NAME|FILE, or kind=canny, or preprocess=canny; strength=0..2, start=0, end=1, mode=balanced|prompt|control; can be given several times',
      (text: string, earlier: readonly ControlFlag[] = []) => [...earlier, readControl(text)],
    )
    .option(
      '--lora <key=value,…>',
      'a LoRA: model=NAME|FILE, strength=-10..10, text-encoder-strength; can be given several times',
      (text: string, earlier: readonly LoraFlag[] = []) => [...earlier, readLora(text)],
    )
    .option(
      '--hypernetwork <key=value,…>',
      'a hypernetwork: model=NAME|FILE, strength=-10..10; can be given several times, to work one after the other',
      (text: string, earlier: readonly HypernetworkFlag[] = []) => [...earlier, readHypernetwork(text)],
    )
    .option(
      '--refiner <key=value,…>',
      'a second SDXL checkpoint for the last steps: model=NAME|FILE, ratio=0.8, the share of the noise that the first takes away',
      readRefiner,
    );
}

/** Throws `InvalidArgumentError`. */
export function readControl(text: string): ControlFlag {
  const { model, image, kind, strength, start, end, mode, preprocess } = readKeyValues(text, controlKeys);
  return {
    ...(model !== undefined && { model }),
    ...(image !== undefined && { image }),
    ...(kind !== undefined && { kind: wordOf('kind', kind, controlKinds) }),
    ...(strength !== undefined && { strength: numberOf('strength', strength, controlStrengthRange) }),
    ...(start !== undefined && { start: numberOf('start', start, shareOfSteps) }),
    ...(end !== undefined && { end: numberOf('end', end, shareOfSteps) }),
    ...(mode !== undefined && { mode: wordOf('mode', mode, controlModes) }),
    ...(preprocess !== undefined && { preprocessor: readPreprocessor(preprocess) }),
  };
}

/** Reads a name, its own numbers behind it, as `canny:low-threshold=50:high-threshold=150`. Throws `InvalidArgumentError`. */
export function readPreprocessor(text: string): PreprocessorField {
  const [first = '', ...parts] = text.split(':');
  const name = wordOf('preprocess', first, controlKinds);
  if (parts.length === 0) return name;
  const options = parts.map((part): [string, number] => {
    const [, key, value] = /^([^=]+)=(.*)$/.exec(part) ?? [];
    if (key === undefined || value === undefined) {
      throw new InvalidArgumentError(
        `Expected name:option=number, such as canny:low-threshold=50, received "${text}".`,
      );
    }
    const name = key.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    return [name, numberOf(key, value, anyNumber)];
  });
  return { name, options: Object.fromEntries(options) };
}

/** Throws `InvalidArgumentError`. */
export function readLora(text: string): LoraFlag {
  const { model, strength, 'text-encoder-strength': ofText } = readKeyValues(text, loraKeys);
  if (model === undefined)
    throw new InvalidArgumentError('Expected model=NAME or model=FILE, received none.');
  return {
    model,
    ...(strength !== undefined && { strength: numberOf('strength', strength, loraStrengthRange) }),
    ...(ofText !== undefined && {
      textEncoderStrength: numberOf('text-encoder-strength', ofText, loraStrengthRange),
    }),
  };
}

/** Throws `InvalidArgumentError`. */
export function readHypernetwork(text: string): HypernetworkFlag {
  const { model, strength } = readKeyValues(text, hypernetworkKeys);
  if (model === undefined)
    throw new InvalidArgumentError('Expected model=NAME or model=FILE, received none.');
  return {
    model,
    ...(strength !== undefined && { strength: numberOf('strength', strength, hypernetworkStrengthRange) }),
  };
}

/** Throws `InvalidArgumentError`. */
export function readRefiner(text: string): RefinerFlag {
  const { model, ratio } = readKeyValues(text, refinerKeys);
  if (model === undefined)
    throw new InvalidArgumentError('Expected model=NAME or model=FILE, received none.');
  return { model, ...(ratio !== undefined && { ratio: numberOf('ratio', ratio, shareOfSteps) }) };
}
