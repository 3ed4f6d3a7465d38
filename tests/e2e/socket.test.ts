/** The whole of it: the real server and the real engine, driven over real sockets by the client that the plugins use. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import sharp from 'sharp';
import { ClientWebSocket } from '../../bridge/websocket.ts';
import { compositeOver } from '../../engine/image/composite.ts';
import type {
  JobImage,
  JobPicture,
  JobPreview,
  JobProgress,
} from '../../plugins/shared/client/client-job.ts';
import { drawPicture } from '../engine/pipelines/engine-fixture.ts';
import { failsWith, startRealServer } from './real-server.ts';

const side = 200;
const hole = { left: 60, top: 70, width: 50, height: 40 };
const picture = drawPicture({ width: side, height: side, channels: 4, depth: 8 });
const source: JobImage = {
  role: 'source',
  format: 'rgba8',
  width: side,
  height: side,
  bytes: picture.data as Uint8Array,
};
const mask: JobImage = { role: 'mask', format: 'gray8', width: side, height: side, bytes: holeMask() };

const { engine, pairedClient } = await startRealServer({ after });

function holeMask(): Uint8Array {
  const bytes = new Uint8Array(side * side);
  for (let y = hole.top; y < hole.top + hole.height; y++) {
    bytes.fill(255, y * side + hole.left, y * side + hole.left + hole.width);
  }
  return bytes;
}

function onlyResult(pictures: readonly JobPicture[]): JobPicture {
  assert.equal(pictures.length, 1);
  return pictures[0]!;
}

/** Fails at the first pixel that the mask keeps and the result does not. */
function assertKept({ bytes, width, height }: JobPicture): void {
  assert.deepEqual([width, height], [side, side]);
  let changed = 0;
  for (let i = 0; i < side * side; i++) {
    const isSame =
      Buffer.compare(bytes.subarray(4 * i, 4 * i + 4), source.bytes.subarray(4 * i, 4 * i + 4)) === 0;
    if (mask.bytes[i] === 0) assert.ok(isSame, `pixel ${i % side}, ${Math.floor(i / side)}`);
    else if (!isSame) changed++;
  }
  assert.ok(changed > (hole.width * hole.height) / 2, `${changed} pixels changed`);
}

test('a fill changes the hole and not one bit outside, shows how far it is, and can be had again', async (context) => {
  const client = await pairedClient(context);
  const progress: JobProgress[] = [];
  const previews: JobPreview[] = [];
  const result = onlyResult(
    await client.run({ operation: 'fill' }, [source, mask], {
      onProgress: (step) => progress.push(step),
      onPreview: (preview) => previews.push(preview),
    }),
  );
  assertKept(result);
  const phases = [...new Set(progress.map(({ phase }) => phase))];
  assert.deepEqual(phases, ['decoding', 'filling', 'encoding']);
  assert.ok(previews.length > 0);
  for (const { bounds, bytes, width, height } of previews) {
    assert.deepEqual(bounds, hole);
    const header = await sharp(bytes).metadata();
    assert.deepEqual([header.format, header.width, header.height], ['jpeg', width, height]);
  }
  const again = onlyResult(await client.run(result.request, [source, mask]));
  assert.equal(Buffer.compare(again.bytes, result.bytes), 0);
  assert.deepEqual(again.request, result.request);
});

test("[J13] only the mask's area comes with its mask, to be put in place", async (context) => {
  const client = await pairedClient(context);
  const request = { operation: 'fill', resultArea: 'mask', count: 2, seed: 5 } as const;
  const pictures = await client.run(request, [source, mask]);
  assert.deepEqual(
    pictures.map(({ index, role, left, top, width, height }) => ({ index, role, left, top, width, height })),
    [0, 1].flatMap((index) => ['picture', 'mask'].map((role) => ({ index, role, ...hole }))),
  );
  assert.ok(pictures[1]!.bytes.every((value) => value === 255));
  assert.notEqual(Buffer.compare(pictures[0]!.bytes, pictures[2]!.bytes), 0);
});

test('[J13] [J14] a removal comes with a mask that covers what was left of the object, placed in the document', async (context) => {
  const client = await pairedClient(context);
  const bytes = Uint8Array.from(picture.data);
  // The object goes on for a pixel beyond its mask.
  for (let y = hole.top - 1; y <= hole.top + hole.height; y++) {
    bytes.fill(255, 4 * (y * side + hole.left - 1), 4 * (y * side + hole.left + hole.width + 1));
  }
  const images: JobImage[] = [{ ...source, bytes, left: 1000, top: 500 }, mask];
  const request = { operation: 'remove', resultArea: 'mask', seed: 5 } as const;
  const [layer, layerMask] = await client.run(request, images);
  const placeOf = ({ left, top, width, height }: JobPicture) => ({ left, top, width, height });
  assert.deepEqual(placeOf(layer!), placeOf(layerMask!));
  const at = { ...placeOf(layer!), left: layer!.left - 1000, top: layer!.top - 500 };
  assert.ok(at.left < hole.left && at.left >= hole.left - 8 && at.top < hole.top && at.top >= hole.top - 8);
  const fill = { width: at.width, height: at.height, channels: 4, data: layer!.bytes } as const;
  const grown = { width: at.width, height: at.height, data: layerMask!.bytes };
  const laid = compositeOver({ ...picture, data: bytes }, { fill, mask: grown, at });
  const whole = onlyResult(await client.run({ ...request, resultArea: 'picture' }, images));
  assert.equal(Buffer.compare(whole.bytes, laid.data as Uint8Array), 0);
  assert.deepEqual(layer!.request, { ...whole.request, resultArea: 'mask', output: layer!.request.output });
});

test('an expansion says where it begins and holds the picture bit for bit', async (context) => {
  const client = await pairedClient(context);
  const result = onlyResult(await client.run({ operation: 'expand', left: 13, bottom: 20 }, [source]));
  const { left, top, width, height } = result;
  assert.deepEqual({ left, top, width, height }, { left: -13, top: 0, width: side + 13, height: side + 20 });
  for (let y = 0; y < side; y++) {
    const start = 4 * (y * width + 13);
    const row = result.bytes.subarray(start, start + 4 * side);
    assert.equal(Buffer.compare(row, source.bytes.subarray(4 * y * side, 4 * (y + 1) * side)), 0, `row ${y}`);
  }
});

test('an upscale has the size asked for, as the file asked for', async (context) => {
  const client = await pairedClient(context);
  const small = drawPicture({ width: 60, height: 40, channels: 3, depth: 8 });
  const image: JobImage = {
    role: 'source',
    format: 'png',
    width: 60,
    height: 40,
    bytes: new Uint8Array(
      await sharp(small.data, { raw: { width: 60, height: 40, channels: 3 } })
        .png()
        .toBuffer(),
    ),
  };
  const request = { operation: 'upscale', scale: 2.5, output: { format: 'webp', quality: 80 } } as const;
  const result = onlyResult(await client.run(request, [image]));
  const header = await sharp(result.bytes).metadata();
  assert.deepEqual([header.format, header.width, header.height], ['webp', 150, 100]);
  assert.deepEqual([result.width, result.height, result.format], [150, 100, 'webp']);
});

/** An upscale that takes some seconds: long enough to happen to. */
const slow = { operation: 'upscale', model: 'realesrgan-x4plus-anime' } as const;
const slowImage: JobImage = { ...source, width: 96, height: 96, bytes: source.bytes.slice(0, 4 * 96 * 96) };
/** Long enough to be disturbed twice on any machine. */
const slowerImage: JobImage = {
  ...source,
  width: 192,
  height: 192,
  bytes: source.bytes.slice(0, 4 * 192 * 192),
};

test('a cancelled job ends, and the next one is done', async (context) => {
  const client = await pairedClient(context);
  const controller = new AbortController();
  const cancelled = client.run(slow, [slowImage], {
    signal: controller.signal,
    onProgress: ({ phase, step }) => {
      if (phase === 'upscaling' && step > 0) controller.abort();
    },
  });
  await assert.rejects(cancelled, failsWith('cancelled'));
  assert.ok(controller.signal.aborted);
  assertKept(onlyResult(await client.run({ operation: 'fill' }, [source, mask])));
});

test('an engine that is killed in the middle of a job is replaced, and the job is done by the next one', async (context) => {
  const client = await pairedClient(context);
  const { pid } = engine;
  let isKilled = false;
  const result = onlyResult(
    await client.run(slow, [slowImage], {
      onProgress: ({ phase, step }) => {
        if (isKilled || phase !== 'upscaling' || step === 0) return;
        isKilled = true;
        process.kill(pid!, 'SIGKILL');
      },
    }),
  );
  assert.ok(isKilled);
  assert.notEqual(engine.pid, pid);
  assert.equal(result.bytes.length, 4 * 384 * 384);
  const undisturbed = onlyResult(await client.run(slow, [slowImage]));
  assert.equal(Buffer.compare(result.bytes, undisturbed.bytes), 0);
});

test('a connection that is cut in the middle of a job is made again, and the result arrives', async (context) => {
  const sockets: InstanceType<typeof ClientWebSocket>[] = [];
  class KeptSocket extends ClientWebSocket {
    constructor(url: string) {
      super(url);
      sockets.push(this);
    }
  }
  const client = await pairedClient(context, { WebSocket: KeptSocket });
  const before = sockets.length;
  let cuts = 0;
  const started: number[] = [];
  const result = onlyResult(
    await client.run(slow, [slowerImage], {
      onStarted: () => started.push(cuts),
      onProgress: ({ phase, step }) => {
        if (phase !== 'upscaling' || step < 2 * (cuts + 1) || cuts === 2) return;
        cuts += 1;
        sockets.at(-1)!.terminate();
      },
    }),
  );
  assert.equal(cuts, 2);
  assert.equal(sockets.length, before + 2);
  assert.equal(result.bytes.length, 4 * 768 * 768);
});

test('two clients at once get their own results and hear nothing of each other', async (context) => {
  const [first, second] = [await pairedClient(context), await pairedClient(context)];
  const heard = { first: 0, second: 0 };
  const seen: Record<string, JobPicture[]> = { first: [], second: [] };
  const [fills, expansions] = await Promise.all([
    first.run({ operation: 'fill', count: 2 }, [source, mask], {
      onStarted: () => heard.first++,
      onPicture: (result) => seen.first!.push(result),
    }),
    second.run({ operation: 'expand', right: 16 }, [source], {
      onStarted: () => heard.second++,
      onPicture: (result) => seen.second!.push(result),
    }),
  ]);
  for (const result of fills) assertKept(result);
  assert.equal(fills.length, 2);
  assert.deepEqual(
    expansions.map(({ width }) => width),
    [side + 16],
  );
  assert.deepEqual(heard, { first: 1, second: 1 });
  assert.deepEqual([seen.first!.length, seen.second!.length], [2, 1]);
});

test('an estimate tells size and time, also while a job runs', async (context) => {
  const client = await pairedClient(context);
  const outline = { role: 'source', format: 'rgb8', width: 1000, height: 500 } as const;
  const estimate = await client.estimate({ operation: 'upscale', scale: 4 }, [outline]);
  assert.deepEqual([estimate.outputWidth, estimate.outputHeight], [4000, 2000]);
  assert.deepEqual(estimate.contextBounds, { left: 0, top: 0, width: 1000, height: 500 });
  assert.ok(estimate.durationMs > 0 && estimate.memoryBytes > 4000 * 2000 * 3);
  await assert.rejects(
    client.estimate({ operation: 'upscale', model: 'none' }, [outline]),
    failsWith('model-not-found'),
  );
});

test('what cannot be done is refused with what was expected and what to do', async (context) => {
  const client = await pairedClient(context);
  const { limits } = await client.capabilities();
  const cases = [
    [client.run({ operation: 'upscale', model: 'none' }, [source]), 'model-not-found', /"none"/],
    [
      client.run({ operation: 'fill', model: 'realesrgan-x4plus' }, [source, mask]),
      'invalid-option',
      /upscaler/,
    ],
    [
      client.run({ operation: 'fill', count: limits.maxCount + 1 }, [source, mask]),
      'invalid-option',
      /1\.\.8/,
    ],
    [
      client.run({ operation: 'expand', left: limits.maxExpandPixels + 1 }, [source]),
      'invalid-option',
      /8192 pixels at most/,
    ],
    [
      client.run({ operation: 'upscale', width: limits.maxImageSide + 1, height: 1 }, [source]),
      'image-too-large',
      /32768/,
    ],
    [
      client.run({ operation: 'fill' }, [source, { ...mask, bytes: new Uint8Array(side * side) }]),
      'mask-empty',
      /white/,
    ],
    [
      client.run({ operation: 'upscale' }, [{ ...source, format: 'png', bytes: new Uint8Array(100) }]),
      'invalid-image',
      /PNG, JPEG, WebP or TIFF/,
    ],
  ] as const;
  await Promise.all(cases.map(([job, code, pattern]) => assert.rejects(job, failsWith(code, pattern))));
  assertKept(onlyResult(await client.run({ operation: 'fill', count: 1 }, [source, mask])));
});
