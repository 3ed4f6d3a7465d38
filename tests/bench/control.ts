/**
 * Our edges against OpenCV's, of the same pictures, in turns:
 *
 *     npx tsx tests/bench/control.ts [--python python3] [--rounds 9] [--sizes 512x512,2048x2048]
 *
 * Python needs numpy and opencv-python-headless (tests/golden/control/requirements.txt). Both are given decoded pictures.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { preprocess } from '../../engine/control/preprocess.ts';
import type { RgbImage } from '../../engine/control/rgb-image.ts';
import { atLeisure } from '../engine/control/arbitraries.ts';
import { drawPicture } from '../engine/pipelines/engine-fixture.ts';
import { describeMachine, median } from './figures.ts';
import { PeerProcess } from './peer-process.ts';

const { values } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    rounds: { type: 'string', default: '9' },
    sizes: { type: 'string', default: '512x512,2048x2048' },
  },
});

const variants = [
  { what: 'colours', options: {}, peer: [100, 200, 0, 0] },
  { what: 'grey', options: { grey: 1 }, peer: [100, 200, 0, 1] },
  { what: 'colours, lengths', options: { l2Gradient: 1 }, peer: [100, 200, 1, 0] },
] as const;

const here = path.dirname(fileURLToPath(import.meta.url));
const folder = await mkdtemp(path.join(os.tmpdir(), 'inlay-bench-'));
const peer = await PeerProcess.start(values.python, [path.join(here, 'control_peer.py')]);
if (typeof peer === 'string') throw new Error(`OpenCV cannot be had: ${peer}`);
try {
  console.log(describeMachine());
  console.log('picture | canny of | Inlay, ms (best) | OpenCV, ms (best) | ratio (best) | same bytes');
  for (const size of values.sizes.split(',')) {
    const [width, height] = size.split('x').map(Number) as [number, number];
    const image = drawPicture({ width, height, channels: 3, depth: 8 }) as RgbImage;
    const file = path.join(folder, 'picture.rgb');
    await writeFile(file, image.data);
    for (const { what, options, peer: asked } of variants) {
      const [ours, theirs]: [number[], number[]] = [[], []];
      let isSame = true;
      for (let round = 0; round <= Number(values.rounds); round++) {
        const start = performance.now();
        const map = await preprocess(image, { name: 'canny', options }, atLeisure);
        const took = performance.now() - start;
        const [seconds] = await peer.ask(file, width, height, ...asked);
        // The first round warms up.
        if (round > 0) {
          ours.push(took);
          theirs.push(Number(seconds) * 1000);
        }
        const plane = await readFile(`${file}.map`);
        isSame &&= plane.every((value, i) => value === map.data[3 * i]);
      }
      const figures = [ours, theirs].map(
        (times) => `${median(times).toFixed(1)} (${Math.min(...times).toFixed(1)})`,
      );
      const ratio = `${(median(ours) / median(theirs)).toFixed(2)} (${(Math.min(...ours) / Math.min(...theirs)).toFixed(2)})`;
      console.log([size, what, ...figures, ratio, isSame ? 'yes' : 'NO'].join(' | '));
    }
  }
} finally {
  peer.end();
  await rm(folder, { recursive: true });
}
