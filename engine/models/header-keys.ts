import type { Checkpoint } from '../weights/safetensors.ts';

/** The keys of a checkpoint below one prefix, as what recognises networks asks for them. */
export class HeaderKeys {
  readonly prefix: string;
  readonly #checkpoint: Checkpoint;

  constructor(checkpoint: Checkpoint, prefix = '') {
    this.#checkpoint = checkpoint;
    this.prefix = prefix;
  }

  has(key: string): boolean {
    return this.#checkpoint.tensors.has(this.prefix + key);
  }

  /** Whether a tensor of that name is there; of a pattern that ends in `*`, any whose name begins so. */
  matches(pattern: string): boolean {
    return pattern.endsWith('*') ? this.hasUnder(pattern.slice(0, -1)) : this.has(pattern);
  }

  hasUnder(prefix: string): boolean {
    const whole = this.prefix + prefix;
    for (const key of this.#checkpoint.tensors.keys()) if (key.startsWith(whole)) return true;
    return false;
  }

  /** Empty where there is no such tensor. */
  shape(key: string): readonly number[] {
    return this.#checkpoint.tensors.get(this.prefix + key)?.shape ?? [];
  }
}
