/** The benchmark's cases: photographs of pictures.json, as `fetch_pictures.py` leaves them, and what is to be filled. */
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { decode } from '../../../engine/image/codec.ts';
import { cropPicture, extensionMask, type Margins } from '../../../engine/image/crop.ts';
import type { Mask, Picture } from '../../../engine/image/picture.ts';
import { convertPicture } from '../../../engine/image/samples.ts';
import { drawMask, type Shape } from './mask-shapes.ts';
import { innerBounds } from './operation.ts';

export const caseKinds = [
  'object',
  'rectangle',
  'outpaint-one',
  'outpaint-all',
  'strokes',
  'removal',
] as const;
export type CaseKind = (typeof caseKinds)[number];

interface CaseEntry {
  readonly kind: CaseKind;
  readonly picture: string;
  /** The longer side in pixels. */
  readonly side: number;
  readonly shapes?: readonly Shape[];
  /** Shares of width and height to be made up at left, top, right and bottom. */
  readonly margins?: readonly [number, number, number, number];
}

export interface FillCase {
  readonly name: string;
  readonly kind: CaseKind;
  readonly side: number;
  /** What an engine is given: the photograph, mid grey where a truth is held back. 8-bit RGB. */
  readonly picture: Picture;
  /** 255 = fill, 0 = keep. */
  readonly mask: Mask;
  /** The photograph, where what was there is what should be there. Not with removals. */
  readonly truth: Picture | null;
  /** Where the canvas grows. */
  readonly margins: Margins | null;
}

const HIDDEN = 128;

export interface CaseSelection {
  readonly folder: string;
  readonly sides: readonly number[];
  readonly kinds?: readonly CaseKind[];
  /** Only so many of a kind and size. */
  readonly limit?: number;
}

/** Reads the cases one by one, as only one need be in memory. Says which pictures are not there. */
export async function* readCases(selection: CaseSelection): AsyncGenerator<FillCase> {
  const { folder, sides, kinds = caseKinds, limit = Number.POSITIVE_INFINITY } = selection;
  const counts = new Map<string, number>();
  for (const entry of manifest()) {
    if (!sides.includes(entry.side) || !kinds.includes(entry.kind)) continue;
    const file = path.join(folder, `${entry.picture}-${entry.side}.png`);
    if (!existsSync(file)) {
      console.log(`left out: ${file} is not there (fetch_pictures.py makes it)`);
      continue;
    }
    const group = `${entry.kind} ${entry.side}`;
    const count = (counts.get(group) ?? 0) + 1;
    counts.set(group, count);
    if (count <= limit) yield buildCase(entry, await readPicture(file));
  }
}

function manifest(): readonly CaseEntry[] {
  const file = path.join(path.dirname(fileURLToPath(import.meta.url)), 'pictures.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { cases: CaseEntry[] }).cases;
}

async function readPicture(file: string): Promise<Picture> {
  const { width, height, data } = convertPicture(
    await decode({ format: 'png', bytes: await readFile(file) }),
    {
      channels: 3,
      depth: 8,
    },
  );
  return { width, height, channels: 3, data };
}

function buildCase(entry: CaseEntry, photograph: Picture): FillCase {
  const { kind, picture: name, side } = entry;
  const margins = entry.margins ? pixelMargins(entry.margins, photograph) : null;
  const mask = margins
    ? extensionMask(cropPicture(photograph, innerBounds(photograph, margins)), margins)
    : drawMask(photograph, entry.shapes ?? []);
  const hasTruth = kind !== 'removal';
  return {
    name: `${kind}-${name}-${side}`,
    kind,
    side,
    mask,
    margins,
    picture: hasTruth ? hide(photograph, mask) : photograph,
    truth: hasTruth ? photograph : null,
  };
}

function pixelMargins([left, top, right, bottom]: readonly number[], { width, height }: Picture): Margins {
  const pixels = (share: number | undefined, side: number) => Math.round((share ?? 0) * side);
  return {
    left: pixels(left, width),
    top: pixels(top, height),
    right: pixels(right, width),
    bottom: pixels(bottom, height),
  };
}

/** So that no engine can look. */
function hide(photograph: Picture, mask: Mask): Picture {
  const data = photograph.data.slice();
  for (const [i, value] of mask.data.entries()) {
    if (value > 0) data.fill(HIDDEN, 3 * i, 3 * i + 3);
  }
  return { ...photograph, data };
}
