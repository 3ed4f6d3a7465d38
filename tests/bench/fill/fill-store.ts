/** Results of engines, kept in a folder, so that looking at them or scoring a new fill needs no second run of the peers. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Picture } from '../../../engine/image/picture.ts';
import type { FillCase } from './cases.ts';
import type { EngineName } from './engines.ts';

export class FillStore {
  readonly #folder: string;

  /** The pictures' folder: results lie in `fills` below it. */
  constructor(folder: string) {
    this.#folder = path.join(folder, 'fills');
  }

  async put(fillCase: FillCase, engine: EngineName, result: Picture): Promise<void> {
    await mkdir(path.dirname(this.#file(fillCase, engine)), { recursive: true });
    await writeFile(this.#file(fillCase, engine), result.data);
  }

  /** Null where that engine has not filled that case, or could not. */
  async get(fillCase: FillCase, engine: EngineName): Promise<Picture | null> {
    const data = await readFile(this.#file(fillCase, engine)).catch(() => null);
    return data?.length === fillCase.picture.data.length
      ? { ...fillCase.picture, data: new Uint8Array(data) }
      : null;
  }

  /** Cases of one name with another mask are others. */
  #file({ name, mask }: FillCase, engine: EngineName): string {
    const hash = createHash('sha256').update(mask.data).digest('hex').slice(0, 8);
    return path.join(this.#folder, `${name}-${hash}`, `${engine}.rgb8`);
  }
}
