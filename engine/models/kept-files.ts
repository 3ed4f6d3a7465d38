/** What is read whole of files that change a checkpoint, kept between jobs, so that a strength is changed without reading again. */
import { stat } from 'node:fs/promises';

/** Of one kind of files. */
export const maxKeptBytes = 2 ** 30;

export class KeptFiles<Content extends { readonly bytes: number }> {
  readonly #read: (file: string) => Promise<Content>;
  /** By file as it was, the one used longest ago first. */
  readonly #kept = new Map<string, Content>();

  constructor(read: (file: string) => Promise<Content>) {
    this.#read = read;
  }

  /** Throws what reading the file throws. */
  async read(file: string): Promise<Content> {
    const { mtimeMs, size } = await stat(file);
    const key = `${file}, ${size} bytes of ${mtimeMs}`;
    const content = this.#kept.get(key) ?? (await this.#read(file));
    this.#kept.delete(key);
    this.#kept.set(key, content);
    let bytes = [...this.#kept.values()].reduce((sum, kept) => sum + kept.bytes, 0);
    for (const [oldest, { bytes: freed }] of this.#kept) {
      if (bytes <= maxKeptBytes || oldest === key) break;
      this.#kept.delete(oldest);
      bytes -= freed;
    }
    return content;
  }
}
