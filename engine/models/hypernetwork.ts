/** Hypernetworks as a job uses them: their numbers, and which of their modules a checkpoint has contexts for. */
import path from 'node:path';
import { EngineError } from '../errors.ts';
import { hypernetworkInputs } from '../graphs/hypernetwork.ts';
import { contextWidths } from '../graphs/transformer-2d.ts';
import type { Tensor } from '../runtime/session.ts';
import {
  type HypernetworkModule,
  type HypernetworkTensor,
  hypernetworkModules,
} from '../weights/hypernetwork-modules.ts';
import { openCheckpoint } from '../weights/open-checkpoint.ts';
import type { Checkpoint } from '../weights/safetensors.ts';
import { readFloat32 } from '../weights/tensor-values.ts';
import { invalidWeights } from '../weights/weights-file.ts';
import type { Feeds } from './adaptation.ts';

export interface Hypernetwork {
  /** The file, as a sentence names it. */
  readonly title: string;
  readonly modules: readonly HypernetworkModule[];
  /** By key. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly bytes: number;
}

/** Of one file in 32 bits; with two layers of twice the width the four widths of a family take 88 MB. */
export const maxHypernetworkBytes = 2 ** 30;

/** Throws what is wrong with the file. */
export async function readHypernetwork(file: string): Promise<Hypernetwork> {
  const checkpoint = await openCheckpoint(file);
  const modules = hypernetworkModules(checkpoint);
  if (modules === undefined) {
    throw new EngineError(
      'unsupported-architecture',
      `Expected a hypernetwork in ${checkpoint.file}, received other tensors.`,
    );
  }
  const used = modules.flatMap(tensorsOf);
  const bytes = used.reduce((sum, { shape }) => sum + 4 * shape.reduce((product, size) => product * size), 0);
  if (bytes > maxHypernetworkBytes) {
    throw invalidWeights(checkpoint.file, {
      expected: `a hypernetwork of at most ${maxHypernetworkBytes} bytes`,
      received: `one of ${bytes}`,
    });
  }
  const tensors = new Map<string, Tensor>();
  for (const { key, shape } of used) {
    const data = await readFloat32(checkpoint, key, { maxBytes: 2 * maxHypernetworkBytes });
    if (!data.every(Number.isFinite)) {
      throw invalidWeights(checkpoint.file, {
        expected: `finite numbers in \`${key}\``,
        received: 'others',
        hint: 'Its training has failed: use an earlier step of it.',
      });
    }
    tensors.set(key, { shape, data });
  }
  return { title: path.basename(file), modules, tensors, bytes };
}

function tensorsOf({ key, value }: HypernetworkModule): readonly HypernetworkTensor[] {
  return [...key, ...value].flatMap(({ weight, bias, slope, norm }) => [
    weight,
    bias,
    ...(slope === undefined ? [] : [slope]),
    ...(norm === undefined ? [] : [norm.scale, norm.bias]),
  ]);
}

export interface HypernetworkUse {
  readonly hypernetwork: Hypernetwork;
  readonly strength: number;
}

/** What is left of hypernetworks when they are held against a checkpoint. */
export interface FittedHypernetworks {
  /** Of each, those that the checkpoint has contexts for. */
  readonly modules: readonly (readonly HypernetworkModule[])[];
  /** What the graph's inputs for them are. */
  readonly feeds: Feeds;
  /** A sentence for each file that fits in part only. */
  readonly warnings: readonly string[];
}

export const noHypernetworks: FittedHypernetworks = { modules: [], feeds: {}, warnings: [] };

/** Throws `invalid-option` for a file that is for none of the contexts that the checkpoint has. */
export function fitHypernetworks(
  uses: readonly HypernetworkUse[],
  checkpoint: Checkpoint,
): FittedHypernetworks {
  if (uses.length === 0) return noHypernetworks;
  const widths = contextWidths(checkpoint);
  const name = path.basename(checkpoint.file);
  const feeds: Record<string, Tensor> = {};
  const warnings: string[] = [];
  const modules = uses.map(({ hypernetwork, strength }, index) => {
    const { title, tensors } = hypernetwork;
    const fitting = hypernetwork.modules.filter(({ width }) => widths.includes(width));
    const others = hypernetwork.modules.filter(({ width }) => !widths.includes(width));
    const listed = others.map(({ width }) => width).join(', ');
    if (fitting.length === 0) {
      throw new EngineError(
        'invalid-option',
        `Expected a hypernetwork for contexts ${widths.join(', ')} wide, which ${name} has, received \`${title}\`, which is for ${listed}.`,
        { hint: 'Choose one that was trained with this family of checkpoints, or another checkpoint.' },
      );
    }
    if (others.length > 0) {
      warnings.push(
        `The hypernetwork \`${title}\` has parts for contexts ${listed} wide, which ${name} has not; they are left out.`,
      );
    }
    const names = hypernetworkInputs(index);
    feeds[names.strength] = { shape: [1], data: Float32Array.of(strength) };
    for (const tensor of fitting.flatMap(tensorsOf)) feeds[names.tensor(tensor)] = tensors.get(tensor.key)!;
    return fitting;
  });
  return { modules, feeds, warnings };
}
