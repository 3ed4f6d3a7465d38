/** Jobs with a prompt over real sockets, by the rules J15 to J17 of docs/protocol.md. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, test } from 'node:test';
import { defaultLimits } from '../../bridge/protocol/limits.ts';
import type { JobRequest } from '../../bridge/protocol/messages.ts';
import type { JobImage, JobPicture } from '../../plugins/shared/client/client-job.ts';
import { writeHashedCheckpoint } from '../engine/hashed-checkpoint.ts';
import { drawPicture } from '../engine/pipelines/engine-fixture.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { failsWith, startRealServer } from './real-server.ts';

const folder = await temporaryFolder({ after });
const metadata = { 'modelspec.resolution': '64x64' };
await writeHashedCheckpoint(path.join(folder, 'base.safetensors'), 'base', { metadata });
await writeHashedCheckpoint(path.join(folder, 'hole.safetensors'), 'inpainting', { metadata });
const { pairedClient } = await startRealServer({ after }, { modelFolder: folder });
const client = await pairedClient({ after });

const side = 72;
const picture = drawPicture({ width: side, height: side, channels: 4, depth: 8 });
const source: JobImage = {
  role: 'source',
  format: 'rgba8',
  width: side,
  height: side,
  bytes: picture.data as Uint8Array,
};
/** White in the middle, with grey edges. */
const mask: JobImage = {
  ...source,
  role: 'mask',
  format: 'gray8',
  bytes: Uint8Array.from({ length: side * side }, (_, i) => {
    const inset = Math.min(
      i % side,
      side - 1 - (i % side),
      Math.floor(i / side),
      side - 1 - Math.floor(i / side),
    );
    return Math.min(255, Math.max(0, (inset - 20) * 64));
  }),
};

const prompt = 'a red house';
const quick = { prompt, scheduler: 'ddim', numInferenceSteps: 1, guidanceScale: 1 } as const;
const generate = { ...quick, operation: 'generate', width: 64, height: 64 } as const;

async function only(request: JobRequest, images: readonly JobImage[]): Promise<JobPicture> {
  const [first, ...others] = await client.run(request, images);
  assert.equal(others.length, 0);
  return first!;
}

test('[J15] generate has no images, and picture i of a batch is the one of seed + i', async () => {
  const batch = await client.run({ ...generate, seed: 41, count: 2 }, []);
  assert.deepEqual(
    batch.map(({ index, width, height, request }) => [
      index,
      width,
      height,
      'seed' in request && request.seed,
    ]),
    [
      [0, 64, 64, 41],
      [1, 64, 64, 42],
    ],
  );
  const single = await only({ ...generate, seed: 42 }, []);
  assert.deepEqual(single.bytes, batch[1]!.bytes);
  assert.notDeepEqual(single.bytes, batch[0]!.bytes);
  await assert.rejects(client.run(generate, [source]), failsWith('invalid-option', /no image for generate/));
});

test('[J15] one past any limit is refused, in every operation that has a prompt', async () => {
  const { maxPromptLength, maxInferenceSteps, maxGuidanceScale, maxClipSkip, maxGenerateSide } =
    defaultLimits;
  assert.deepEqual(
    [maxPromptLength, maxInferenceSteps, maxGuidanceScale, maxClipSkip, maxGenerateSide],
    [8192, 150, 30, 12, 2048],
  );
  const tooLong = 'a'.repeat(maxPromptLength + 1);
  const beyond = [
    { prompt: tooLong },
    { negativePrompt: tooLong },
    { numInferenceSteps: maxInferenceSteps + 1 },
    { guidanceScale: maxGuidanceScale + 0.5 },
    { clipSkip: maxClipSkip + 1 },
  ];
  const operations = [
    [generate, []],
    [{ ...quick, operation: 'vary' }, [source]],
    [{ ...quick, operation: 'fill' }, [source, mask]],
    [{ ...quick, operation: 'expand', left: 8 }, [source]],
  ] as const;
  for (const [request, images] of operations) {
    for (const fields of beyond) {
      await assert.rejects(
        client.run({ ...request, ...fields } as JobRequest, images),
        failsWith('invalid-option', new RegExp(`\`${Object.keys(fields)[0]}\``)),
        `${request.operation} ${Object.keys(fields)[0]}`,
      );
    }
  }
  for (const nonsense of [{ numInferenceSteps: 0 }, { clipSkip: 0 }, { guidanceScale: -1 }]) {
    await assert.rejects(client.run({ ...generate, ...nonsense }, []), failsWith('invalid-message'));
  }
  for (const width of [56, 68, maxGenerateSide + 8]) {
    await assert.rejects(client.run({ ...generate, width }, []), failsWith('invalid-option', /`width`/));
  }
});

/** Fails at the first pixel of the source that is not in the result. */
function assertKept(result: JobPicture, isKept: (pixel: number) => boolean = () => true): void {
  const at = { x: -result.left, y: -result.top };
  for (let i = 0; i < side * side; i++) {
    if (!isKept(i)) continue;
    const there = 4 * ((Math.floor(i / side) + at.y) * result.width + (i % side) + at.x);
    const own = source.bytes.subarray(4 * i, 4 * i + 4);
    assert.deepEqual(
      result.bytes.subarray(there, there + 4),
      own,
      `pixel ${i % side}, ${Math.floor(i / side)}`,
    );
  }
}

for (const model of ['hole', 'base']) {
  test(`[J16] a fill from a prompt with a checkpoint such as ${model} keeps every bit outside its mask`, async () => {
    const settings = { context: 'whole', workingSize: 'native', strength: 1 } as const;
    const result = await only({ ...quick, ...settings, operation: 'fill', model, seed: 3 }, [source, mask]);
    assert.deepEqual([result.width, result.height], [side, side]);
    assertKept(result, (pixel) => mask.bytes[pixel] === 0);
    const isChanged = (_: number, i: number) => result.bytes[4 * i] !== source.bytes[4 * i];
    assert.ok(mask.bytes.filter(isChanged).length > 300);
    // What is not asked for is as these settings by name.
    const { request } = await only({ ...quick, operation: 'fill', model, seed: 3 }, [source, mask]);
    const asked = { context: 'auto', workingSize: 'auto', strength: 1 };
    assert.deepEqual({ ...request, ...asked }, request);
  });
}

test('[J16] an expansion from a prompt keeps the old part, and a variation is as large as it was', async () => {
  const expanded = await only({ ...quick, operation: 'expand', left: 9, bottom: 16, seed: 3 }, [source]);
  assert.deepEqual(
    [expanded.left, expanded.top, expanded.width, expanded.height],
    [-9, 0, side + 9, side + 16],
  );
  assertKept(expanded);
  const odd = { ...source, height: side - 1, bytes: source.bytes.subarray(0, 4 * side * (side - 1)) };
  const varied = await only({ ...quick, operation: 'vary', seed: 3, strength: 1 }, [odd]);
  assert.deepEqual([varied.width, varied.height], [side, side - 1]);
  assert.notDeepEqual(varied.bytes, odd.bytes);
});

test('[J16] without a prompt all that only a checkpoint hears is refused', async () => {
  const fields = {
    negativePrompt: 'sea',
    scheduler: 'ddim',
    numInferenceSteps: 3,
    guidanceScale: 3,
    rng: 'cpu',
    clipSkip: 1,
    predictionType: 'epsilon',
    strength: 1,
    workingSize: 'native',
    context: 'wide',
  } as const;
  for (const [name, value] of Object.entries(fields)) {
    const message = new RegExp(`\`prompt\` together with \`${name}\``);
    for (const [request, images] of [
      [{ operation: 'fill' }, [source, mask]],
      [{ operation: 'expand', left: 8 }, [source]],
    ] as const) {
      await assert.rejects(
        client.run({ ...request, [name]: value } as JobRequest, images),
        failsWith('invalid-option', message),
        `${request.operation} ${name}`,
      );
    }
  }
});

test("[J17] a scheduler's other names come back as its own, one of the capabilities'", async () => {
  const { schedulers } = await client.capabilities();
  for (const [written, own] of [
    ['DPM++ 2M Karras', 'dpmpp-2m-karras'],
    ['DDIMScheduler', 'ddim'],
    ['euler_ancestral', 'euler-ancestral'],
    ['euler-ancestral-karras', 'euler-ancestral-karras'],
  ] as const) {
    const { request } = await only({ ...generate, scheduler: written, seed: 1, numInferenceSteps: 2 }, []);
    assert.equal('scheduler' in request && request.scheduler, own, written);
    assert.ok(
      schedulers.some((name) => own === name || own.startsWith(`${name}-`)),
      own,
    );
  }
  await assert.rejects(
    client.run({ ...generate, scheduler: 'magic' }, []),
    failsWith('invalid-option', /scheduler named "magic"/),
  );
});

test("[J17] the model of a request that names none is the operation's for prompts", async () => {
  const { operations } = await client.capabilities();
  const promptModel = (operation: string) =>
    operations.find((one) => one.operation === operation)?.promptModel;
  assert.deepEqual(['fill', 'expand', 'generate', 'vary', 'upscale'].map(promptModel), [
    'hole',
    'hole',
    'base',
    'base',
    undefined,
  ]);
  for (const [request, images] of [
    [generate, []],
    [{ ...quick, operation: 'fill' }, [source, mask]],
  ] as const) {
    const result = await only({ ...request, seed: 1 }, images);
    assert.equal('model' in result.request && result.request.model, promptModel(request.operation));
  }
});
