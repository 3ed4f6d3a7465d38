/**
 * A network of a checkpoint that a job's adaptations may change. As it is in the file it is one graph; to be changed it is
 * another, which takes what changes as inputs and stays loaded whichever adaptations come and go.
 */
import { type AdaptedWeight, AdaptedWeights } from '../graphs/adapted-weights.ts';
import type { EmitOptions } from '../graphs/layers.ts';
import type { Sizes } from '../onnx/shape.ts';
import type { Feeds, NetworkAdaptation } from './adaptation.ts';
import type { LoadedNetwork } from './loaded-network.ts';
import type { NetworkLoader, NetworkNeeds, NetworkSource } from './network-loader.ts';

export interface AdaptableOptions {
  readonly networks: NetworkLoader;
  readonly adaptation: NetworkAdaptation | undefined;
  /** What graphs can be changed in, by their key: noted when one is written. */
  readonly adaptedWeights: Map<string, readonly AdaptedWeight[]>;
}

export class AdaptableNetwork {
  readonly #networks: NetworkLoader;
  readonly #adaptation: NetworkAdaptation | undefined;
  readonly #adaptedWeights: AdaptableOptions['adaptedWeights'];
  readonly #source: NetworkSource;

  constructor(source: NetworkSource, { networks, adaptation, adaptedWeights }: AdaptableOptions) {
    this.#networks = networks;
    this.#adaptation = adaptation;
    this.#adaptedWeights = adaptedWeights;
    this.#source = adaptation === undefined ? source : this.#adaptedSource(source, adaptation);
  }

  /** Tells the network from all others. */
  get key(): string {
    return this.#source.key;
  }

  needs(sizes: Sizes): NetworkNeeds {
    return this.#networks.needs(this.#source, this.#withRank(sizes));
  }

  /** Runs `work` with the network and what it is fed besides its own inputs. */
  async use<Result>(
    sizes: Sizes,
    work: (network: LoadedNetwork, feeds: Feeds) => Promise<Result>,
  ): Promise<Result> {
    const feeds = (await this.#adaptation?.feeds(this.#weights)) ?? {};
    return this.#networks.use(this.#source, this.#withRank(sizes), (network) => work(network, feeds));
  }

  get #weights(): readonly AdaptedWeight[] {
    if (!this.#adaptedWeights.has(this.key)) this.#source.emit({});
    return this.#adaptedWeights.get(this.key)!;
  }

  #adaptedSource(source: NetworkSource, { form, reach }: NetworkAdaptation): NetworkSource {
    const key = `${source.key}, ${form} changes of ${reach} weights`;
    const emit = (options: EmitOptions) => {
      const adapted = new AdaptedWeights({ form, reach });
      const stages = source.emit({ ...options, adapted });
      if (!this.#adaptedWeights.has(key)) this.#adaptedWeights.set(key, adapted.list);
      return stages;
    };
    return { ...source, key, emit };
  }

  #withRank(sizes: Sizes): Sizes {
    return this.#adaptation === undefined ? sizes : { ...sizes, rank: this.#adaptation.rank };
  }
}
