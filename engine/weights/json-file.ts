import { findHeaderJsonProblem } from './header-json.ts';
import { invalidWeights, withWeightsFile } from './weights-file.ts';

/** The index of a model in many shards is the largest. */
export const maxJsonBytes = 16 * 1024 * 1024;
export const maxJsonDepth = 8;

/** A value of JSON whose objects are maps, so that no key of a file becomes a property. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | ReadonlyMap<string, JsonValue>;

/** The object that a JSON file beside weights is. Throws `model-not-found` or `invalid-weights`. */
export async function readJsonFile(path: string): Promise<ReadonlyMap<string, JsonValue>> {
  return withWeightsFile(path, async (file) => {
    if (file.byteLength > maxJsonBytes) {
      throw invalidWeights(file.path, {
        expected: `JSON of at most ${maxJsonBytes} bytes`,
        received: `${file.byteLength}`,
      });
    }
    const bytes = await file.read(0, file.byteLength);
    let value: JsonValue;
    try {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
      const problem = findHeaderJsonProblem(text, maxJsonDepth);
      if (problem !== undefined) throw new SyntaxError(`Expected ${problem}`);
      value = asMaps(JSON.parse(text));
    } catch (cause) {
      throw invalidWeights(file.path, { expected: 'JSON', received: (cause as Error).message, cause });
    }
    if (!(value instanceof Map))
      throw invalidWeights(file.path, { expected: 'an object', received: 'another value' });
    return value;
  });
}

function asMaps(value: unknown): JsonValue {
  if (Array.isArray(value)) return value.map(asMaps);
  if (typeof value !== 'object' || value === null) return value as JsonValue;
  return new Map(Object.entries(value).map(([key, child]) => [key, asMaps(child)]));
}
