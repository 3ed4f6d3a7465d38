/** One door to all weights. What a file is comes from its first bytes: names are wrong often enough. */
import { stat } from 'node:fs/promises';
import { openDiffusersFolder } from './diffusers-folder.ts';
import { type Checkpoint, readSafetensors } from './safetensors.ts';
import { legacyMagic, readLegacyTorch, readTorchArchive } from './torch-file.ts';
import { invalidWeights, type WeightsFile, withWeightsFile } from './weights-file.ts';

/** Endings of the files that are looked at, first those that are preferred where two have the same name. */
export const weightsExtensions = ['.safetensors', '.ckpt', '.pt', '.pth', '.bin'] as const;

const zipMagic = 'PK\x03\x04';

interface Mistaken {
  readonly starts: readonly string[];
  readonly what: string;
  readonly hint: string;
}

/** Beginnings, in lower case, of what people have in the place of a model, and what they then should do. */
const mistaken: readonly Mistaken[] = [
  {
    starts: ['<!doctype', '<html', '<?xml'],
    what: 'a web page',
    hint: 'The site answered with a page instead of the model, perhaps to ask for a login: download the file itself.',
  },
  {
    starts: ['version https://git-lfs'],
    what: 'a Git LFS pointer, which only names the model',
    hint: 'Run `git lfs pull` where the file came from, or download it with a browser.',
  },
  {
    starts: ['gguf'],
    what: 'a GGUF file',
    hint: 'GGUF is not supported yet: get the model as .safetensors.',
  },
  {
    starts: ['\x1f\x8b', '7z\xbc\xaf', 'rar!', 'bzh', '\xfd7zxz', '\x28\xb5\x2f\xfd'],
    what: 'a compressed archive',
    hint: 'Unpack it and use the model that is in it.',
  },
  { starts: ['pk\x05\x06'], what: 'an empty archive', hint: 'Download or copy the file again.' },
  {
    starts: ['\x80\x02', '\x80\x03', '\x80\x04', '\x80\x05'],
    what: 'a pickle that torch.save has not written',
    hint: 'Get the model as .safetensors: plain pickles can run code, and are not read.',
  },
];

const magicBytes = 64;

/**
 * The tensors of any weights file: `.safetensors`, or what `torch.save` wrote; or of a folder of diffusers. Throws
 * `model-not-found`, `invalid-weights`, or for a folder `unsupported-architecture`. Nothing in a file is ever run.
 */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isFolder) return openDiffusersFolder(path);
  return withWeightsFile(path, async (weights) => {
    const start = await weights.read(0, Math.min(weights.byteLength, magicBytes));
    const text = Buffer.from(start).toString('latin1');
    if (text.startsWith(zipMagic)) return await readTorchArchive(weights);
    if (legacyMagic.every((byte, index) => start[index] === byte)) return await readLegacyTorch(weights);
    if (!looksLikeSafetensors(start)) refuseMistaken(weights, { start, text });
    return await readSafetensors(weights);
  });
}

/** A length below 4 GB, then JSON: its first bytes may be those of anything else by chance. */
function looksLikeSafetensors(start: Uint8Array): boolean {
  return start.subarray(4, 8).every((byte) => byte === 0) && start[8] === 0x7b;
}

function refuseMistaken(
  weights: WeightsFile,
  { start, text }: { readonly start: Uint8Array; readonly text: string },
): void {
  if (start.byteLength === magicBytes && start.every((byte) => byte === 0)) {
    throw invalidWeights(weights.path, {
      expected: 'a weights file',
      received: 'zeros',
      hint: 'Space was made for the file but nothing was written: wait for the download, or start it again.',
    });
  }
  const written = text.trimStart().toLowerCase();
  const match = mistaken.find(({ starts }) => starts.some((start) => written.startsWith(start)));
  if (match === undefined) return;
  throw invalidWeights(weights.path, { expected: 'a weights file', received: match.what, hint: match.hint });
}
