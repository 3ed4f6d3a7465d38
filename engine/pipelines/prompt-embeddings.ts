/** The textual-inversion embeddings in the models folders, which prompts use by name. */
import { EngineError } from '../errors.ts';
import type { ModelLibrary } from '../models/model-library.ts';

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
  /** Of the vectors that the text encoder takes. */
  readonly width: number;
}

/** The vectors of the embeddings of those names. Throws `invalid-option` for one that was made for another text encoder. */
export async function readEmbeddings(
  names: Iterable<string>,
  { models, width }: ReadEmbeddingsOptions,
): Promise<ReadonlyMap<string, Float32Array>> {
  const read = new Map<string, Float32Array>();
  for (const name of new Set(names)) {
    const embedding = await models.embedding({ name });
    if (embedding.width !== width) throw wrongWidth(name, { expected: width, received: embedding.width });
    read.set(name, embedding.vectors);
  }
  return read;
}

/** Whose text encoder is how wide. */
const encoders: Readonly<Record<number, string>> = {
  768: ' (Stable Diffusion 1.x)',
  1024: ' (Stable Diffusion 2.x)',
};

function wrongWidth(
  name: string,
  { expected, received }: { readonly expected: number; readonly received: number },
): EngineError {
  const described = (width: number) => `${width}${encoders[width] ?? ''}`;
  return new EngineError(
    'invalid-option',
    `Expected the embedding \`${name}\` in the prompt to be ${described(expected)} wide for this checkpoint, received one of ${described(received)}.`,
    {
      hint: 'Take its name out of the prompt, or use a checkpoint of its family; if you meant the word, rename the file.',
    },
  );
}
