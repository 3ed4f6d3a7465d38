/**
 * What makes control maps, by its names and numbers alone: a request is held to them before it waits, and a client builds
 * its menu from them.
 */
import type { ControlKind, PreprocessorSettings } from '../api.ts';
import { EngineError } from '../errors.ts';

/** A number of a preprocessor's own. A whole one of 0..1 is a switch. */
export interface PreprocessorOption {
  readonly name: string;
  /** For a person, e.g. `as an edge where it goes on from one`. */
  readonly description: string;
  readonly min: number;
  readonly max: number;
  readonly default: number;
  readonly isWhole: boolean;
}

export interface Preprocessor {
  readonly name: ControlKind;
  /** What a map of it shows: what a control model is for. */
  readonly kind: ControlKind;
  readonly description: string;
  readonly options: readonly PreprocessorOption[];
  /** The catalogue's name of a model that must be there, which does the looking. */
  readonly needs?: string;
  /** One that makes for better maps where it is there. */
  readonly uses?: string;
}

function flag(name: string, description: string): PreprocessorOption {
  return { name, description, min: 0, max: 1, default: 0, isWhole: true };
}

function number(
  name: string,
  description: string,
  limits: Pick<PreprocessorOption, 'min' | 'max' | 'default'>,
): PreprocessorOption {
  return { name, description, ...limits, isWhole: false };
}

const maxCannyThreshold = 1000;
/** The catalogue's name of what sees depth. */
export const depthModel = 'depth-anything-v2-small';
/** That of what sees things, which knows COCO's. */
export const segmentationModel = 'detr-resnet-50-panoptic';
/** The folder of another one that the user has put there, of ADE20K's classes for instance. */
export const ownSegmentationModel = 'segmentation';
/** That of what sees where a person's joints are, and of what finds the persons. */
export const poseModel = 'vitpose-base-simple';
export const personModel = 'rtdetr-r18vd';
/** Of a Gaussian: its kernel is 8 sigma wide. */
const maxSigma = 16;

export const preprocessors: readonly Preprocessor[] = [
  {
    name: 'canny',
    kind: 'canny',
    description: 'edges, as thin lines (Canny)',
    options: [
      number('lowThreshold', 'a gradient above it is an edge where it goes on from one', {
        min: 0,
        max: maxCannyThreshold,
        default: 100,
      }),
      number('highThreshold', 'a gradient above it is an edge by itself', {
        min: 0,
        max: maxCannyThreshold,
        default: 200,
      }),
      flag('l2Gradient', 'measure gradients by their length rather than by the sum of their parts'),
      flag('grey', "look at the picture's grey rather than at its colours"),
    ],
  },
  {
    name: 'lineart',
    kind: 'lineart',
    description: 'lines, soft and fine (XDoG)',
    options: [
      number('sigma', 'how broad the lines are, in pixels', { min: 0.3, max: maxSigma, default: 1 }),
      number('threshold', 'how much darker than its surroundings a line must be', {
        min: 0,
        max: 1,
        default: 0.005,
      }),
      number('steepness', 'how soon a line is fully white', { min: 1, max: 1000, default: 40 }),
    ],
  },
  {
    name: 'scribble',
    kind: 'scribble',
    description: 'strokes, as if drawn with a pen (XDoG)',
    options: [
      number('threshold', 'how much darker than its surroundings a stroke must be', {
        min: 0,
        max: 1,
        default: 0.06,
      }),
    ],
  },
  {
    name: 'softedge',
    kind: 'softedge',
    description: 'edges, soft and broad, from gradients',
    options: [
      number('sigma', 'how soft the edges are, in pixels', { min: 0.3, max: maxSigma, default: 2 }),
      number('gain', 'how bright they are', { min: 0.1, max: 100, default: 6 }),
    ],
  },
  {
    name: 'depth',
    kind: 'depth',
    description: 'how near everything is (Depth Anything V2)',
    options: [],
    needs: depthModel,
  },
  {
    name: 'normal',
    kind: 'normal',
    description: 'which way everything faces (of the depth)',
    options: [
      number('relief', 'how deep the scene is, in longer sides of the picture', {
        min: 0.1,
        max: 20,
        default: 2,
      }),
      number('background', 'what is less near than that faces the viewer', { min: 0, max: 1, default: 0.1 }),
    ],
    needs: depthModel,
  },
  {
    name: 'segmentation',
    kind: 'segmentation',
    description: 'what everything is, in the colours of ADE20K (DETR)',
    options: [],
    needs: segmentationModel,
  },
  {
    name: 'pose',
    kind: 'pose',
    description: 'how people stand and move, as figures of OpenPose (ViTPose)',
    options: [number('threshold', 'how sure a joint must be to be drawn', { min: 0, max: 1, default: 0.3 })],
    needs: poseModel,
    uses: personModel,
  },
  {
    name: 'tile',
    kind: 'tile',
    description: 'the picture without its detail',
    options: [
      number('factor', 'how many times smaller it is made; 1: not at all', { min: 1, max: 64, default: 4 }),
    ],
  },
  {
    name: 'palette',
    kind: 'palette',
    description: "a coarse grid of the picture's colours",
    options: [
      {
        ...number('cellSize', 'of a cell, in pixels', { min: 1, max: 1024, default: 64 }),
        isWhole: true,
      },
    ],
  },
];

/** A preprocessor's settings without gaps. */
export type CompleteSettings = Required<PreprocessorSettings>;

/**
 * The settings with every option of their preprocessor. Throws `invalid-option` for a preprocessor that is not there, an
 * option that it has not, and a value beyond the option's limits.
 */
export function completeSettings({ name, options = {} }: PreprocessorSettings): CompleteSettings {
  const preprocessor = preprocessors.find((one) => one.name === name);
  if (preprocessor === undefined) {
    const names = preprocessors.map((one) => one.name).join(', ');
    throw new EngineError('invalid-option', `Expected a preprocessor, one of ${names}, received "${name}".`, {
      hint: 'Choose one of them, or give the control map itself.',
    });
  }
  const known = preprocessor.options.map((option) => option.name);
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    const names = known.length === 0 ? 'no options' : `only the options ${known.join(', ')}`;
    throw new EngineError('invalid-option', `Expected ${names} for ${name}, received "${unknown}".`);
  }
  const complete = Object.fromEntries(
    preprocessor.options.map((option) => [option.name, checkedValue(option, options[option.name])]),
  );
  if ((complete.lowThreshold ?? 0) > (complete.highThreshold ?? Number.POSITIVE_INFINITY)) {
    throw new EngineError(
      'invalid-option',
      `Expected \`lowThreshold\` to be at most \`highThreshold\`, received ${complete.lowThreshold} and ${complete.highThreshold}.`,
    );
  }
  return { name, options: complete };
}

function checkedValue(option: PreprocessorOption, value = option.default): number {
  const { name, min, max, isWhole } = option;
  if (value >= min && value <= max && (!isWhole || Number.isInteger(value))) return value;
  throw new EngineError(
    'invalid-option',
    `Expected \`${name}\` to be ${isWhole ? 'a whole number' : 'a number'} from ${min} to ${max}, received ${value}.`,
  );
}
