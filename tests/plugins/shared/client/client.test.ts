import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import type { ImageFormat, InputRole } from '../../../../bridge/protocol/messages.ts';
import { EngineError } from '../../../../engine/errors.ts';
import { ClientError } from '../../../../plugins/shared/client/client-error.ts';
import type { JobImage } from '../../../../plugins/shared/client/client-job.ts';
import { startBridge } from '../../../bridge/bridge-fixture.ts';
import { Gate, sourceOf } from '../../../bridge/scripted-engine.ts';

function picture(
  role: InputRole,
  format: ImageFormat,
  { width, height }: { width: number; height: number },
): JobImage {
  const bytes = new Uint8Array(width * height * { gray8: 1, rgba8: 4 }[format as 'gray8' | 'rgba8']);
  for (let index = 0; index < bytes.length; index++) bytes[index] = (index * 31 + (index >> 9)) & 255;
  return { role, format, width, height, bytes };
}

function fillImages(width: number, height: number): readonly JobImage[] {
  return [picture('source', 'rgba8', { width, height }), picture('mask', 'gray8', { width, height })];
}

test('[J1] a fill goes up, is run, and comes back bit for bit, with its complete request', async (context) => {
  const bridge = await startBridge(context);
  const client = bridge.client();
  const capabilities = await client.connect();
  assert.deepEqual(
    capabilities.operations.map(({ operation }) => operation),
    ['fill', 'remove', 'expand', 'upscale'],
  );
  const images = fillImages(1013, 517);
  const heard: string[] = [];
  const pictures = await client.run({ operation: 'fill', count: 2 }, images, {
    onQueued: (position) => heard.push(`queued ${position}`),
    onStarted: () => heard.push('started'),
    onProgress: ({ step, steps }) => heard.push(`progress ${step}/${steps}`),
    onPicture: ({ index }) => heard.push(`picture ${index}`),
  });
  assert.deepEqual(heard.slice(0, 3), ['queued 0', 'started', 'progress 1/2']);
  assert.equal(pictures.length, 2);
  for (const [index, result] of pictures.entries()) {
    assert.deepEqual(Buffer.compare(result.bytes, images[0]!.bytes), 0);
    assert.equal(result.index, index);
    const { request } = result;
    assert.equal(request.operation, 'fill');
    assert.equal(request.model, 'patch-match');
    assert.deepEqual(request.output, { format: 'rgba8', quality: 90 });
    assert.equal(request.operation === 'fill' && request.count, 1);
  }
  const [task] = bridge.engine.tasks;
  assert.deepEqual(Buffer.compare(sourceOf(task!).bytes, images[0]!.bytes), 0);
  assert.equal(task!.operation === 'fill' && Buffer.compare(task!.mask.bytes, images[1]!.bytes), 0);
});

test('[R1] a connection that breaks during the upload goes on where it was', async (context) => {
  const bridge = await startBridge(context, { limits: { maxUnacknowledgedBytes: 600_000 } });
  const sockets: InstanceType<typeof CountingSocket>[] = [];
  const { ClientWebSocket } = await import('../../../../bridge/websocket.ts');
  let sentFrames = 0;
  class CountingSocket extends ClientWebSocket {
    constructor(url: string) {
      super(url);
      sockets.push(this);
    }
    override send(data: never): void {
      if (typeof data !== 'string' && ++sentFrames === 4) this.terminate();
      super.send(data, () => {});
    }
  }
  const client = bridge.client({ WebSocket: CountingSocket });
  await client.connect();
  const images = fillImages(1024, 1000);
  const [result] = await client.run({ operation: 'fill', seed: 5 }, images);
  assert.equal(sockets.length, 2);
  assert.equal(Buffer.compare(result!.bytes, images[0]!.bytes), 0);
  assert.equal(bridge.engine.tasks.length, 1);
  // 4 096 000 + 1 024 000 bytes are 11 frames; at most the one that was cut off is sent twice, and more would be a restart.
  assert.ok(sentFrames <= 13, `${sentFrames} frames`);
});

test('[R2] a connection that breaks while the job runs loses neither job nor result', async (context) => {
  const gate = new Gate();
  const bridge = await startBridge(context);
  const { echo } = await import('../../../bridge/scripted-engine.ts');
  bridge.engine.script = async (task, events, signal) => {
    await gate.pass(signal);
    await echo(task, events, signal);
  };
  const statuses: string[] = [];
  const sockets: { terminate(): void }[] = [];
  const { ClientWebSocket } = await import('../../../../bridge/websocket.ts');
  class KeptSocket extends ClientWebSocket {
    constructor(url: string) {
      super(url);
      sockets.push(this);
    }
  }
  const client = bridge.client({ WebSocket: KeptSocket, onStatus: ({ state }) => statuses.push(state) });
  await client.connect();
  const images = fillImages(700, 400);
  const started = new Gate();
  const results = client.run({ operation: 'fill' }, images, { onStarted: () => started.open() });
  await started.opened;
  sockets[0]!.terminate();
  gate.open();
  const [result] = await results;
  assert.equal(Buffer.compare(result!.bytes, images[0]!.bytes), 0);
  assert.deepEqual(statuses, ['connecting', 'ready', 'connecting', 'ready']);
  assert.equal(bridge.engine.tasks.length, 1);
});

test('[R3] a connection that breaks in the middle of a result gets that result again from its start', async (context) => {
  const bridge = await startBridge(context);
  const { ClientWebSocket } = await import('../../../../bridge/websocket.ts');
  let sockets = 0;
  let frames = 0;
  class BreakingSocket extends ClientWebSocket {
    constructor(url: string) {
      super(url);
      sockets += 1;
      this.on('message', (_data, isBinary) => {
        if (isBinary && ++frames === 3) this.terminate();
      });
    }
  }
  const client = bridge.client({ WebSocket: BreakingSocket });
  await client.connect();
  const images = fillImages(900, 900);
  const [result] = await client.run({ operation: 'fill' }, images);
  assert.equal(sockets, 2);
  assert.equal(Buffer.compare(result!.bytes, images[0]!.bytes), 0);
});

test('[R4] a result that is a file of the spool folder is streamed from it and deleted once acknowledged', async (context) => {
  const bridge = await startBridge(context);
  const bytes = picture('source', 'rgba8', { width: 640, height: 1111 }).bytes;
  const file = path.join(bridge.home.spoolFolder, 'result');
  bridge.engine.script = async (_task, { onResult }) => {
    await writeFile(file, bytes);
    onResult({
      index: 0,
      role: 'picture',
      format: 'rgba8',
      bounds: { left: 0, top: 0, width: 640, height: 1111 },
      content: { file, byteLength: bytes.length },
    });
  };
  const client = bridge.client();
  await client.connect();
  const [result] = await client.run({ operation: 'upscale' }, fillImages(16, 9).slice(0, 1));
  assert.equal(Buffer.compare(result!.bytes, bytes), 0);
  const { access } = await import('node:fs/promises');
  for (let wait = 0; wait < 3_000; wait++) {
    const exists = await access(file).then(
      () => true,
      () => false,
    );
    if (!exists) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.fail('The spool file is still there.');
});

test('[J6] an aborted job is cancelled, whether it runs or waits, and the next one is run', async (context) => {
  const bridge = await startBridge(context);
  const gate = new Gate();
  const { echo } = await import('../../../bridge/scripted-engine.ts');
  bridge.engine.script = (_task, _events, signal) => gate.pass(signal);
  const client = bridge.client();
  await client.connect();
  const running = new AbortController();
  const waiting = new AbortController();
  const isStarted = new Gate();
  const isQueued = new Gate();
  const first = client.run({ operation: 'fill' }, fillImages(8, 8), {
    signal: running.signal,
    onStarted: () => isStarted.open(),
  });
  await isStarted.opened;
  const second = client.run({ operation: 'fill' }, fillImages(8, 8), {
    signal: waiting.signal,
    onQueued: (position) => {
      assert.equal(position, 1);
      isQueued.open();
    },
  });
  await isQueued.opened;
  const isCancelled = (error: unknown) => error instanceof ClientError && error.code === 'cancelled';
  waiting.abort();
  await assert.rejects(second, isCancelled);
  bridge.engine.script = echo;
  running.abort();
  await assert.rejects(first, isCancelled);
  const third = await client.run({ operation: 'fill' }, fillImages(8, 8));
  assert.equal(third.length, 1);
  assert.equal(bridge.engine.tasks.length, 2);
  await assert.rejects(
    client.run({ operation: 'fill' }, fillImages(8, 8), { signal: AbortSignal.abort() }),
    isCancelled,
  );
});

test('[J7] a failed job rejects with the code, the message and the hint of the engine', async (context) => {
  const bridge = await startBridge(context, {
    script: async () => {
      throw new EngineError('mask-empty', 'Expected a mask with white in it, received a black one.');
    },
  });
  const client = bridge.client();
  await client.connect();
  await assert.rejects(client.run({ operation: 'fill' }, fillImages(8, 8)), (error: unknown) => {
    assert.ok(error instanceof ClientError);
    assert.equal(error.code, 'mask-empty');
    assert.match(error.message, /received a black one/);
    assert.match(error.hint, /Paint the area/);
    return true;
  });
});

test('[J8] previews arrive with the place they belong to', async (context) => {
  const jpeg = new Uint8Array([0xff, 0xd8, 1, 2, 3]);
  const bounds = { left: 3, top: 4, width: 50, height: 60 };
  const bridge = await startBridge(context, {
    script: async (_task, { onPreview }) => onPreview({ bounds, width: 5, height: 6, jpeg }),
  });
  const client = bridge.client();
  await client.connect();
  const previews: unknown[] = [];
  await client.run({ operation: 'fill' }, fillImages(8, 8), {
    onPreview: ({ bytes, ...preview }) => previews.push({ ...preview, bytes: [...bytes] }),
  });
  assert.deepEqual(previews, [{ format: 'jpeg', width: 5, height: 6, bounds, bytes: [...jpeg] }]);
});

test('[P1] a client without a token learns that it must pair, pairs, and works', async (context) => {
  const bridge = await startBridge(context);
  const { token: _, ...options } = { token: '' };
  const client = bridge.client({ ...options, token: 'not-a-token' });
  await assert.rejects(
    client.connect(),
    (error) => error instanceof ClientError && error.code === 'unpaired',
  );
  assert.equal(client.status.state, 'unpaired');
  const { code } = bridge.server.openPairing();
  const token = await client.pair({ code, name: 'Photoshop' });
  assert.equal(Buffer.from(token, 'base64url').length, 32);
  assert.equal((await client.run({ operation: 'fill' }, fillImages(8, 8))).length, 1);
  const again = bridge.client({ token });
  assert.equal((await again.connect()).version, '1.2.3');
});

test('[P2] a wrong code is refused, and the right one still works after it', async (context) => {
  const bridge = await startBridge(context);
  const client = bridge.client({ token: 'not-a-token' });
  const { code } = bridge.server.openPairing();
  const wrong = code === '000000' ? '000001' : '000000';
  await assert.rejects(
    client.pair({ code: wrong, name: 'Figma' }),
    (error) => error instanceof ClientError && error.code === 'pairing-failed',
  );
  await client.pair({ code, name: 'Figma' });
  assert.equal(client.status.state, 'ready');
});

test('the client tries again until a server is there, and takes the first port that has one', async (context) => {
  const bridge = await startBridge(context);
  const { port } = bridge.server;
  await bridge.server.close();
  const client = bridge.client({ ports: [port] });
  const connected = client.connect();
  while (client.status.state !== 'unreachable') await new Promise((resolve) => setTimeout(resolve, 5));
  await startBridge(context, { home: bridge.home, ports: [port] });
  assert.equal((await connected).version, '1.2.3');
});

test('[J9] an estimate is answered, and its failure belongs to it alone', async (context) => {
  const bridge = await startBridge(context);
  const client = bridge.client();
  await client.connect();
  const outline = { role: 'source', format: 'png', width: 640, height: 480 } as const;
  const [estimate] = await Promise.all([
    client.estimate({ operation: 'upscale' }, [outline]),
    assert.rejects(
      client.estimate({ operation: 'upscale', scale: 2 }, [{ ...outline, width: 5_001 }]),
      (error) => error instanceof ClientError && error.code === 'out-of-memory',
    ),
  ]);
  assert.deepEqual(estimate.contextBounds, { left: 0, top: 0, width: 640, height: 480 });
  assert.equal(estimate.durationMs, 1_500);
});

test('[J9] an estimate is in the document: where the mask is white, and what is computed on', async (context) => {
  const bridge = await startBridge(context);
  const client = bridge.client();
  await client.connect();
  const outline = { format: 'gray8', left: 30, top: -40, width: 64, height: 48 } as const;
  const images = [
    { ...outline, role: 'source' },
    { ...outline, role: 'mask', maskBounds: { left: 33, top: -38, width: 5, height: 6 } },
  ] as const;
  const fill = { operation: 'fill' } as const;
  const ofMask = await client.estimate(fill, images);
  assert.deepEqual(ofMask.contextBounds, { left: 33, top: -38, width: 5, height: 6 });
  const ofSource = await client.estimate(fill, [images[0], { ...outline, role: 'mask' }]);
  assert.deepEqual(ofSource.contextBounds, { left: 30, top: -40, width: 64, height: 48 });
});
