/** The autoencoder of a checkpoint, ready to use: pictures of any size, in tiles where they are too large to be taken whole. */
import type { Size } from '../image/bounds.ts';
import type { Sizes } from '../onnx/shape.ts';
import type { Tensor } from '../runtime/session.ts';
import type { LoadedNetwork } from './loaded-network.ts';
import type { NetworkLoader, NetworkNeeds, NetworkSource } from './network-loader.ts';
import { maxWholeLatentPixels, planVaeTiles, runTiled } from './vae-tiles.ts';

/** How many pixels a latent's pixel stands for along a side: of both families. */
export const latentPixelSide = 8;

export type AutoencoderHalf = 'decoder' | 'encoder';

export interface CodingOptions {
  readonly signal: AbortSignal;
  /** Called after each tile of a picture that is not taken whole. */
  readonly onTile?: (step: number, steps: number) => void;
}

/** What a network takes for a picture. */
export interface AutoencoderNeeds extends NetworkNeeds {
  /** In how many runs; 1 = whole. */
  readonly tiles: number;
}

export class Autoencoder {
  readonly #sources: Readonly<Record<AutoencoderHalf, NetworkSource>>;
  readonly #networks: NetworkLoader;

  constructor(sources: Readonly<Record<AutoencoderHalf, NetworkSource>>, networks: NetworkLoader) {
    this.#sources = sources;
    this.#networks = networks;
  }

  /** Of a latent of that size, taken whole where it may and there is memory for that, else in tiles. */
  needs(half: AutoencoderHalf, latent: Size): AutoencoderNeeds {
    const needs = (size: Size) => this.#networks.needs(this.#sources[half], sizesOf(half, size));
    const whole = needs(latent);
    const plan = planVaeTiles(latent);
    const fits = Math.max(whole.loadBytes, whole.weightBytes + whole.workBytes) <= this.#networks.budgetBytes;
    const isWhole = fits && latent.width * latent.height <= maxWholeLatentPixels;
    return isWhole || plan.tiles.length === 1
      ? { ...whole, tiles: 1 }
      : { ...needs(plan.input), tiles: plan.tiles.length };
  }

  /** The image [1, 3, height, width], about in [-1, 1], of a latent divided by its scale. */
  decode(latent: Tensor, { signal, ...options }: CodingOptions): Promise<Tensor> {
    const [, , height, width] = latent.shape as [number, number, number, number];
    const run = async (network: LoadedNetwork, tile: Tensor) =>
      (await network.run({ latent: tile }, signal)).image!;
    return this.#run('decoder', latent, { latentSize: { width, height }, run, ...options });
  }

  /** Means, then log variances, of the latent of an image in [-1, 1]. */
  moments(image: Tensor, { signal, ...options }: CodingOptions): Promise<Tensor> {
    const [, , height, width] = image.shape as [number, number, number, number];
    const latentSize = { width: width / latentPixelSide, height: height / latentPixelSide };
    const run = async (network: LoadedNetwork, tile: Tensor) =>
      (await network.run({ image: tile }, signal)).moments!;
    return this.#run('encoder', image, { latentSize, run, ...options });
  }

  #run(
    half: AutoencoderHalf,
    input: Tensor,
    { latentSize, run, ...options }: AutoencoderRun,
  ): Promise<Tensor> {
    const isWhole = this.needs(half, latentSize).tiles === 1;
    const plan = planVaeTiles(latentSize);
    const scales =
      half === 'decoder'
        ? { inputScale: 1, outputScale: latentPixelSide }
        : { inputScale: latentPixelSide, outputScale: 1 };
    return this.#networks.use(
      this.#sources[half],
      sizesOf(half, isWhole ? latentSize : plan.input),
      (network) =>
        isWhole
          ? run(network, input)
          : runTiled(input, plan, { ...scales, ...options, run: (tile) => run(network, tile) }),
    );
  }
}

interface AutoencoderRun extends Omit<CodingOptions, 'signal'> {
  readonly latentSize: Size;
  readonly run: (network: LoadedNetwork, tile: Tensor) => Promise<Tensor>;
}

/** What symbols in the graph's shapes stand for. */
function sizesOf(half: AutoencoderHalf, latent: Size): Sizes {
  const scale = half === 'decoder' ? 1 : latentPixelSide;
  const height = latent.height * scale;
  const width = latent.width * scale;
  return { batch: 1, height, width, rows: height * width };
}
