/** Our side of the upscalers' benchmark, in a process of its own so that its memory can be told. */
import { startTestEngine } from '../engine/pipelines/engine-fixture.ts';

export interface UpscaleQuestion {
  readonly model: string;
  /** Sides of a square picture of rgb8, and its bytes. */
  readonly size: number;
  readonly bytes: Uint8Array;
}

/** What one run took, the most memory the process has had so far, and the result's bytes. */
export interface UpscaleAnswer {
  readonly seconds: number;
  /** Of all threads: hardly changed by what else runs on the machine. */
  readonly cpuSeconds: number;
  readonly peakBytes: number;
  readonly bytes: Uint8Array;
}

const endings: (() => unknown)[] = [];
const engine = await startTestEngine({
  after: (ending: unknown) => void endings.push(ending as () => unknown),
});

process.on('message', (question: UpscaleQuestion) => void answer(question));
process.on('disconnect', async () => {
  for (const ending of endings) await ending();
});
process.send!('ready');

async function answer({ model, size, bytes }: UpscaleQuestion): Promise<void> {
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  const { results } = await engine.run({
    operation: 'upscale',
    model: { name: model },
    source: { format: 'rgb8', width: size, height: size, bytes },
    target: { scale: 4 },
    output: { format: 'rgb8', quality: 100 },
  });
  const seconds = (performance.now() - start) / 1e3;
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpuSeconds = (user + system) / 1e6;
  const content = results[0]!.content as { readonly bytes: Uint8Array };
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  process.send!({ seconds, cpuSeconds, peakBytes, bytes: content.bytes } satisfies UpscaleAnswer);
}
