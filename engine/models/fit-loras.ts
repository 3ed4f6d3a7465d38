/** Finds the weights of a checkpoint that adaptations change, and says what does not fit. */
import path from 'node:path';
import { EngineError } from '../errors.ts';
import { type LoraTarget, targetOf, textTargets, unetTargets } from '../graphs/lora-targets.ts';
import { formatShape } from '../onnx/shape.ts';
import { isFactors, type LoraChange, withFirstRanks } from '../weights/lora-change.ts';
import type { LoraModule, LoraPart } from '../weights/lora-modules.ts';
import { padded } from '../weights/matrix.ts';
import type { Checkpoint } from '../weights/safetensors.ts';
import { NetworkAdaptation, type PlacedChange } from './adaptation.ts';
import type { Lora } from './lora.ts';

export interface LoraUse {
  readonly lora: Lora;
  /** Of what it changes in the UNet. */
  readonly strength: number;
  readonly textEncoderStrength: number;
  /** How many of its ranks are used, the first ones (DyLoRA, arXiv 2210.07558); all of them without it. */
  readonly usedRank?: number;
}

/** What is left of adaptations when they are held against a checkpoint; a network that none changes has none. */
export interface FittedLoras {
  readonly networks: ReadonlyMap<LoraPart, NetworkAdaptation>;
  /** A sentence for each file that fits in part only. */
  readonly warnings: readonly string[];
}

export const noLoras: FittedLoras = { networks: new Map(), warnings: [] };

/** What a network of these families draws has as many channels. */
const latentChannels = 4;

/** How many names an error has before it says how many more there are. */
const namedModules = 3;

/** Throws `invalid-option` for a file that fits nothing in the checkpoint. */
export function fitLoras(uses: readonly LoraUse[], checkpoint: Checkpoint): FittedLoras {
  const targets = new Map([...unetTargets(checkpoint), ...textTargets(checkpoint)]);
  const changes = new Map<LoraPart, PlacedChange[]>();
  const warnings: string[] = [];
  for (const { lora, strength, textEncoderStrength, usedRank } of uses) {
    const misfits: string[] = [];
    for (const { module, change: whole } of lora.changes) {
      const target = targetOf(module, targets);
      const used = usedRank === undefined ? whole : withFirstRanks(whole, usedRank);
      const change =
        target?.isFirst === true ? widenedFor(used, checkpoint.tensors.get(target.key)!.shape) : used;
      const problem = target === undefined ? '' : misfitOf(change, target, checkpoint);
      if (target === undefined || problem !== undefined) {
        misfits.push(`\`${nameOf(module)}\`${problem}`);
        continue;
      }
      const network = target.network;
      const own = network === 'unet' ? strength : textEncoderStrength;
      const placed = changes.get(network) ?? [];
      placed.push({ target, change, strength: own });
      changes.set(network, placed);
    }
    if (misfits.length === 0) continue;
    const total = lora.changes.length;
    if (misfits.length === total) throw fitsNothing(lora, checkpoint, misfits);
    warnings.push(
      `${misfits.length} of the ${total} parts of the LoRA \`${lora.title}\` fit nothing in ${path.basename(checkpoint.file)} and are left out: ${listed(misfits)}.`,
    );
  }
  return {
    networks: new Map(
      [...changes].map(([part, placed]) => [part, new NetworkAdaptation(checkpoint, placed)]),
    ),
    warnings,
  };
}

/**
 * A change of the first convolution of a network that sees more than the latent (inpainting: its mask and what is left of
 * the picture; pix2pix) leaves alone what sees the rest, which comes last.
 */
function widenedFor(change: LoraChange, [, inputs = 0]: readonly number[]): LoraChange {
  const { added, kernelPixels, magnitude } = change;
  const columns = inputs * kernelPixels;
  const own = isFactors(added) ? added.down.columns : added.columns;
  const isOfLatent = own === latentChannels * kernelPixels && magnitude?.of !== 'inputs';
  if (!isOfLatent || own >= columns) return change;
  const widened = isFactors(added) ? { ...added, down: padded(added.down, columns) } : padded(added, columns);
  return { ...change, added: widened };
}

function nameOf({ part, name }: LoraModule): string {
  return part === undefined ? name : `${part} ${name}`;
}

/** Why a change cannot be made to a weight; undefined where it can. */
function misfitOf(
  { added, kernelPixels }: LoraChange,
  { key, part }: LoraTarget,
  { tensors }: Checkpoint,
): string | undefined {
  const { shape } = tensors.get(key)!;
  const [rows = 0, inputs = 0, ...sides] = shape;
  const pixels = sides.reduce((product, side) => product * side, 1);
  const own = isFactors(added) ? [added.up.rows, added.down.columns] : [added.rows, added.columns];
  const expected = [rows / (part?.of ?? 1), inputs * pixels];
  if (own[0] === expected[0] && own[1] === expected[1] && kernelPixels === pixels) return undefined;
  return ` (changes ${formatShape(own)}, not ${formatShape(expected)})`;
}

function fitsNothing(lora: Lora, checkpoint: Checkpoint, misfits: readonly string[]): EngineError {
  return new EngineError(
    'invalid-option',
    `Expected a LoRA that fits ${path.basename(checkpoint.file)}, received \`${lora.title}\`, of which none of the ${misfits.length} parts does: ${listed(misfits)}.`,
    { hint: 'Choose a LoRA that was made for this family of checkpoints, or another checkpoint.' },
  );
}

function listed(names: readonly string[]): string {
  const first = names.slice(0, namedModules).join(', ');
  return names.length > namedModules ? `${first} and ${names.length - namedModules} more` : first;
}
