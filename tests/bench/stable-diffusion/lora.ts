/**
 * What LoRAs add to a step of Stable Diffusion 1.5 at full size, and how long a change of them takes:
 *
 *     npx tsx tests/bench/stable-diffusion/lora.ts --checkpoint FILE [--rounds 3] [--side 512] [--batch 2] [--python python3]
 *
 * FILE is what write-checkpoint.ts writes; random LoRAs of all layers of transformers and text encoder are written for the
 * run. In turns, in one process: a step as the checkpoint is, one with a LoRA of rank 32, and one with three (32, 16 and 16);
 * what passes before the first step where a strength, or a LoRA, is another. The other way to do it, changes added up into
 * weights that a session is then made of, is timed as its two parts. With --python, diffusers' `load_lora_weights` too.
 */
import { access, mkdtemp, rm } from 'node:fs/promises';
import os, { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { targetOf, unetTargets } from '../../../engine/graphs/lora-targets.ts';
import { LoadedModels } from '../../../engine/models/loaded-models.ts';
import { readLora } from '../../../engine/models/lora.ts';
import { StableDiffusionLoader, type StableDiffusionModel } from '../../../engine/models/stable-diffusion.ts';
import type { Conditioning } from '../../../engine/models/stable-diffusion-unet.ts';
import { GraphBuilder } from '../../../engine/onnx/graph-builder.ts';
import { cutIntoStages } from '../../../engine/onnx/graph-stage.ts';
import type { Shape } from '../../../engine/onnx/shape.ts';
import { TorchCpuGenerator } from '../../../engine/random/torch-cpu-generator.ts';
import { openSession } from '../../../engine/runtime/session.ts';
import { ClipTokenizer } from '../../../engine/text/clip-tokenizer.ts';
import { type PromptWindow, promptWindows, windowLength } from '../../../engine/text/prompt.ts';
import { isFactors } from '../../../engine/weights/lora-change.ts';
import { openSafetensors } from '../../../engine/weights/safetensors.ts';
import { readFloat32 } from '../../../engine/weights/tensor-values.ts';
import { describeMachine, median, type Time, timed } from '../figures.ts';
import { PeerProcess } from '../peer-process.ts';
import { lora15Layout } from './layout.ts';
import { writeRandomWeights } from './random-weights.ts';

const { values } = parseArgs({
  options: {
    checkpoint: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    side: { type: 'string', default: '512' },
    batch: { type: 'string', default: '2' },
    python: { type: 'string' },
  },
});
if (values.checkpoint === undefined)
  throw new Error('Expected --checkpoint FILE, as write-checkpoint.ts wrote it');
const checkpoint = path.resolve(values.checkpoint);
await access(checkpoint);
const [side, batch, rounds] = [Number(values.side), Number(values.batch), Number(values.rounds)];
const ranks = [32, 16, 16];
const goal = 1.05;
const folder = await mkdtemp(path.join(tmpdir(), 'inlay-lora-'));
const files = ranks.map((rank, index) => path.join(folder, `random-${index}-rank-${rank}.safetensors`));
const { signal } = new AbortController();
const noise = new TorchCpuGenerator(0);
const loaded = new LoadedModels();
const loader = new StableDiffusionLoader(() => 'cpu', loaded);

const [[prompt], [noPrompt]] = ['a red house by the sea', ''].map((text) =>
  promptWindows(text, { tokenizer: new ClipTokenizer(), embeddingNames: new Map(), padTokenId: 49_407 }),
) as [readonly PromptWindow[], readonly PromptWindow[]];

/** The first `count` LoRAs, from the one at `from`. */
function open({ count = 0, from = 0, strength = 0.7 } = {}): Promise<StableDiffusionModel> {
  const loras = files
    .slice(from, from + count)
    .map((file) => ({ file, strength, textEncoderStrength: strength }));
  return loader.open(
    { checkpoint, loras },
    { family: 'sd1', variant: 'base', predictionType: 'epsilon', hasZeroTerminalSnr: false },
  );
}

const work = { size: { width: side, height: side }, batch };
const sampleShape = [1, 4, side / 8, side / 8];
const sample = { shape: sampleShape, data: noise.normal(4 * (side / 8) ** 2) };
const conditionings = Array.from(
  { length: batch },
  (): Conditioning => ({ tokens: windowLength, states: noise.normal(windowLength * 768) }),
);

async function step(model: StableDiffusionModel): Promise<Time> {
  let time: Time | undefined;
  await model.useUNet(work, async (unet) => {
    const inputs = conditionings.map((conditioning) => ({ sample, conditioning }));
    time = await timed(() => unet.predict(inputs, { timestep: 500, signal }));
  });
  return time!;
}

/** All that comes before a drawing's first step: files, the prompt and no prompt, and what the UNet is fed. */
function start(loras: Parameters<typeof open>[0]): Promise<Time> {
  return timed(async () => {
    const model = await open(loras);
    await model.encodeText([prompt!, noPrompt!], { encoder: 0, clipSkip: 1, signal });
    await model.useUNet(work, async () => undefined);
  });
}

/** The UNet's weights with a LoRA added up by the runtime, as a session would be made of them. */
async function mergeAll(file: string): Promise<void> {
  const builder = new GraphBuilder('merge');
  const input = (name: string, shape: Shape) => builder.input({ name, dtype: 'float32', shape });
  const product = builder.matMul(input('up', ['outputs', 'rank']), input('down', ['rank', 'inputs']));
  builder.output(builder.add(input('weight', ['outputs', 'inputs']), product, 'merged'));
  const [stage] = cutIntoStages(builder.finish());
  const session = await openSession(stage!.model, { device: 'cpu' });
  try {
    const opened = await openSafetensors(checkpoint);
    const targets = unetTargets(opened);
    const { changes } = await readLora(file);
    for (const { module, change } of changes) {
      const target = targetOf(module, targets);
      if (target === undefined || !isFactors(change.added)) continue;
      const { up, down } = change.added;
      const data = await readFloat32(opened, target.key, { maxBytes: 2 ** 28 });
      await session.run({
        weight: { shape: [up.rows, down.columns], data },
        up: { shape: [up.rows, up.columns], data: up.data },
        down: { shape: [down.rows, down.columns], data: down.data },
      });
    }
  } finally {
    await session.dispose();
  }
}

const times = new Map<string, Time[]>();
function note(name: string, time: Time): void {
  times.set(name, [...(times.get(name) ?? []), time]);
  console.log(`${name}: ${time.seconds.toFixed(3)} s, CPU ${time.cpuSeconds.toFixed(3)} s`);
}

async function startPeer(python: string): Promise<PeerProcess | undefined> {
  const peer = await PeerProcess.start(
    python,
    [path.join(import.meta.dirname, 'diffusers_peer.py'), 'float32', String(os.availableParallelism())],
    { ...process.env, OMP_WAIT_POLICY: 'passive' },
  );
  if (typeof peer !== 'string') return peer;
  console.log(`diffusers left out: ${peer}`);
  return undefined;
}

let peer: PeerProcess | undefined;
async function askPeer(name: string, ...fields: readonly string[]): Promise<void> {
  if (peer === undefined) return;
  const [seconds = Number.NaN, cpuSeconds = Number.NaN] = (await peer.ask(...fields)).map(Number);
  note(`diffusers: ${name}`, { seconds, cpuSeconds });
}

const plainTitle = 'step as the checkpoint is';
const changedTitles = ['step with one LoRA', 'step with three LoRAs'];

try {
  for (const [index, rank] of ranks.entries()) {
    await writeRandomWeights(files[index]!, lora15Layout(rank), { seed: index + 2, metadata: {} });
  }
  console.log(`${describeMachine()}; ${side} px, batch ${batch}`);
  peer = values.python === undefined ? undefined : await startPeer(values.python);
  await askPeer('load', 'load', checkpoint);
  const models = [await open(), await open({ count: 1 }), await open({ count: 3 })];
  note('start as the checkpoint is, all to be loaded', await start({}));
  note('start with a first LoRA, all to be loaded', await start({ count: 1 }));
  for (const model of models) await step(model);
  for (let round = 1; round <= rounds; round++) {
    note(plainTitle, await step(models[0]!));
    note(changedTitles[0]!, await step(models[1]!));
    note(changedTitles[1]!, await step(models[2]!));
    note('start with another strength', await start({ count: 1, strength: 0.1 * round }));
    note('start with another LoRA', await start({ count: 1, from: 1 + (round % 2) }));
    note('start with three LoRAs', await start({ count: 3, strength: 0.1 * round }));
    await askPeer('no LoRA', 'loras');
    await askPeer(plainTitle, 'step', values.side, values.batch);
    await askPeer('start with one LoRA', 'loras', files[0]!);
    await askPeer(changedTitles[0]!, 'step', values.side, values.batch);
    await askPeer('start with three LoRAs', 'loras', ...files);
    await askPeer(changedTitles[1]!, 'step', values.side, values.batch);
  }
  note('merged instead: a LoRA added up', await timed(() => mergeAll(files[0]!)));
  for (let round = 1; round <= rounds; round++) {
    await loaded.unloadAll();
    const load = () => models[0]!.useUNet(work, async () => undefined);
    note('merged instead: the session made', await timed(load));
  }
  console.log(`\n| | fastest | median | CPU, fastest | CPU, median |\n|---|---|---|---|---|`);
  for (const [name, all] of times) {
    const cells = (['seconds', 'cpuSeconds'] as const).flatMap((of) => {
      const figures = all.map((time) => time[of]);
      return [Math.min(...figures), median(figures)].map((value) => `${value.toFixed(2)} s`);
    });
    console.log(`| ${[name, ...cells].join(' | ')} |`);
  }
  for (const who of ['', 'diffusers: ']) {
    const plain = times.get(who + plainTitle);
    if (plain === undefined) continue;
    for (const title of changedTitles) {
      const changed = times.get(who + title)!;
      const share = (of: keyof Time, sum: (figures: readonly number[]) => number) =>
        (sum(changed.map((time) => time[of])) / sum(plain.map((time) => time[of]))).toFixed(3);
      const least = (figures: readonly number[]) => Math.min(...figures);
      console.log(
        `${who}${title} / without: ${share('seconds', least)} fastest, ${share('seconds', median)} median; ` +
          `CPU ${share('cpuSeconds', least)}, ${share('cpuSeconds', median)} (goal ${goal})`,
      );
    }
  }
} finally {
  peer?.end();
  await loaded.unloadAll();
  await rm(folder, { recursive: true, force: true });
}
