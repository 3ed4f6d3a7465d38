/**
 * How fast the bridge takes a job in, over loopback, with server and client in a process each:
 *
 *     npx tsx tests/bench/protocol.ts [--rounds 5] [--jobs 200]
 *
 * 1. From the last uploaded byte to `started`, of small jobs, with an engine that starts at once.
 * 2. How fast a picture of 50 megapixels (rgba8, 200 MB) is uploaded, in turns with raw TCP and with a plain WebSocket.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { defaultLimits } from '../../bridge/protocol/limits.ts';
import { ClientWebSocket } from '../../bridge/websocket.ts';
import { InlayClient } from '../../plugins/shared/client/client.ts';
import { describeMachine, median, percentile } from './figures.ts';
import type { ReceiverPorts, ReceiverQuestion } from './protocol-server.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    jobs: { type: 'string', default: '200' },
  },
});
const rounds = Number(values.rounds);
const jobCount = Number(values.jobs);

/** 50 megapixels of rgba8. */
const width = 8_000;
const height = 6_250;
const picture = new Uint8Array(width * height * 4);
for (let i = 0; i < picture.length; i++) picture[i] = i * 31;

let lastSendMs = 0;

/** Knows when the last frame was handed to it. */
class TimedWebSocket extends ClientWebSocket {
  override send(...args: unknown[]): void {
    lastSendMs = performance.now();
    Reflect.apply(super.send, this, args);
  }
}

class Receiver {
  readonly #child: ChildProcess;
  readonly ports: ReceiverPorts;

  private constructor(child: ChildProcess, ports: ReceiverPorts) {
    this.#child = child;
    this.ports = ports;
  }

  static async start(): Promise<Receiver> {
    const entry = path.join(path.dirname(fileURLToPath(import.meta.url)), 'protocol-server.ts');
    const child = fork(entry, [String(picture.length)], { execArgv: ['--import', 'tsx'] });
    const [ports] = await once(child, 'message');
    return new Receiver(child, ports as ReceiverPorts);
  }

  async cpuUsage(): Promise<NodeJS.CpuUsage> {
    const answer = once(this.#child, 'message');
    this.#ask('cpu');
    return (await answer)[0] as NodeJS.CpuUsage;
  }

  async end(): Promise<void> {
    const exit = once(this.#child, 'exit');
    this.#ask('end');
    await exit;
  }

  #ask(question: ReceiverQuestion): void {
    this.#child.send(question);
  }
}

/** Uploads the picture once; resolves when the other side has it whole. */
type Upload = () => Promise<void>;

async function connectInlay({ inlay, token }: ReceiverPorts): Promise<InlayClient> {
  const client = new InlayClient({
    WebSocket: TimedWebSocket,
    client: 'benchmark',
    editor: 'other',
    host: '127.0.0.1',
    ports: [inlay],
    token,
  });
  await client.connect();
  return client;
}

/** In writes of a frame's size, waiting where the socket is full. */
async function tcpUpload(port: number): Promise<{ upload: Upload; socket: net.Socket }> {
  const socket = net.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const upload = async () => {
    const answer = once(socket, 'data');
    for (let start = 0; start < picture.length; start += defaultLimits.maxFrameBytes) {
      const isRoom = socket.write(picture.subarray(start, start + defaultLimits.maxFrameBytes));
      if (!isRoom) await once(socket, 'drain');
    }
    await answer;
  };
  return { upload, socket };
}

/** In frames of the protocol's size, with as much on its way as the protocol allows. */
async function wsUpload(
  port: number,
): Promise<{ upload: Upload; socket: InstanceType<typeof ClientWebSocket> }> {
  const socket = new ClientWebSocket(`ws://127.0.0.1:${port}`);
  await once(socket, 'open');
  const upload = async () => {
    const answer = once(socket, 'message');
    for (let start = 0; start < picture.length; start += defaultLimits.maxFrameBytes) {
      const frame = picture.subarray(start, start + defaultLimits.maxFrameBytes);
      const sent = new Promise<void>((resolve) => socket.send(frame, () => resolve()));
      if (socket.bufferedAmount >= defaultLimits.maxUnacknowledgedBytes) await sent;
    }
    await answer;
  };
  return { upload, socket };
}

/** Milliseconds from the last frame of a job to `started`. */
async function startLatencies(client: InlayClient): Promise<number[]> {
  const side = 64;
  const image = { format: 'rgba8', width: side, height: side } as const;
  const latencies: number[] = [];
  for (let job = 0; job < jobCount; job++) {
    await client.run(
      { operation: 'fill' },
      [
        { ...image, role: 'source', bytes: picture.subarray(0, 4 * side * side) },
        { ...image, role: 'mask', format: 'gray8', bytes: picture.subarray(0, side * side) },
      ],
      { onStarted: () => latencies.push(performance.now() - lastSendMs) },
    );
  }
  return latencies;
}

interface Sample {
  readonly megabytesPerSecond: number;
  readonly megabytesPerCpuSecond: number;
}

async function measure(receiver: Receiver, upload: Upload): Promise<Sample> {
  const megabytes = picture.length / 1e6;
  const theirs = await receiver.cpuUsage();
  const ours = process.cpuUsage();
  const start = performance.now();
  await upload();
  const seconds = (performance.now() - start) / 1e3;
  const { user, system } = process.cpuUsage(ours);
  const after = await receiver.cpuUsage();
  const cpuSeconds = (user + system + after.user + after.system - theirs.user - theirs.system) / 1e6;
  return { megabytesPerSecond: megabytes / seconds, megabytesPerCpuSecond: megabytes / cpuSeconds };
}

function report(name: string, samples: readonly Sample[], tcp: readonly Sample[]): void {
  const speeds = samples.map(({ megabytesPerSecond }) => megabytesPerSecond);
  const perCpu = samples.map(({ megabytesPerCpuSecond }) => megabytesPerCpuSecond);
  const ratio = median(speeds) / median(tcp.map(({ megabytesPerSecond }) => megabytesPerSecond));
  console.log(
    `${name.padEnd(16)}  best ${Math.max(...speeds).toFixed(0)} MB/s, median ${median(speeds).toFixed(0)} MB/s` +
      ` (${ratio.toFixed(2)} of raw TCP), ${median(perCpu).toFixed(0)} MB per CPU-second`,
  );
}

console.log(describeMachine());
const receiver = await Receiver.start();
const client = await connectInlay(receiver.ports);
await startLatencies(client);
const latencies = await startLatencies(client);
console.log(
  `last byte to \`started\`, ${latencies.length} jobs: median ${median(latencies).toFixed(2)} ms, ` +
    `p95 ${percentile(latencies, 0.95).toFixed(2)} ms, slowest ${Math.max(...latencies).toFixed(2)} ms`,
);

const tcp = await tcpUpload(receiver.ports.tcp);
const ws = await wsUpload(receiver.ports.ws);
const image = { role: 'source', format: 'rgba8', width, height, bytes: picture } as const;
const contenders: readonly { readonly name: string; readonly upload: Upload; readonly samples: Sample[] }[] =
  [
    { name: 'raw TCP', upload: tcp.upload, samples: [] },
    { name: 'plain WebSocket', upload: ws.upload, samples: [] },
    {
      name: 'Inlay',
      upload: async () => void (await client.run({ operation: 'upscale', scale: 1 }, [image])),
      samples: [],
    },
  ];
console.log(`upload of ${width} x ${height} rgba8 (${picture.length / 1e6} MB), ${rounds} rounds in turns:`);
// The first round warms up.
for (let round = 0; round <= rounds; round++) {
  for (const { upload, samples } of contenders) {
    const sample = await measure(receiver, upload);
    if (round > 0) samples.push(sample);
  }
}
for (const { name, samples } of contenders) report(name, samples, contenders[0]!.samples);
client.close();
tcp.socket.destroy();
ws.socket.terminate();
await receiver.end();
