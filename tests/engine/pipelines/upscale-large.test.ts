import assert from 'node:assert/strict';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { EngineHost } from '../../../bridge/engine-host.ts';
import type { ResultPicture } from '../../../engine/api.ts';
import { maxResultBytesInMemory } from '../../../engine/pipelines/upscale.ts';
import { temporaryFolder } from '../../temporary-folder.ts';
import { writeSmallestUpscaler } from '../checkpoints.ts';

/** What `runUpscale` promises at this width, and room for Node's own and for garbage. */
const maxPeakBytes = 1.75 * 2 ** 30;

/**
 * As wide as a picture of 24 megapixels, which is what memory grows with, and just high enough for a result past the limit.
 * (The whole 6000 x 4000 in 8 bits takes a minute and a half on two cores, with a peak of 1.0 GiB.)
 */
const [width, height] = [6000, 710];

test('a result too large for memory is written to a file, in bounded memory', async (context) => {
  assert.ok(4 * width * 4 * height * 8 > maxResultBytesInMemory);
  const folder = await temporaryFolder(context);
  const spoolFolder = await temporaryFolder(context);
  const file = path.join(folder, 'smallest.safetensors');
  await writeSmallestUpscaler(file, { scale: 4, features: 4 });
  const engine = await EngineHost.start({
    device: 'cpu',
    modelFolders: [],
    spoolFolder,
    idleUnloadMs: 60_000,
    threads: 1,
  });
  context.after(() => engine.close());
  const samples = new Uint16Array(width * height * 4);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 4) {
      samples[i] = x + y;
      samples[i + 1] = x << 3;
      samples[i + 2] = y << 4;
      samples[i + 3] = 65535;
    }
  }
  const bytes = new Uint8Array(samples.buffer);
  const results: ResultPicture[] = [];
  const started = performance.now();
  await engine.run(
    {
      operation: 'upscale',
      source: { format: 'rgba16', width, height, bytes },
      model: { file },
      target: { scale: 4 },
      output: { format: 'png', quality: 90 },
    },
    {
      onProgress: () => {},
      onPreview: () => {},
      onWarning: () => {},
      onResult: (result) => results.push(result),
    },
    new AbortController().signal,
  );
  const seconds = ((performance.now() - started) / 1000).toFixed(0);

  assert.equal(results.length, 1);
  const { bounds, format, content } = results[0]!;
  assert.deepEqual([bounds, format], [{ left: 0, top: 0, width: 4 * width, height: 4 * height }, 'png']);
  assert.ok('file' in content);
  assert.deepEqual(await readdir(spoolFolder), [path.basename(content.file)]);
  assert.equal((await stat(content.file)).size, content.byteLength);
  const handle = await open(content.file);
  context.after(() => handle.close());
  const head = Buffer.alloc(33);
  await handle.read(head, 0, head.length, 0);
  assert.deepEqual([head.readUInt32BE(16), head.readUInt32BE(20)], [4 * width, 4 * height]);
  const tail = Buffer.alloc(12);
  await handle.read(tail, 0, tail.length, content.byteLength - tail.length);
  assert.equal(tail.toString('latin1', 4, 8), 'IEND');

  context.diagnostic(`${seconds} s, ${(content.byteLength / 1e6).toFixed(0)} MB`);
  const status = await readFile(`/proc/${engine.pid}/status`, 'utf8').catch(() => '');
  const peak = /VmHWM:\s+(\d+) kB/.exec(status);
  if (peak === null) return context.diagnostic('the peak memory is not told here: only Linux does');
  const peakBytes = Number(peak[1]) * 1024;
  context.diagnostic(`peak memory of the engine: ${(peakBytes / 2 ** 20).toFixed(0)} MiB`);
  assert.ok(peakBytes < maxPeakBytes, `${peakBytes} bytes`);
});
