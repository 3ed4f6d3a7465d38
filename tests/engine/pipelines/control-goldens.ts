/** The pictures of `tests/golden/controlnet`, and how diffusers was asked for them (`pipelines.py`). */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { ControlSettings, ImagePayload } from '../../../engine/api.ts';
import { decode } from '../../../engine/image/codec.ts';
import type { Picture } from '../../../engine/image/picture.ts';
import { writeHashedTensors } from '../hashed-checkpoint.ts';
import type { GoldenCase } from './diffusion-goldens.ts';

export const controlGoldens = path.join(import.meta.dirname, '../../golden/controlnet');

/** `shuffle` has the weights of `cldm`; beside them is said what they are for. */
export type GoldenControlNet = 'cldm' | 'diffusers' | 'shuffle';

interface GoldenControl
  extends Partial<Pick<ControlSettings, 'strength' | 'start' | 'end' | 'mode' | 'kind'>> {
  readonly net: GoldenControlNet;
}

export interface ControlCase extends GoldenCase {
  readonly controls: readonly GoldenControl[];
}

export const controlCases = JSON.parse(
  readFileSync(path.join(controlGoldens, 'cases.json'), 'utf8'),
) as readonly ControlCase[];

export function controlPayload(name: string): ImagePayload {
  return { format: 'png', bytes: new Uint8Array(readFileSync(path.join(controlGoldens, `${name}.png`))) };
}

export function controlPicture(name: string): Promise<Picture> {
  return decode(controlPayload(name));
}

export function writeGoldenControlNet(file: string, name: 'cldm' | 'diffusers'): Promise<void> {
  return writeHashedTensors(file, path.join(controlGoldens, `${name}.keys.json`));
}

/** What a control of a case is set to; of `inpaint` the map is made of source and mask. */
export function controlsOf(
  { controls, width }: ControlCase,
  files: Readonly<Record<GoldenControlNet, string>>,
): readonly ControlSettings[] {
  return controls.map(({ net, kind, strength = 1, start = 0, end = 1, mode = 'balanced' }, index) => ({
    model: { file: files[net] },
    ...(kind === undefined ? { image: controlPayload(`sketch-${index}-${width}`) } : { kind }),
    strength,
    start,
    end,
    mode,
  }));
}
