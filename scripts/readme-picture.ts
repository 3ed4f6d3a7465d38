/**
 * Makes the README's picture (`npm run picture`): the launch pad's photograph, what was selected in it, and the fill, by
 * the command line as a person would use it.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';

const photo = 'docs/pictures/launch-pad.jpg';
const mask = 'docs/pictures/launch-pad-mask.png';
const output = 'docs/pictures/before-after.jpg';

/** Around the rocket and its tower. */
const selection = 'M300 110 L342 110 L352 335 L362 375 L362 407 L282 407 L284 355 L298 335 Z';
const width = 640;
const height = 427;
const gap = 8;

const svg = (content: string) =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${content}</svg>`);

await sharp(svg(`<rect width="100%" height="100%" fill="black"/><path d="${selection}" fill="white"/>`))
  .flatten({ background: 'black' })
  .toColourspace('b-w')
  .png()
  .toFile(mask);

const folder = mkdtempSync(path.join(tmpdir(), 'inlay-picture-'));
try {
  const filled = path.join(folder, 'filled.png');
  const { status } = spawnSync(
    process.execPath,
    ['dist/inlay.js', 'fill', photo, '--mask', mask, '--seed', '1', '-o', filled],
    { stdio: 'inherit' },
  );
  if (status !== 0) process.exit(status ?? 1);
  const outline = svg(
    `<path d="${selection}" fill="#ff3b6b" fill-opacity="0.35" stroke="#ff3b6b" stroke-width="2" stroke-dasharray="6 4"/>`,
  );
  await sharp({ create: { width: 2 * width + gap, height, channels: 3, background: 'white' } })
    .composite([
      {
        input: await sharp(photo)
          .composite([{ input: outline }])
          .toBuffer(),
        left: 0,
        top: 0,
      },
      { input: filled, left: width + gap, top: 0 },
    ])
    .jpeg({ quality: 88 })
    .toFile(output);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
