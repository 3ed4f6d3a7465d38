/** The pictures of `tests/golden/pipelines`, and how diffusers was asked for them (`dump.py`). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { DiffusionSettings, GenerateSettings, ImagePayload } from '../../../engine/api.ts';
import { decode } from '../../../engine/image/codec.ts';
import type { Picture } from '../../../engine/image/picture.ts';
import { type GoldenCheckpoint, pipelineGoldens } from '../hashed-checkpoint.ts';

export interface GoldenCase {
  readonly name: string;
  readonly checkpoint: GoldenCheckpoint;
  readonly prompt: string;
  readonly negative_prompt?: string;
  readonly num_inference_steps: number;
  readonly guidance_scale: number;
  readonly guidance_rescale?: number;
  readonly image_guidance_scale?: number;
  readonly strength?: number;
  readonly high_resolution_strength?: number;
  readonly seed: number;
  readonly width: number;
  readonly height: number;
  readonly clip_skip?: number;
  readonly prediction_type?: NonNullable<DiffusionSettings['predictionType']>;
}

export const goldenCases = JSON.parse(
  readFileSync(path.join(pipelineGoldens, 'cases.json'), 'utf8'),
) as readonly GoldenCase[];

export function goldenPayload(name: string): ImagePayload {
  return { format: 'png', bytes: new Uint8Array(readFileSync(path.join(pipelineGoldens, `${name}.png`))) };
}

export function goldenPicture(name: string): Promise<Picture> {
  return decode(goldenPayload(name));
}

export function settingsOf(golden: GoldenCase): DiffusionSettings {
  const { prompt, negative_prompt, num_inference_steps, guidance_scale } = golden;
  const { guidance_rescale, clip_skip = 0, prediction_type } = golden;
  return {
    prompt,
    negativePrompt: negative_prompt ?? '',
    scheduler: 'ddim',
    numInferenceSteps: num_inference_steps,
    guidanceScale: guidance_scale,
    guidanceRescale: guidance_rescale ?? 0,
    rng: 'cpu',
    // diffusers counts the layers left out.
    clipSkip: clip_skip + 1,
    ...(prediction_type !== undefined && { predictionType: prediction_type }),
  };
}

/** Of a picture from words, drawn in one pass where the case says nothing else. */
export function generateSettingsOf(golden: GoldenCase): GenerateSettings {
  const { high_resolution_strength: strength } = golden;
  return {
    ...settingsOf(golden),
    highResolution: strength === undefined ? 'off' : 'on',
    highResolutionStrength: strength ?? 0.5,
  };
}

/** The largest difference of two RGB pictures' samples, of the pixels that `where` picks. */
export function worstDifference(
  a: Picture,
  b: Picture,
  where: (pixel: number) => boolean = () => true,
): number {
  assert.deepEqual([a.width, a.height, a.channels], [b.width, b.height, b.channels]);
  let worst = 0;
  for (const [i, value] of a.data.entries()) {
    if (where(Math.floor(i / a.channels))) worst = Math.max(worst, Math.abs(value - b.data[i]!));
  }
  return worst;
}
