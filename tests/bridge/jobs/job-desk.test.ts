import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { EngineError } from '../../../engine/errors.ts';
import { gray, type RawClient, smallFill, startBridge, submitWhole } from '../bridge-fixture.ts';
import { echo, Gate, type Script } from '../scripted-engine.ts';

function gated(gate: Gate): Script {
  return async (task, events, signal) => {
    await gate.pass(signal);
    await echo(task, events, signal);
  };
}

async function frameCount(raw: RawClient, count: number): Promise<void> {
  for (let wait = 0; raw.frames.length < count && wait < 2_000; wait++) await delay(5);
  assert.equal(raw.frames.length, count);
}

test('[J1] a result is told, then its bytes come, then `done`', async (context) => {
  const bridge = await startBridge(context);
  const raw = await bridge.welcomed();
  raw.send(smallFill('job', { seed: 2 ** 32 - 1 }));
  await raw.next('accepted');
  for (const imageId of ['a', 'b']) raw.chunk('job', imageId, { seq: 0, last: true, bytes: gray(4, 3, 7) });
  const result = await raw.next('result');
  assert.deepEqual(result, {
    type: 'result',
    jobId: 'job',
    imageId: 'picture-0',
    index: 0,
    role: 'picture',
    format: 'gray8',
    left: 0,
    top: 0,
    width: 4,
    height: 3,
    byteLength: 12,
    request: {
      operation: 'fill',
      model: 'patch-match',
      output: { format: 'gray8', quality: 90 },
      seed: 2 ** 32 - 1,
      count: 1,
      resultArea: 'picture',
    },
  });
  await raw.next('done');
  const [frame] = raw.frames;
  assert.deepEqual(frame?.header, { kind: 'chunk', jobId: 'job', imageId: 'picture-0', seq: 0, last: true });
  assert.deepEqual([...frame!.bytes], [...gray(4, 3, 7)]);
});

test('[J24] a warning is told between the start and the end, and words that were chosen beside the request', async (context) => {
  const chosenWords = { prompt: 'a red house', negativePrompt: '' };
  const script: Script = async (_task, { onWarning, onResult }) => {
    onWarning('Half of it fits.');
    const bounds = { left: 0, top: 0, width: 1, height: 1 };
    const content = { bytes: gray(1, 1) };
    onResult({ index: 0, role: 'picture', format: 'gray8', bounds, content, chosenWords });
  };
  const bridge = await startBridge(context, { script });
  const raw = await bridge.welcomed();
  await submitWhole(raw, 'job');
  await raw.next('started');
  assert.deepEqual(await raw.next('warning'), { type: 'warning', jobId: 'job', message: 'Half of it fits.' });
  assert.deepEqual((await raw.next('result')).chosenWords, chosenWords);
  await raw.next('done');
});

test('[J12] a result is placed in the document, by where its source was taken from', async (context) => {
  const script: Script = async (_task, { onPreview, onResult }) => {
    const bounds = { left: 1, top: -2, width: 2, height: 1 };
    onPreview({ bounds, width: 2, height: 1, jpeg: new Uint8Array([1]) });
    onResult({ index: 0, role: 'picture', format: 'gray8', bounds, content: { bytes: gray(2, 1) } });
  };
  const bridge = await startBridge(context, { script });
  const raw = await bridge.welcomed();
  const { images, ...rest } = smallFill('job') as { images: Record<string, unknown>[] };
  raw.send({ ...rest, images: images.map((image) => ({ ...image, left: 30, top: 40 })) });
  await raw.next('accepted');
  for (const imageId of ['a', 'b']) raw.chunk('job', imageId, { seq: 0, last: true, bytes: gray(4, 3) });
  const { left, top, width, height } = await raw.next('result');
  assert.deepEqual([left, top, width, height], [31, 38, 2, 1]);
  await raw.next('done');
  const preview = raw.frames.find(({ header }) => header.kind === 'preview');
  assert.deepEqual(preview?.header.kind === 'preview' && preview.header.bounds, {
    left: 31,
    top: 38,
    width: 2,
    height: 1,
  });
});

test('[J2] an id that was used is an error, and the job that has it goes on', async (context) => {
  const bridge = await startBridge(context);
  const raw = await bridge.welcomed();
  raw.send(smallFill('job'));
  await raw.next('accepted');
  raw.send(smallFill('job'));
  const { code, jobId } = await raw.next('error');
  assert.deepEqual([code, jobId], ['duplicate-job', 'job']);
  for (const imageId of ['a', 'b']) raw.chunk('job', imageId, { seq: 0, last: true, bytes: gray(4, 3) });
  await raw.next('done');
  raw.send(smallFill('job'));
  assert.equal((await raw.next('error')).code, 'duplicate-job');
});

test('[J3] a client with one job waits for one of another client that has many, not for all', async (context) => {
  const gate = new Gate();
  const bridge = await startBridge(context, { script: gated(gate) });
  const busy = await bridge.welcomed();
  for (let index = 0; index < 10; index++) await submitWhole(busy, `busy-${index}`);
  const other = await bridge.welcomed((await bridge.addClient('other')).token);
  await submitWhole(other, 'only', { seed: 99 });
  assert.equal((await other.next('queued')).position, 1);
  gate.open();
  await other.next('done');
  const order = bridge.engine.tasks.findIndex((task) => task.operation === 'fill' && task.seed === 99);
  assert.equal(order, 1);
});

test('[J3] positions count down as the jobs before are done', async (context) => {
  const gates = [new Gate(), new Gate(), new Gate()];
  let index = 0;
  const bridge = await startBridge(context, { script: (...task) => gated(gates[index++]!)(...task) });
  const raw = await bridge.welcomed();
  for (const jobId of ['one', 'two', 'three']) await submitWhole(raw, jobId);
  const positions: string[] = [];
  while (positions.at(-1) !== 'three 2') {
    const { jobId, position } = await raw.next('queued');
    positions.push(`${jobId} ${position}`);
  }
  gates[0]!.open();
  assert.equal((await raw.next('done')).jobId, 'one');
  const { jobId, position } = await raw.next('queued');
  assert.deepEqual([jobId, position], ['three', 1]);
  for (const gate of gates) gate.open();
  for (const jobId of ['two', 'three']) assert.equal((await raw.next('done')).jobId, jobId);
});

test('[J6] a waiting job is cancelled at once, a running one when the engine is free, an ended one not at all', async (context) => {
  const bridge = await startBridge(context, { script: gated(new Gate()) });
  const raw = await bridge.welcomed();
  await submitWhole(raw, 'running');
  await raw.next('started');
  await submitWhole(raw, 'waiting');
  await raw.next('queued');
  raw.send(smallFill('uploading'));
  await raw.next('accepted');
  for (const jobId of ['uploading', 'waiting', 'running']) {
    raw.send({ type: 'cancel', jobId });
    assert.equal((await raw.next('cancelled')).jobId, jobId);
  }
  raw.send({ type: 'cancel', jobId: 'running' });
  raw.send({ type: 'cancel', jobId: 'nobody' });
  const { code, jobId } = await raw.next('error');
  assert.deepEqual([code, jobId], ['unknown-job', 'nobody']);
  assert.equal(bridge.engine.tasks.length, 1);
});

test('[J10] a job whose engine crashes is run once more, and its pictures come once', async (context) => {
  let attempts = 0;
  const bridge = await startBridge(context, {
    script: async (task, events, signal) => {
      await echo(task, events, signal);
      if (++attempts === 1)
        throw new EngineError('engine-crashed', 'The engine process ended with signal SIGKILL.');
    },
  });
  const raw = await bridge.welcomed();
  await submitWhole(raw, 'job');
  await raw.next('done');
  assert.equal(attempts, 2);
  assert.equal(raw.frames.length, 1);
});

test('[J10] a job whose engine crashes twice has failed, and the next one is run', async (context) => {
  const bridge = await startBridge(context, {
    script: async () => {
      throw new EngineError('engine-crashed', 'The engine process ended with signal SIGKILL.');
    },
  });
  const raw = await bridge.welcomed();
  await submitWhole(raw, 'job');
  assert.equal((await raw.next('failed')).code, 'engine-crashed');
  assert.equal(bridge.engine.tasks.length, 2);
  bridge.engine.script = echo;
  await submitWhole(raw, 'next');
  await raw.next('done');
});

test('[J11] a job is unknown to every client but its own', async (context) => {
  const gate = new Gate();
  const bridge = await startBridge(context, { script: gated(gate) });
  const own = await bridge.welcomed();
  await submitWhole(own, 'job');
  await own.next('started');
  const other = await bridge.welcomed((await bridge.addClient('other')).token);
  for (const message of [
    { type: 'cancel', jobId: 'job' },
    { type: 'resume', jobIds: ['job'] },
    { type: 'acknowledge', jobId: 'job', imageId: 'picture-0' },
  ]) {
    other.send(message);
    assert.equal((await other.next('error')).code, 'unknown-job');
  }
  other.chunk('job', 'a', { seq: 0, last: true, bytes: gray(1, 1) });
  assert.equal((await other.next('error')).code, 'unknown-job');
  other.send({ type: 'resume' });
  // The same id is free for it.
  other.send(smallFill('job'));
  await other.next('accepted');
  gate.open();
  await own.next('done');
  assert.equal(other.frames.length, 0);
});

test('[R4] what was not acknowledged is sent again on `resume`, what was is not', async (context) => {
  const bridge = await startBridge(context);
  const first = await bridge.welcomed();
  first.send(smallFill('job', { count: 3, seed: 1 }));
  await first.next('accepted');
  for (const imageId of ['a', 'b']) first.chunk('job', imageId, { seq: 0, last: true, bytes: gray(4, 3) });
  await first.next('done');
  first.send({ type: 'acknowledge', jobId: 'job', imageId: 'picture-1' });
  first.send({ type: 'capabilities' });
  await first.next('capabilities');
  first.socket.terminate();
  const second = await bridge.welcomed();
  second.send({ type: 'resume' });
  assert.equal((await second.next('result')).imageId, 'picture-0');
  assert.equal((await second.next('result')).imageId, 'picture-2');
  await second.next('done');
  for (const imageId of ['picture-0', 'picture-2'])
    second.send({ type: 'acknowledge', jobId: 'job', imageId });
  second.send({ type: 'resume' });
  second.send({ type: 'resume', jobIds: ['job'] });
  await second.next('done');
  assert.equal(second.frames.length, 2);
});

test('[R5] a job is forgotten some time after its end', async (context) => {
  const bridge = await startBridge(context, { limits: { resultLifetimeMs: 600_000 } });
  const raw = await bridge.welcomed();
  context.mock.timers.enable({ apis: ['setTimeout'] });
  await submitWhole(raw, 'job');
  await raw.next('done');
  context.mock.timers.tick(599_999);
  raw.send({ type: 'resume', jobIds: ['job'] });
  await raw.next('done');
  context.mock.timers.tick(1);
  raw.send({ type: 'resume', jobIds: ['job'] });
  assert.equal((await raw.next('error')).code, 'unknown-job');
});

test('[R6] when there are too many results, those of the job that ended first go, and it says so', async (context) => {
  const bridge = await startBridge(context, { limits: { maxStoredResultBytes: 24 } });
  const raw = await bridge.welcomed();
  for (const jobId of ['one', 'two', 'three']) {
    await submitWhole(raw, jobId);
    await raw.next('done');
  }
  raw.socket.terminate();
  const again = await bridge.welcomed();
  again.send({ type: 'resume' });
  const { jobId, code } = await again.next('failed');
  assert.deepEqual([jobId, code], ['one', 'result-expired']);
  assert.equal((await again.next('result')).jobId, 'two');
  assert.equal((await again.next('result')).jobId, 'three');
  await frameCount(again, 2);
});

test('[R2] a job whose client is away goes on, and its end is told to whoever resumes it', async (context) => {
  const gate = new Gate();
  const bridge = await startBridge(context, { script: gated(gate) });
  const first = await bridge.welcomed();
  await submitWhole(first, 'one');
  await submitWhole(first, 'two');
  first.send(smallFill('three'));
  await first.next('accepted');
  first.chunk('three', 'a', { seq: 0, last: true, bytes: gray(4, 3) });
  await first.next('received');
  first.socket.terminate();
  const second = await bridge.welcomed();
  second.send({ type: 'resume' });
  assert.equal((await second.next('started')).jobId, 'one');
  assert.deepEqual(await second.next('queued'), { type: 'queued', jobId: 'two', position: 1 });
  const received = [await second.next('received'), await second.next('received')];
  assert.deepEqual(
    received.map(({ imageId, receivedBytes, nextSeq }) => [imageId, receivedBytes, nextSeq]),
    [
      ['a', 12, 1],
      ['b', 0, 0],
    ],
  );
  assert.equal((await second.next('accepted')).jobId, 'three');
  second.chunk('three', 'b', { seq: 0, last: true, bytes: gray(4, 3) });
  gate.open();
  const done = [await second.next('done'), await second.next('done'), await second.next('done')];
  assert.deepEqual(
    done.map(({ jobId }) => jobId),
    ['one', 'two', 'three'],
  );
});

test('[L6] more waiting jobs than a client may have fail, one by one', async (context) => {
  const bridge = await startBridge(context, {
    script: gated(new Gate()),
    limits: { maxQueuedJobsPerClient: 2 },
  });
  const raw = await bridge.welcomed();
  await submitWhole(raw, 'running');
  await raw.next('started');
  for (const jobId of ['one', 'two']) {
    await submitWhole(raw, jobId);
    await raw.next('queued');
  }
  await submitWhole(raw, 'three');
  const { jobId, code } = await raw.next('failed');
  assert.deepEqual([jobId, code], ['three', 'too-many-jobs']);
});

test('[L6] more uploads at once than a client may have fail', async (context) => {
  const bridge = await startBridge(context, { limits: { maxUploadingJobsPerClient: 2 } });
  const raw = await bridge.welcomed();
  for (const jobId of ['one', 'two', 'three']) raw.send(smallFill(jobId));
  assert.equal((await raw.next('failed')).jobId, 'three');
  raw.send({ type: 'cancel', jobId: 'one' });
  raw.send(smallFill('four'));
  assert.equal((await raw.next('accepted')).jobId, 'four');
});

test('[L7] images beyond what the server holds for all jobs fail, and fit again when others have ended', async (context) => {
  const bridge = await startBridge(context, { limits: { maxHeldUploadBytes: 48 } });
  const raw = await bridge.welcomed();
  for (const jobId of ['one', 'two', 'three']) raw.send(smallFill(jobId));
  const { jobId, code } = await raw.next('failed');
  assert.deepEqual([jobId, code], ['three', 'too-many-jobs']);
  for (const imageId of ['a', 'b']) raw.chunk('one', imageId, { seq: 0, last: true, bytes: gray(4, 3) });
  await raw.next('done');
  await submitWhole(raw, 'three');
  await raw.next('done');
});

test('a notice of the engine reaches every client that is let in', async (context) => {
  const bridge = await startBridge(context);
  const raw = await bridge.welcomed();
  const stranger = await bridge.open();
  bridge.engine.notice('The graphics device stopped; using the CPU.');
  assert.match((await raw.next('notice')).message, /stopped/);
  assert.deepEqual(stranger.messages, []);
});
