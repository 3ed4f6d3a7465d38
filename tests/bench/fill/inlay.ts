/**
 * Our side of the benchmark in a process of its own, by the line protocol of `peers/peer.py`:
 *
 *     node --import tsx --expose-gc tests/bench/fill/inlay.ts THREADS
 *
 * A sixth and a seventh field are the kind of case and its margins, JSON. A third field of the answer is when the first
 * preview came.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { FillThreads } from '../../../engine/fill/fill-threads.ts';
import type { Margins } from '../../../engine/image/crop.ts';
import type { Picture } from '../../../engine/image/picture.ts';
import type { CaseKind } from './cases.ts';
import { memoryInUse, resetPeakMemory } from './memory.ts';
import { runOperation } from './operation.ts';

const threads = new FillThreads(Number(process.argv[2]));
console.log('ready');
for await (const line of createInterface(process.stdin)) {
  const [width, height, pictureFile = '', maskFile = '', resultFile = '', kind, margins = 'null'] =
    line.split('\t');
  const size = { width: Number(width), height: Number(height) };
  const picture: Picture = { ...size, channels: 3, data: new Uint8Array(await readFile(pictureFile)) };
  const mask = { ...size, data: new Uint8Array(await readFile(maskFile)) };
  const operation = { kind: kind as CaseKind, picture, mask, margins: JSON.parse(margins) as Margins | null };
  globalThis.gc?.();
  const before = await resetPeakMemory();
  const start = performance.now();
  let previewMs = Number.NaN;
  const options = {
    seed: 1,
    threads,
    onPreview: () => {
      if (Number.isNaN(previewMs)) previewMs = performance.now() - start;
    },
  };
  const result = await runOperation(operation, options);
  const seconds = (performance.now() - start) / 1e3;
  const { peak } = await memoryInUse();
  await writeFile(resultFile, result.data);
  console.log([seconds, Math.max(peak - before, 0), previewMs / 1e3].join('\t'));
}
await threads.close();
