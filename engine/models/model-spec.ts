/**
 * What a file says of itself in its metadata (the ModelSpec keys, https://github.com/Stability-AI/ModelSpec) and in marker
 * tensors. Everything is written by whoever made the file: values that are no such thing are passed over.
 */
import type { Checkpoint } from '../weights/safetensors.ts';

export type PredictionType = 'epsilon' | 'v_prediction' | 'sample';

export interface ModelSpec {
  readonly title?: string;
  readonly licence?: string;
  /** Pixels at which the model was trained. */
  readonly resolution?: { readonly width: number; readonly height: number };
  /** Undefined where the file does not say. */
  readonly predictionType?: PredictionType;
  /** The noise schedule ends in noise alone. */
  readonly hasZeroTerminalSnr?: true;
  /** Classifier-free guidance that suits the model. ModelSpec has no key for it. */
  readonly guidanceScale?: number;
}

/** Longer ones are cut: they are shown in lists. */
export const maxTextCharacters = 200;
export const resolutionRange = { min: 64, max: 8192 } as const;
/** Above it no request may go either. */
const maxGuidanceScale = 30;

const predictionTypes: Readonly<Record<string, PredictionType>> = {
  epsilon: 'epsilon',
  eps: 'epsilon',
  v: 'v_prediction',
  v_prediction: 'v_prediction',
  sample: 'sample',
  x0: 'sample',
};

export function readModelSpec({ metadata, tensors }: Pick<Checkpoint, 'metadata' | 'tensors'>): ModelSpec {
  const title = plainText(metadata.get('modelspec.title'));
  const licence = plainText(metadata.get('modelspec.license'));
  const resolution = parseResolution(metadata.get('modelspec.resolution'));
  const named = metadata.get('modelspec.prediction_type')?.trim().toLowerCase() ?? '';
  // The markers of checkpoints that A1111 and ComfyUI go by; their values mean nothing.
  const predictionType = tensors.has('v_pred')
    ? 'v_prediction'
    : Object.hasOwn(predictionTypes, named)
      ? predictionTypes[named]
      : undefined;
  const hasZeroTerminalSnr =
    tensors.has('ztsnr') || metadata.get('ss_zero_terminal_snr')?.toLowerCase() === 'true';
  const guidanceScale = parseGuidanceScale(metadata.get('inlay.guidance_scale'));
  return {
    ...(title !== undefined && { title }),
    ...(licence !== undefined && { licence }),
    ...(resolution !== undefined && { resolution }),
    ...(predictionType !== undefined && { predictionType }),
    ...(hasZeroTerminalSnr && { hasZeroTerminalSnr }),
    ...(guidanceScale !== undefined && { guidanceScale }),
  };
}

/** On one line, without what a terminal would act on. */
export function plainText(text: string | undefined): string | undefined {
  const line = text?.replace(/[\p{C}\p{Z}]+/gu, ' ').trim();
  if (!line) return undefined;
  const characters = [...line];
  return characters.length <= maxTextCharacters
    ? line
    : `${characters.slice(0, maxTextCharacters - 1).join('')}…`;
}

function parseResolution(text: string | undefined): ModelSpec['resolution'] {
  const match = /^\s*(\d{1,5})\s*(?:x\s*(\d{1,5}))?\s*$/i.exec(text ?? '');
  if (match === null) return undefined;
  const width = Number(match[1]);
  const height = Number(match[2] ?? match[1]);
  const isSound = [width, height].every((side) => side >= resolutionRange.min && side <= resolutionRange.max);
  return isSound ? { width, height } : undefined;
}

function parseGuidanceScale(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,2}(\.\d{1,3})?$/.test(text)) return undefined;
  const scale = Number(text);
  return scale <= maxGuidanceScale ? scale : undefined;
}
