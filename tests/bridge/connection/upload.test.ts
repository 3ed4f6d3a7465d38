import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closeCodes } from '../../../bridge/protocol/close-codes.ts';
import { encodeFrame } from '../../../bridge/protocol/frame.ts';
import type { ModelInfo } from '../../../engine/api.ts';
import type { ClientError } from '../../../plugins/shared/client/client-error.ts';
import { gray, type RawClient, smallFill, startBridge, submitWhole } from '../bridge-fixture.ts';
import { sourceOf } from '../scripted-engine.ts';

const half = gray(2, 3, 9);

async function submitted(raw: RawClient, jobId: string): Promise<void> {
  raw.send(smallFill(jobId));
  await raw.next('accepted');
}

test('[U1] accepted, uploaded in chunks of any size, queued, started, done', async (context) => {
  const bridge = await startBridge(context, { script: async () => {} });
  const raw = await bridge.welcomed();
  await submitted(raw, 'job');
  raw.chunk('job', 'b', { seq: 0, last: false, bytes: gray(1, 1, 1) });
  raw.chunk('job', 'a', { seq: 0, last: false, bytes: half });
  raw.chunk('job', 'b', { seq: 1, last: true, bytes: gray(11, 1, 2) });
  assert.deepEqual(await raw.next('received'), {
    type: 'received',
    jobId: 'job',
    imageId: 'b',
    receivedBytes: 12,
    nextSeq: 2,
  });
  raw.chunk('job', 'a', { seq: 1, last: true, bytes: half });
  assert.equal((await raw.next('queued')).position, 0);
  await raw.next('started');
  await raw.next('done');
  const [task] = bridge.engine.tasks;
  assert.ok(task?.operation === 'fill');
  assert.deepEqual([...task.mask.bytes], [1, ...gray(11, 1, 2)]);
  assert.deepEqual([...task.source.bytes], [...gray(12, 1, 9)]);
});

test('[U3] `received` comes at least four times a window', async (context) => {
  const bridge = await startBridge(context, { limits: { maxUnacknowledgedBytes: 16 } });
  const raw = await bridge.welcomed();
  await submitted(raw, 'job');
  for (let seq = 0; seq < 9; seq++) raw.chunk('job', 'a', { seq, last: false, bytes: gray(1, 1) });
  assert.equal((await raw.next('received')).receivedBytes, 4);
  assert.equal((await raw.next('received')).receivedBytes, 8);
});

test('[U4] a chunk that came before changes nothing and is received again', async (context) => {
  const bridge = await startBridge(context, { script: async () => {} });
  const raw = await bridge.welcomed();
  await submitted(raw, 'job');
  raw.chunk('job', 'a', { seq: 0, last: false, bytes: half });
  raw.chunk('job', 'a', { seq: 0, last: false, bytes: gray(12, 1, 1) });
  assert.deepEqual(await raw.next('received'), {
    type: 'received',
    jobId: 'job',
    imageId: 'a',
    receivedBytes: 6,
    nextSeq: 1,
  });
  raw.chunk('job', 'a', { seq: 1, last: true, bytes: half });
  raw.chunk('job', 'b', { seq: 0, last: true, bytes: gray(4, 3) });
  await raw.next('done');
  assert.deepEqual([...sourceOf(bridge.engine.tasks[0]!).bytes], [...gray(12, 1, 9)]);
});

const broken: readonly [string, { seq: number; last: boolean; bytes: Uint8Array }][] = [
  ['[U5] a chunk that leaves a gap', { seq: 1, last: false, bytes: half }],
  ['[U6] a chunk beyond the announced length', { seq: 0, last: true, bytes: gray(13, 1) }],
  ['[U6] an empty chunk', { seq: 0, last: false, bytes: gray(0, 0) }],
  ['[U6] `last` before the last byte', { seq: 0, last: true, bytes: half }],
  ['[U6] the last byte without `last`', { seq: 0, last: false, bytes: gray(4, 3) }],
];
for (const [what, chunk] of broken) {
  test(`${what} fails the job, and only that job`, async (context) => {
    const bridge = await startBridge(context);
    const raw = await bridge.welcomed();
    await submitted(raw, 'job');
    raw.chunk('job', 'a', chunk);
    const { jobId, code } = await raw.next('failed');
    assert.deepEqual([jobId, code], ['job', 'upload-invalid']);
    // What was still on its way is dropped without a word.
    raw.chunk('job', 'a', { seq: 2, last: false, bytes: half });
    await submitWhole(raw, 'next');
    await raw.next('done');
    assert.ok(!raw.messages.some(({ type }) => type === 'error'));
  });
}

test('[U7] a chunk of an image that was not announced is an error, and the job goes on', async (context) => {
  const bridge = await startBridge(context);
  const raw = await bridge.welcomed();
  await submitted(raw, 'job');
  raw.chunk('job', 'z', { seq: 0, last: true, bytes: half });
  const { jobId, code } = await raw.next('error');
  assert.deepEqual([jobId, code], ['job', 'unknown-image']);
  for (const imageId of ['a', 'b']) raw.chunk('job', imageId, { seq: 0, last: true, bytes: gray(4, 3) });
  await raw.next('done');
});

test('[U8] a chunk of an unknown job is an error', async (context) => {
  const bridge = await startBridge(context);
  const raw = await bridge.welcomed();
  raw.chunk('nobody', 'a', { seq: 0, last: true, bytes: half });
  const { jobId, code } = await raw.next('error');
  assert.deepEqual([jobId, code], ['nobody', 'unknown-job']);
});

test('[U9] an upload that stands still fails', async (context) => {
  const bridge = await startBridge(context, { limits: { uploadTimeoutMs: 60 } });
  const raw = await bridge.welcomed();
  await submitted(raw, 'job');
  raw.chunk('job', 'a', { seq: 0, last: false, bytes: half });
  assert.equal((await raw.next('failed')).code, 'upload-timeout');
});

test('[L1] a frame of the largest size is taken; one byte more closes the socket with 1009', async (context) => {
  const bridge = await startBridge(context, { limits: { maxFrameBytes: 4_096 }, script: async () => {} });
  const header = { kind: 'chunk', jobId: 'job', imageId: 'a', seq: 0, last: false } as const;
  const room = 4_096 - encodeFrame(header, new Uint8Array()).length;
  const image = { format: 'png', width: 9, height: 9 };
  const submit = {
    type: 'submit',
    jobId: 'job',
    request: { operation: 'upscale' },
    images: [{ imageId: 'a', role: 'source', ...image, byteLength: room + 2 }],
  };
  const raw = await bridge.welcomed();
  raw.send(submit);
  await raw.next('accepted');
  raw.socket.send(encodeFrame(header, new Uint8Array(room)));
  raw.chunk('job', 'a', { seq: 1, last: true, bytes: new Uint8Array(2) });
  await raw.next('done');
  raw.socket.send(encodeFrame(header, new Uint8Array(room + 1)));
  assert.equal((await raw.closed).code, closeCodes.messageTooBig);
});

test('[L1] the default largest frame is 512 KiB, header and all', async (context) => {
  const bridge = await startBridge(context);
  const raw = await bridge.welcomed();
  const header = { kind: 'chunk', jobId: 'none', imageId: 'a', seq: 0, last: false } as const;
  const room = 512 * 1024 - encodeFrame(header, new Uint8Array()).length;
  raw.socket.send(encodeFrame(header, new Uint8Array(room)));
  assert.equal((await raw.next('error')).code, 'unknown-job');
  raw.socket.send(encodeFrame(header, new Uint8Array(room + 1)));
  assert.equal((await raw.closed).code, closeCodes.messageTooBig);
});

test('[L2] a text of the largest size is read; one byte more closes the socket with 1009', async (context) => {
  const bridge = await startBridge(context, { limits: { maxTextBytes: 1_000 } });
  const raw = await bridge.welcomed();
  raw.send('é'.repeat(500));
  assert.equal((await raw.next('error')).code, 'invalid-message');
  raw.send(`${'é'.repeat(500)}x`);
  assert.equal((await raw.closed).code, closeCodes.messageTooBig);
});

test('[L3] before the handshake a frame may have 64 KiB; one byte more closes the socket with 1009', async (context) => {
  const bridge = await startBridge(context);
  for (const [bytes, code] of [
    [64 * 1024, closeCodes.unauthenticated],
    [64 * 1024 + 1, closeCodes.messageTooBig],
  ] as const) {
    const text = await bridge.open();
    text.send('x'.repeat(bytes));
    assert.equal((await text.closed).code, code);
    const binary = await bridge.open();
    binary.socket.send(new Uint8Array(bytes));
    assert.equal((await binary.closed).code, code);
  }
});

const malformed: readonly [string, Uint8Array][] = [
  ['without a whole length', new Uint8Array([0, 0, 1])],
  ['whose header is longer than the frame', new Uint8Array([0, 0, 0, 9, 123, 125])],
  ['whose header is over its limit', new Uint8Array([0, 0, 5, 0, ...new Uint8Array(2_000)])],
  ['whose header is no JSON', new Uint8Array([0, 0, 0, 1, 123])],
  ['whose header is no UTF-8', new Uint8Array([0, 0, 0, 2, 0xc0, 0x80])],
  [
    'that is a preview',
    encodeFrame(
      {
        kind: 'preview',
        jobId: 'a',
        format: 'jpeg',
        width: 1,
        height: 1,
        bounds: { left: 0, top: 0, width: 1, height: 1 },
      },
      half,
    ),
  ],
];
for (const [what, frame] of malformed) {
  test(`[L4] a binary frame ${what} closes the socket with 4400`, async (context) => {
    const bridge = await startBridge(context);
    const raw = await bridge.welcomed();
    raw.socket.send(frame);
    assert.equal((await raw.closed).code, closeCodes.malformedFrame);
  });
}

const invalid: readonly [string, unknown, Record<string, string>][] = [
  ['no JSON', '{"type":', {}],
  ['no object', '[]', {}],
  ['of an unknown type', { type: 'delete-everything' }, {}],
  ['with an unknown field', { type: 'cancel', jobId: 'a', force: true }, { jobId: 'a' }],
  ['with an id that is a path', { type: 'cancel', jobId: '../a' }, {}],
  ['with an id of 65 characters', { type: 'cancel', jobId: 'a'.repeat(65) }, {}],
  [
    'with a request of another operation',
    { ...smallFill('j'), request: { operation: 'expand', resultArea: 'mask' } },
    { jobId: 'j' },
  ],
  [
    'with a removal that has a margin',
    { ...smallFill('j'), request: { operation: 'remove', left: 1 } },
    { jobId: 'j' },
  ],
  [
    'with a width of 0',
    {
      type: 'estimate',
      requestId: 'r',
      request: { operation: 'upscale' },
      images: [{ role: 'source', format: 'png', width: 0, height: 1 }],
    },
    { requestId: 'r' },
  ],
  ['with a seed of 2^32', smallFill('j', { seed: 2 ** 32 }), { jobId: 'j' }],
];
for (const [what, message, subject] of invalid) {
  test(`[L5] a text ${what} is an error that names what it was about, and the socket stays`, async (context) => {
    const bridge = await startBridge(context);
    const raw = await bridge.welcomed();
    raw.send(message);
    const { code, jobId, requestId } = await raw.next('error');
    assert.equal(code, 'invalid-message');
    assert.deepEqual({ ...(jobId && { jobId }), ...(requestId && { requestId }) }, subject);
    raw.send({ type: 'capabilities' });
    await raw.next('capabilities');
  });
}

const controlled: readonly ModelInfo[] = [
  { name: 'tiny', kind: 'checkpoint', architecture: 'Stable Diffusion 1.x', family: 'sd1', origin: 'user' },
  {
    name: 'edges',
    kind: 'controlnet',
    architecture: 'ControlNet',
    family: 'sd1',
    controlKinds: ['canny'],
    origin: 'user',
  },
];

test('[U2] control images come beside each other, and each gets to the control that names it', async (context) => {
  const bridge = await startBridge(context, { script: async () => {}, models: controlled });
  const client = bridge.client();
  await client.connect();
  const image = { role: 'control', format: 'gray8', width: 4, height: 4 } as const;
  const controls = [
    { kind: 'canny', imageId: 'second' },
    { kind: 'canny', imageId: 'first', strength: 0.5 },
  ] as const;
  await client.run({ operation: 'generate', prompt: 'a', controls }, [
    { ...image, imageId: 'first', bytes: gray(4, 4, 1) },
    { ...image, imageId: 'second', bytes: gray(4, 4, 2) },
  ]);
  const [task] = bridge.engine.tasks;
  assert.ok(task?.operation === 'generate');
  assert.deepEqual(
    task.diffusion.controls!.map(({ strength, image: sent }) => [strength, sent!.bytes[0]]),
    [
      [1, 2],
      [0.5, 1],
    ],
  );
  assert.deepEqual([task.width, task.height], [512, 512]);
});

test('[J20] a kept request whose control image is not sent again is refused with what to do', async (context) => {
  const bridge = await startBridge(context, { models: controlled });
  const controls = [{ kind: 'canny', imageId: 'gone', imageName: 'sketch.png' }] as const;
  const client = bridge.client();
  await client.connect();
  await assert.rejects(
    client.run({ operation: 'generate', prompt: 'a', controls }, []),
    (error: ClientError) =>
      error.code === 'invalid-image' &&
      /image "gone" of control 1 \(sketch\.png\)/.test(error.message) &&
      /^Send it again/.test(error.hint),
  );
});
