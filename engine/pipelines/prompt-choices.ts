/** Prompts with choices in them (`{a|b}`, `__list__`) as the prompts of single pictures. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { EngineTask, ResultPicture } from '../api.ts';
import { EngineError } from '../errors.ts';
import { deriveKey, keyedHash } from '../random/keyed-hash.ts';
import { hasChoices, listNames, resolveWildcards } from '../text/wildcards.ts';

/** Of one list of words. */
export const maxListBytes = 2 ** 20;
/** Lists that one prompt may lead to. */
export const maxLists = 256;

type Words = NonNullable<ResultPicture['chosenWords']>;

/** One picture of a task, and what its prompts say once chosen. */
export interface ChosenTask {
  readonly task: EngineTask;
  readonly words: Words;
}

/**
 * The task as one for each of its pictures, with the choices made that their seeds stand for; undefined where there is
 * nothing to choose. What was chosen is told in the recipes too, as `chosenWords`.
 *
 * @throws EngineError 'invalid-option' for too many choices, and for a list that is too large.
 */
export async function tasksOfChoices(
  task: EngineTask,
  wildcardsFolder: string | undefined,
): Promise<readonly ChosenTask[] | undefined> {
  if (!('diffusion' in task) || task.diffusion === undefined) return undefined;
  const { seed: firstSeed, count, diffusion, recipe } = task;
  const { prompt, negativePrompt } = diffusion;
  if (!hasChoices(prompt) && !hasChoices(negativePrompt)) return undefined;
  const lists = await readLists([prompt, negativePrompt], wildcardsFolder);
  return Array.from({ length: count }, (_, index) => {
    const seed = (firstSeed + index) >>> 0;
    const words = wordsOf(diffusion, { seed, lists });
    const own = {
      ...task,
      seed,
      count: 1,
      diffusion: { ...diffusion, ...words },
      ...(recipe !== undefined && { recipe: { ...recipe, chosenWords: words } }),
    };
    return { task: own as EngineTask, words };
  });
}

type Lists = ReadonlyMap<string, readonly string[]>;

/** Either prompt has numbers of its own, so that a choice more in one changes nothing in the other. */
function wordsOf(
  { prompt, negativePrompt }: Words,
  { seed, lists }: { readonly seed: number; readonly lists: Lists },
): Words {
  const resolve = (text: string, part: number): string => {
    const key = deriveKey(seed, part);
    return resolveWildcards(text, {
      random: (choice) => keyedHash(key, choice) / 2 ** 32,
      linesOf: (name) => lists.get(name),
    });
  };
  return { prompt: resolve(prompt, 0), negativePrompt: resolve(negativePrompt, 1) };
}

/** All lists that the texts may ask for, and those that their lines ask for; what is not there is left out. */
async function readLists(texts: readonly string[], folder: string | undefined): Promise<Lists> {
  const lists = new Map<string, readonly string[]>();
  if (folder === undefined) return lists;
  const wanted = texts.flatMap(listNames);
  for (let name = wanted.shift(); name !== undefined; name = wanted.shift()) {
    if (lists.has(name)) continue;
    const lines = await readList(path.join(folder, `${name}.txt`));
    if (lines === undefined) continue;
    if (lists.size === maxLists) {
      throw new EngineError('invalid-option', `Expected ${maxLists} lists of words at most, found more.`, {
        hint: 'The prompt asks for lists that ask for others: use fewer of them.',
      });
    }
    lists.set(name, lines);
    wanted.push(...lines.flatMap(listNames));
  }
  return lists;
}

/** A line each; empty ones, and those that begin with `#`, are none. */
async function readList(file: string): Promise<readonly string[] | undefined> {
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) return undefined;
  if (found.size > maxListBytes) {
    throw new EngineError(
      'invalid-option',
      `Expected a list of words of ${maxListBytes} bytes at most in ${file}, received ${found.size}.`,
      { hint: 'Make several lists of it.' },
    );
  }
  const lines = (await readFile(file, 'utf8')).split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && !line.startsWith('#'));
}
