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
const selection = 'M300 110 L342 110 L350 330 L354 350 L356 408 L278 408 L280 352 L298 330 Z';
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
    ['dist/inlay.js', 'fill', photo, '--mask', mask, '--seed', '3', '-o', filled],
    { stdio: 'inherit' },
  );
  if (status !== 0) process.exit(status ?? 1);
  const outline = svg(
    `<path d="${selection}" fill="#ff3b6b" fill-opacity="0.35" stroke="#ff3b6b" stroke-width="2" stroke-dasharray="6 4"/>`,
  );
  // The photograph has a colour profile of its own, which both halves leave in the same way.
  const before = await sharp(photo)
    .composite([{ input: outline }])
    .png()
    .toBuffer();
  const after = await sharp(filled).png().toBuffer();
  await sharp({ create: { width: 2 * width + gap, height, channels: 3, background: 'white' } })
    .composite([
      { input: before, left: 0, top: 0 },
      { input: after, left: width + gap, top: 0 },
    ])
    .jpeg({ quality: 88 })
    .toFile(output);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
