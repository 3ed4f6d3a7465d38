/**
 * What a ControlNet adds to a step of Stable Diffusion 1.5 at full size:
 *
 *     npx tsx tests/bench/stable-diffusion/controlnet.ts --checkpoint FILE [--rounds 3] [--side 512]
 *
 * FILE is what write-checkpoint.ts writes; a random ControlNet is written beside it. In turns: a step of the UNet alone, one
 * with a ControlNet's residuals, and the ControlNet; CPU seconds of all threads are told too, which other work on the machine
 * disturbs less.
 */
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { LoadedModels } from '../../../engine/models/loaded-models.ts';
import { StableDiffusionLoader } from '../../../engine/models/stable-diffusion.ts';
import type { Conditioning } from '../../../engine/models/stable-diffusion-unet.ts';
import { TorchCpuGenerator } from '../../../engine/random/torch-cpu-generator.ts';
import { windowLength } from '../../../engine/text/prompt.ts';
import { describeMachine, type Time, timed } from '../figures.ts';
import { controlNet15Layout } from './layout.ts';
import { writeRandomWeights } from './random-weights.ts';

const { values } = parseArgs({
  options: {
    checkpoint: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    side: { type: 'string', default: '512' },
  },
});
if (values.checkpoint === undefined)
  throw new Error('Expected --checkpoint FILE, as write-checkpoint.ts wrote it');
const checkpoint = path.resolve(values.checkpoint);
await access(checkpoint);
const side = Number(values.side);
const size = { width: side, height: side };
const folder = await mkdtemp(path.join(tmpdir(), 'inlay-controlnet-'));
const file = path.join(folder, 'random-controlnet.safetensors');
const { signal } = new AbortController();
const noise = new TorchCpuGenerator(0);
const loaded = new LoadedModels();

const text = (format: (time: Time) => string, times: readonly Time[]) => times.map(format).join(' ');
const fastest = (times: readonly Time[], of: keyof Time) => Math.min(...times.map((time) => time[of]));

try {
  await writeRandomWeights(file, controlNet15Layout(), { seed: 2, metadata: {} });
  const loader = new StableDiffusionLoader(() => 'cpu', loaded);
  const model = await loader.open(
    { checkpoint },
    { family: 'sd1', variant: 'base', predictionType: 'epsilon', hasZeroTerminalSnr: false },
  );
  const controlNet = await loader.openControlNet(file);
  const shape = model.latentShape(size);
  const sample = { shape, data: noise.normal(shape.reduce((product, length) => product * length, 1)) };
  const texts = [0, 1].map(
    (): Conditioning => ({ tokens: windowLength, states: noise.normal(windowLength * 768) }),
  );
  const image = { shape: [1, 3, side, side], data: new Float32Array(3 * side * side).fill(0.5) };
  const hintTime = await timed(() => controlNet.encodeImage(image, undefined, signal));
  const hint = await controlNet.encodeImage(image, undefined, signal);
  const times = { plain: [] as Time[], steered: [] as Time[], control: [] as Time[] };
  const work = { size, batch: 2, isControlled: true };
  await model.useUNet(work, (unet) =>
    controlNet.use(work, async (network) => {
      const inputs = texts.map((conditioning) => ({ sample, conditioning }));
      const controlled = { sample, hint, conditionings: texts, timestep: 500 };
      let residuals = await network.residuals(controlled, signal);
      await unet.predict(inputs, { timestep: 500, signal });
      for (let round = 0; round < Number(values.rounds); round++) {
        times.plain.push(await timed(() => unet.predict(inputs, { timestep: 500, signal })));
        times.control.push(
          await timed(async () => {
            residuals = await network.residuals(controlled, signal);
          }),
        );
        times.steered.push(await timed(() => unet.predict(inputs, { timestep: 500, residuals, signal })));
      }
    }),
  );
  console.log(describeMachine());
  for (const [name, measured] of Object.entries(times)) {
    console.log(
      `${name}: ${text(({ seconds }) => seconds.toFixed(2), measured)} s, CPU ${text(({ cpuSeconds }) => cpuSeconds.toFixed(2), measured)} s`,
    );
  }
  console.log(`control image, with loading: ${hintTime.seconds.toFixed(2)} s, once a drawing`);
  for (const of of ['seconds', 'cpuSeconds'] as const) {
    const [plain, steered, control] = [times.plain, times.steered, times.control].map((all) =>
      fastest(all, of),
    );
    console.log(
      `${of}, fastest of each: ControlNet ${(control! / plain!).toFixed(3)} of a step (goal 0.45 for all that is added); ` +
        `a step that takes residuals ${(steered! / plain!).toFixed(3)} of one that takes zeros`,
    );
  }
} finally {
  await loaded.unloadAll();
  await rm(folder, { recursive: true, force: true });
}
