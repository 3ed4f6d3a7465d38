/** The textual-inversion embeddings in the models folders, which prompts use by name. */
import { EngineError } from '../errors.ts';
import type { ModelLibrary } from '../models/model-library.ts';
import type { TokenVectorOptions } from '../text/textual-inversion.ts';

/** Their names, and how many of a prompt's tokens each takes. */
export async function installedEmbeddings(models: ModelLibrary): Promise<ReadonlyMap<string, number>> {
  const installed = await models.list();
  return new Map(
    installed.flatMap(({ kind, name, vectors }) =>
      kind === 'embedding' && vectors !== undefined ? [[name, vectors] as const] : [],
    ),
  );
}

export interface ReadEmbeddingsOptions {
  readonly models: ModelLibrary;
  /** Of the vectors that each text encoder takes. */
  readonly widths: readonly number[];
}

/**
 * For each text encoder the vectors of the embeddings of those names. Throws `invalid-option` for one that was made for other
 * text encoders.
 */
export async function readEmbeddings(
  names: Iterable<string>,
  { models, widths }: ReadEmbeddingsOptions,
): Promise<readonly TokenVectorOptions[]> {
  const read = widths.map((dim) => ({ dim, vectors: new Map<string, Float32Array>() }));
  for (const name of new Set(names)) {
    const { parts } = await models.embedding({ name });
    // The refiner has the second of SDXL's text encoders alone.
    const own = parts.slice(-widths.length);
    const fits = own.length === widths.length && own.every(({ width }, i) => width === widths[i]);
    if (!fits) {
      throw wrongWidth(name, { expected: widths, received: parts.map(({ width }) => width) });
    }
    for (const [encoder, { vectors }] of own.entries()) read[encoder]!.vectors.set(name, vectors);
  }
  return read;
}

/** Whose text encoders are how wide. */
const encoders: Readonly<Record<string, string>> = {
  '768': ' (Stable Diffusion 1.x)',
  '1024': ' (Stable Diffusion 2.x)',
  '1280': " (SDXL's refiner)",
  '768 and 1280': ' (SDXL)',
};

function wrongWidth(
  name: string,
  { expected, received }: { readonly expected: readonly number[]; readonly received: readonly number[] },
): EngineError {
  const described = (widths: readonly number[]) => {
    const text = widths.join(' and ');
    return `${text}${encoders[text] ?? ''}`;
  };
  return new EngineError(
    'invalid-option',
    `Expected the embedding \`${name}\` in the prompt to be ${described(expected)} wide for this checkpoint, received one of ${described(received)}.`,
    {
      hint: 'Take its name out of the prompt, or use a checkpoint of its family; if you meant the word, rename the file.',
    },
  );
}
