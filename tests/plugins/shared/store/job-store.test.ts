import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenStore } from '../../../../bridge/auth/token-store.ts';
import { ClientWebSocket } from '../../../../bridge/websocket.ts';
import { EngineError } from '../../../../engine/errors.ts';
import { ClientError } from '../../../../plugins/shared/client/client-error.ts';
import { type JobState, JobStore } from '../../../../plugins/shared/store/job-store.ts';
import { startBridge } from '../../../bridge/bridge-fixture.ts';
import { echo, Gate, type Script, sourceOf } from '../../../bridge/scripted-engine.ts';
import { until } from '../../../patience.ts';
import { Images, MemoryStorage, openPage, untilJob } from './page-fixture.ts';

const request = { operation: 'fill', count: 2, seed: 3 } as const;

function isCoded(code: string) {
  return (error: unknown) => error instanceof ClientError && error.code === code;
}

/** Says that it is at it, waits for the gate, and gives the source back. */
function gated(gate: Gate): Script {
  return async (task, events, signal) => {
    events.onProgress({ phase: 'filling', step: 1, steps: 4 });
    await gate.pass(signal);
    await echo(task, events, signal);
  };
}

test('a job that was ordered before there is a connection goes through every state to its pictures', async (context) => {
  const bridge = await startBridge(context);
  const { connection, jobs } = openPage(context, bridge);
  const images = new Images(64, 40);
  const states: JobState[] = [];
  jobs.jobs.subscribe(([entry]) => {
    if (entry !== undefined && entry.state !== states.at(-1)) states.push(entry.state);
  });
  const { id, finished } = jobs.run({ request, images: images.source });
  await connection.start();
  const pictures = await finished;
  assert.deepEqual(states, ['preparing', 'uploading', 'queued', 'running', 'done']);
  assert.equal(pictures.length, 2);
  assert.equal(Buffer.compare(pictures[0]!.bytes, images.images[0]!.bytes), 0);
  const [entry, ...others] = jobs.jobs.value;
  assert.deepEqual(others, []);
  assert.equal(entry?.id, id);
  assert.equal(entry?.operation, 'fill');
  assert.equal(entry?.pictures, pictures);
  assert.deepEqual(entry?.progress, { phase: 'encoding', step: 2, steps: 2, etaMs: 0 });
  assert.equal(images.asked, 1);
});

test('[R1] a page loaded again in the middle of an upload goes on where the server is', async (context) => {
  const bridge = await startBridge(context, { limits: { maxUnacknowledgedBytes: 600_000 } });
  let frames = 0;
  class StallingSocket extends ClientWebSocket {
    override send(data: never): void {
      if (typeof data !== 'string' && ++frames > 4) return;
      super.send(data, () => {});
    }
  }
  const images = new Images(1024, 1000);
  const before = openPage(context, bridge, { WebSocket: StallingSocket });
  await before.connection.start();
  const { id } = before.jobs.run({ request, images: images.source });
  await until(() => frames > 4);
  before.connection.close();
  let framesAfter = 0;
  class CountingSocket extends ClientWebSocket {
    override send(data: never): void {
      if (typeof data !== 'string') framesAfter += 1;
      super.send(data, () => {});
    }
  }
  const after = openPage(context, bridge, { WebSocket: CountingSocket });
  await after.connection.start();
  const [picture] = await after.jobs.run({ id, resume: true, request, images: images.source }).finished;
  assert.equal(Buffer.compare(picture!.bytes, images.images[0]!.bytes), 0);
  assert.equal(bridge.engine.tasks.length, 1);
  // 5 120 000 bytes are 11 frames; four had arrived.
  assert.ok(framesAfter <= 8, `${framesAfter} frames`);
  assert.equal(images.asked, 2);
});

test('[R2] a page loaded again while its job waits hears its position, and sends nothing again', async (context) => {
  const gate = new Gate();
  const bridge = await startBridge(context, { script: gated(gate) });
  const before = openPage(context, bridge);
  await before.connection.start();
  const images = new Images(16, 9);
  const first = before.jobs.run({ request, images: images.source });
  await untilJob(before.jobs, first.id, ({ state }) => state === 'running');
  const second = before.jobs.run({ request, images: images.source });
  await untilJob(before.jobs, second.id, ({ state }) => state === 'queued');
  before.connection.close();
  const after = openPage(context, bridge);
  await after.connection.start();
  const unwanted = new Images(1, 1);
  const resumed = after.jobs.run({ id: second.id, resume: true, request, images: unwanted.source });
  const queued = await untilJob(after.jobs, second.id, ({ state }) => state === 'queued');
  assert.equal(queued.position, 1);
  gate.open();
  assert.equal((await resumed.finished).length, 2);
  assert.equal(unwanted.asked, 0);
  assert.equal(bridge.engine.tasks.length, 2);
});

test('[R2] a page loaded again while its job runs hears how far it is', async (context) => {
  const gate = new Gate();
  const bridge = await startBridge(context, { script: gated(gate) });
  const before = openPage(context, bridge);
  await before.connection.start();
  const images = new Images(16, 9);
  const { id } = before.jobs.run({ request, images: images.source });
  await untilJob(before.jobs, id, ({ progress }) => progress !== undefined);
  before.connection.close();
  const after = openPage(context, bridge);
  const resumed = after.jobs.run({ id, resume: true, request, images: images.source });
  await after.connection.start();
  const running = await untilJob(after.jobs, id, ({ progress }) => progress !== undefined);
  assert.equal(running.state, 'running');
  assert.deepEqual(running.progress, { phase: 'filling', step: 1, steps: 4 });
  gate.open();
  assert.equal((await resumed.finished).length, 2);
  assert.equal(images.asked, 1);
});

test('[R3] results stay with the server until they are put away, however often the page is loaded again', async (context) => {
  const bridge = await startBridge(context);
  const images = new Images(32, 32);
  const id = 'kept-by-the-server';
  for (let load = 0; load < 3; load++) {
    const { connection, jobs } = openPage(context, bridge);
    await connection.start();
    const job = jobs.run({ id, resume: load > 0, request, images: images.source });
    const pictures = await job.finished;
    assert.equal(pictures.length, 2);
    assert.equal(Buffer.compare(pictures[1]!.bytes, images.images[0]!.bytes), 0);
    if (load === 2) {
      jobs.forget(id);
      assert.deepEqual(jobs.jobs.value, []);
      await connection.client.capabilities();
    }
    connection.close();
  }
  assert.equal(bridge.engine.tasks.length, 1);
  const { connection, jobs } = openPage(context, bridge);
  await connection.start();
  const gone = jobs.run({ id, resume: true, request, images: images.source });
  await assert.rejects(gone.finished, isCoded('result-expired'));
  assert.match(jobs.jobs.value[0]?.error?.hint ?? '', /again/);
});

test('[R3] a job that has ended while the page was away is fetched', async (context) => {
  const gate = new Gate();
  const bridge = await startBridge(context, { script: gated(gate) });
  const before = openPage(context, bridge);
  await before.connection.start();
  const images = new Images(16, 9);
  const { id } = before.jobs.run({ request, images: images.source });
  await untilJob(before.jobs, id, ({ state }) => state === 'running');
  before.connection.close();
  gate.open();
  const watcher = await bridge.welcomed();
  await until(() => {
    watcher.send({ type: 'resume' });
    return watcher.messages.some(({ type }) => type === 'done');
  });
  const after = openPage(context, bridge);
  await after.connection.start();
  assert.equal(
    (await after.jobs.run({ id, resume: true, request, images: images.source }).finished).length,
    2,
  );
});

test('a server that was killed and started anew gets the running job again, without a word from the page', async (context) => {
  const bridge = await startBridge(context, { script: gated(new Gate()) });
  const { port } = bridge.server;
  const sockets: { terminate(): void }[] = [];
  let isCutOff = false;
  class CutSocket extends ClientWebSocket {
    constructor(url: string) {
      if (isCutOff) throw new Error('Nobody is there.');
      super(url);
      sockets.push(this);
    }
  }
  const { connection, jobs } = openPage(context, bridge, { WebSocket: CutSocket });
  await connection.start();
  const images = new Images(16, 9);
  const { id, finished } = jobs.run({ request, images: images.source });
  await untilJob(jobs, id, ({ progress }) => progress !== undefined);
  isCutOff = true;
  for (const socket of sockets) socket.terminate();
  await until(() => connection.status.value.state === 'unreachable');
  assert.equal(jobs.jobs.value[0]?.state, 'running');
  await bridge.server.close();
  const gate = new Gate();
  const again = await startBridge(context, { home: bridge.home, ports: [port], script: gated(gate) });
  isCutOff = false;
  const uploading = await untilJob(jobs, id, ({ state }) => state === 'uploading' || state === 'queued');
  assert.equal(uploading.progress, undefined);
  gate.open();
  assert.equal((await finished).length, 2);
  assert.equal(images.asked, 2);
  assert.equal(again.engine.tasks.length, 1);
});

test('a page loaded again after the server was, too, submits its job anew', async (context) => {
  const bridge = await startBridge(context, { script: gated(new Gate()) });
  const { port } = bridge.server;
  const before = openPage(context, bridge);
  await before.connection.start();
  const images = new Images(16, 9);
  const { id } = before.jobs.run({ request, images: images.source });
  await untilJob(before.jobs, id, ({ state }) => state === 'running');
  before.connection.close();
  await bridge.server.close();
  const again = await startBridge(context, { home: bridge.home, ports: [port] });
  const after = openPage(context, again);
  await after.connection.start();
  const pictures = await after.jobs.run({ id, resume: true, request, images: images.source }).finished;
  assert.equal(pictures.length, 2);
  assert.equal(images.asked, 2);
  assert.equal(again.engine.tasks.length, 1);
});

test('[J6] a running job is cancelled at once, on the server too', async (context) => {
  const bridge = await startBridge(context, { script: gated(new Gate()) });
  const { connection, jobs } = openPage(context, bridge);
  await connection.start();
  const images = new Images(16, 9);
  const { id, finished } = jobs.run({ request, images: images.source });
  await untilJob(jobs, id, ({ state }) => state === 'running');
  jobs.cancel(id);
  assert.equal(jobs.jobs.value[0]?.state, 'cancelled');
  await assert.rejects(finished, isCoded('cancelled'));
  bridge.engine.script = echo;
  assert.equal((await jobs.run({ request, images: images.source }).finished).length, 2);
  jobs.cancel(id);
  jobs.cancel('nonesuch');
  assert.deepEqual(
    jobs.jobs.value.map(({ state }) => state),
    ['cancelled', 'done'],
  );
});

test('a job cancelled before there is a connection is never sent', async (context) => {
  const bridge = await startBridge(context);
  const { connection, jobs } = openPage(context, bridge);
  const images = new Images(16, 9);
  const { id, finished } = jobs.run({ request, images: images.source });
  jobs.cancel(id);
  await assert.rejects(finished, isCoded('cancelled'));
  await connection.start();
  await connection.client.capabilities();
  assert.equal(images.asked, 0);
  assert.equal(bridge.engine.tasks.length, 0);
});

test('a job cancelled while its images are made is never sent', async (context) => {
  const bridge = await startBridge(context);
  const { connection, jobs } = openPage(context, bridge);
  await connection.start();
  const images = new Images(16, 9);
  const gate = new Gate();
  const made = async () => {
    await gate.opened;
    return images.images;
  };
  const { id, finished } = jobs.run({ request, images: made });
  await new Promise((resolve) => setTimeout(resolve, 10));
  jobs.cancel(id);
  gate.open();
  await assert.rejects(finished, isCoded('cancelled'));
  await connection.client.capabilities();
  assert.equal(bridge.engine.tasks.length, 0);
});

test('[J6] a job of an earlier load that is cancelled without a connection is cancelled when there is one', async (context) => {
  const bridge = await startBridge(context, { script: gated(new Gate()) });
  const before = openPage(context, bridge);
  await before.connection.start();
  const images = new Images(16, 9);
  const { id } = before.jobs.run({ request, images: images.source });
  await untilJob(before.jobs, id, ({ state }) => state === 'running');
  before.connection.close();
  const after = openPage(context, bridge);
  const resumed = after.jobs.run({ id, resume: true, request, images: images.source });
  after.jobs.cancel(id);
  await assert.rejects(resumed.finished, isCoded('cancelled'));
  await after.connection.start();
  bridge.engine.script = echo;
  // Runs only because the engine is free.
  assert.equal((await after.jobs.run({ request, images: images.source }).finished).length, 2);
});

test('[J7] a failed job has the code, the sentence and the hint of the engine', async (context) => {
  const bridge = await startBridge(context, {
    script: async () => {
      throw new EngineError('mask-empty', 'Expected a mask with white in it, received a black one.');
    },
  });
  const { connection, jobs } = openPage(context, bridge);
  await connection.start();
  const { finished } = jobs.run({ request, images: new Images(16, 9).source });
  await assert.rejects(finished, isCoded('mask-empty'));
  const [entry] = jobs.jobs.value;
  assert.equal(entry?.state, 'failed');
  assert.match(entry?.error?.message ?? '', /received a black one/);
  assert.match(entry?.error?.hint ?? '', /Paint the area/);
});

test('images that cannot be made are the failure of their job alone', async (context) => {
  const bridge = await startBridge(context);
  const { connection, jobs } = openPage(context, bridge);
  await connection.start();
  const failing = async () => {
    throw new RangeError('Array buffer allocation failed');
  };
  const { finished } = jobs.run({ request, images: failing });
  await assert.rejects(finished, isCoded('images-failed'));
  assert.equal(jobs.jobs.value[0]?.error?.message, 'Array buffer allocation failed');
  assert.equal((await jobs.run({ request, images: new Images(8, 8).source }).finished).length, 2);
});

test('[J8] a preview and each picture are there as soon as they have arrived', async (context) => {
  const gate = new Gate();
  const jpeg = new Uint8Array([0xff, 0xd8, 1, 2, 3]);
  const bounds = { left: 3, top: 4, width: 5, height: 6 };
  const bridge = await startBridge(context, {
    script: async (task, events, signal) => {
      events.onPreview({ bounds, width: 5, height: 6, jpeg });
      await echo({ ...task, count: 1 } as typeof task, events, signal);
      await gate.pass(signal);
      const { format, bytes, width = 0, height = 0 } = sourceOf(task);
      const whole = { left: 0, top: 0, width, height };
      events.onResult({ index: 1, role: 'picture', seed: 4, format, bounds: whole, content: { bytes } });
    },
  });
  const { connection, jobs } = openPage(context, bridge);
  await connection.start();
  const { id, finished } = jobs.run({ request, images: new Images(16, 9).source });
  const entry = await untilJob(jobs, id, ({ pictures }) => pictures.length === 1);
  assert.equal(entry.state, 'running');
  assert.deepEqual([...(entry.preview?.bytes ?? [])], [...jpeg]);
  assert.deepEqual(entry.preview?.bounds, bounds);
  gate.open();
  assert.equal((await finished).length, 2);
  // The moment from before is what it was.
  assert.equal(entry.pictures.length, 1);
});

test('[J11] two clients see and end only their own jobs, even under the same id', async (context) => {
  const gate = new Gate();
  const bridge = await startBridge(context, { script: gated(gate) });
  const { token } = await bridge.addClient('another');
  const mine = openPage(context, bridge);
  const theirs = openPage(context, bridge, { storage: MemoryStorage.withToken(token) });
  await Promise.all([mine.connection.start(), theirs.connection.start()]);
  const images = new Images(16, 9);
  const otherImages = new Images(5, 7);
  const own = mine.jobs.run({ id: 'same', request, images: images.source });
  await untilJob(mine.jobs, 'same', ({ state }) => state === 'running');
  // To them it is unknown, so that it is their own.
  const other = theirs.jobs.run({ id: 'same', resume: true, request, images: otherImages.source });
  await untilJob(theirs.jobs, 'same', ({ state }) => state === 'queued');
  gate.open();
  assert.equal((await own.finished)[0]!.width, 16);
  assert.equal((await other.finished)[0]!.width, 5);
  theirs.jobs.forget('same');
  assert.equal(mine.jobs.jobs.value.length, 1);
  assert.equal(theirs.jobs.jobs.value.length, 0);
});

test('an id that is here already is that job, and a forgotten one is cancelled', async (context) => {
  const bridge = await startBridge(context, { script: gated(new Gate()) });
  const { connection, jobs } = openPage(context, bridge);
  await connection.start();
  const images = new Images(16, 9);
  const job = jobs.run({ id: 'one', request, images: images.source });
  assert.equal(jobs.run({ id: 'one', request, images: images.source }), job);
  assert.equal(jobs.jobs.value.length, 1);
  await untilJob(jobs, 'one', ({ state }) => state === 'running');
  jobs.forget('one');
  assert.deepEqual(jobs.jobs.value, []);
  await assert.rejects(job.finished, isCoded('cancelled'));
  bridge.engine.script = echo;
  assert.equal((await jobs.run({ request, images: images.source }).finished).length, 2);
});

test('[P7] the job of a page that is revoked fails with what to do', async (context) => {
  const bridge = await startBridge(context, { script: gated(new Gate()) });
  const { connection, jobs } = openPage(context, bridge);
  await connection.start();
  const { id, finished } = jobs.run({ request, images: new Images(16, 9).source });
  await untilJob(jobs, id, ({ state }) => state === 'running');
  await (await TokenStore.open(bridge.home.tokensFile)).revoke(bridge.clientId);
  await assert.rejects(finished, isCoded('unpaired'));
  assert.match(jobs.jobs.value[0]?.error?.hint ?? '', /inlay pair/);
});

test('a store without a connection ever rejects its jobs when it is closed', async (context) => {
  const bridge = await startBridge(context);
  const { connection } = openPage(context, bridge);
  const jobs = new JobStore(connection);
  const { finished } = jobs.run({ request, images: new Images(16, 9).source });
  connection.close();
  await assert.rejects(finished, isCoded('closed'));
  assert.equal(jobs.jobs.value[0]?.state, 'failed');
});
