/**
 * Runs engines over the cases once, keeps what they return, and lays it side by side:
 *
 *     npx tsx tests/bench/fill/sheets.ts --folder PICTURES [--run inlay-2,…] [--sides 512] [--kinds …] [--blind]
 *
 * Each sheet is a case: source with the hole's outline, the original, then the engines of `sheetEngines`, from the left
 * and from the top. With `--blind` ours and the bar alone, in an order that only the file `key.txt` tells.
 */
import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { maskBounds } from '../../../engine/image/bounds.ts';
import { encode } from '../../../engine/image/codec.ts';
import { cropPicture, pastePicture } from '../../../engine/image/crop.ts';
import type { Mask, Picture } from '../../../engine/image/picture.ts';
import { keyedHash } from '../../../engine/random/keyed-hash.ts';
import { type CaseKind, caseKinds, type FillCase, readCases } from './cases.ts';
import { BAR, type EngineName, FillEngine } from './engines.ts';
import { FillStore } from './fill-store.ts';

const { values } = parseArgs({
  options: {
    folder: { type: 'string' },
    run: { type: 'string', default: '' },
    sides: { type: 'string', default: '512' },
    kinds: { type: 'string', default: caseKinds.join(',') },
    blind: { type: 'boolean', default: false },
    python: { type: 'string', default: 'python3' },
    resynthesizer: { type: 'string', default: '' },
  },
});
if (!values.folder) throw new Error('Expected --folder with the pictures that fetch_pictures.py made');

const OURS: EngineName = 'inlay-2';
const sheetEngines: readonly EngineName[] = [
  OURS,
  BAR,
  'gmic-matchpatch',
  'gmic-patch',
  'resynthesizer',
  'opencv-shift-map',
];
const PANEL = 512;
/** Of strokes only the middle is shown: their faults are small. */
const STROKES_SIDE = 192;
const COLUMNS = 4;
const JPEG_QUALITY = 85;
/** Another order every time. */
const nonce = Date.now() % 2 ** 31;
const outlineColour = [255, 0, 255] as const;

/** A part of the picture, so that the hole takes up about half of the panel. */
function panelOf(picture: Picture, { mask, kind }: FillCase): Picture {
  const hole = maskBounds(mask)!;
  const side = kind === 'strokes' ? STROKES_SIDE : Math.max(1.8 * Math.max(hole.width, hole.height), 96);
  const start = (low: number, length: number, whole: number) =>
    Math.round(Math.max(0, Math.min(low + length / 2 - side / 2, whole - side)));
  const left = start(hole.left, hole.width, picture.width);
  const top = start(hole.top, hole.height, picture.height);
  const width = Math.min(Math.round(side), picture.width - left);
  const height = Math.min(Math.round(side), picture.height - top);
  return resized(cropPicture(picture, { left, top, width, height }), PANEL / Math.max(width, height));
}

/** Box means downwards, whole pixels upwards. */
function resized(picture: Picture, scale: number): Picture {
  const width = Math.min(PANEL, Math.round(picture.width * scale));
  const height = Math.min(PANEL, Math.round(picture.height * scale));
  const data = new Uint8Array(3 * width * height);
  const range = (at: number, count: number, whole: number) => {
    const from = Math.floor((at * whole) / count);
    return [from, Math.max(from + 1, Math.floor(((at + 1) * whole) / count))] as const;
  };
  for (let y = 0; y < height; y++) {
    const [top, bottom] = range(y, height, picture.height);
    for (let x = 0; x < width; x++) {
      const [left, right] = range(x, width, picture.width);
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let v = top; v < bottom; v++) {
          for (let u = left; u < right; u++) sum += picture.data[3 * (v * picture.width + u) + c]!;
        }
        data[3 * (y * width + x) + c] = sum / ((bottom - top) * (right - left));
      }
    }
  }
  return { width, height, channels: 3, data };
}

function outlined(picture: Picture, { width, data: mask }: Mask): Picture {
  const data = picture.data.slice();
  for (const [i, value] of mask.entries()) {
    const isBorder = value > 0 && [i - 1, i + 1, i - width, i + width].some((j) => mask[j] === 0);
    if (isBorder) data.set(outlineColour, 3 * i);
  }
  return { ...picture, data };
}

function sheetOf(panels: readonly (Picture | null)[]): Picture {
  const columns = Math.min(COLUMNS, panels.length);
  const [width, height] = [columns * (PANEL + 4), Math.ceil(panels.length / columns) * (PANEL + 4)];
  let sheet: Picture = { width, height, channels: 3, data: new Uint8Array(3 * width * height).fill(255) };
  for (const [index, picture] of panels.entries()) {
    if (picture === null) continue;
    const [left, top] = [(index % columns) * (PANEL + 4), Math.floor(index / columns) * (PANEL + 4)];
    sheet = pastePicture(sheet, { picture, left, top });
  }
  return sheet;
}

async function drawSheet(fillCase: FillCase, store: FillStore): Promise<Picture> {
  const { picture, truth, mask } = fillCase;
  const panel = (shown: Picture | null) => shown && panelOf(shown, fillCase);
  const fills: (Picture | null)[] = [];
  for (const engine of values.blind ? blindOrder(fillCase) : sheetEngines) {
    fills.push(panel(await store.get(fillCase, engine)));
  }
  const source = panel(outlined(truth ?? picture, mask));
  return sheetOf(values.blind ? [source, ...fills] : [source, panel(truth ?? picture), ...fills]);
}

function blindOrder({ name }: FillCase): readonly EngineName[] {
  const key = [...name].reduce((hash, letter) => keyedHash(hash, letter.charCodeAt(0)), nonce);
  return (key & 1) === 0 ? [OURS, BAR] : [BAR, OURS];
}

const scratch = await mkdtemp(path.join(os.tmpdir(), 'inlay-bench-'));
const names = values.run.split(',').filter(Boolean) as EngineName[];
const engines = await FillEngine.startAll(names, { ...values, folder: scratch });
const store = new FillStore(values.folder);
const sheets = path.join(values.folder, values.blind ? 'blind' : 'sheets');
await mkdir(sheets, { recursive: true });
const selection = {
  folder: values.folder,
  sides: values.sides.split(',').map(Number),
  kinds: values.kinds.split(',') as CaseKind[],
};
for await (const fillCase of readCases(selection)) {
  for (const engine of engines) {
    const sample = await engine.fill(fillCase);
    const told = typeof sample === 'string' ? sample : `${sample.seconds.toFixed(2)} s`;
    console.log(`${fillCase.name.padEnd(30)} ${engine.name.padEnd(18)} ${told}`);
    if (typeof sample !== 'string') await store.put(fillCase, engine.name, sample.result);
  }
  const jpeg = await encode(await drawSheet(fillCase, store), { format: 'jpeg', quality: JPEG_QUALITY });
  await writeFile(path.join(sheets, `${fillCase.name}.jpg`), jpeg);
  if (values.blind)
    await appendFile(path.join(sheets, 'key.txt'), `${fillCase.name}: ${blindOrder(fillCase).join(', ')}\n`);
}
for (const engine of engines) engine.end();
await rm(scratch, { recursive: true, force: true });
