/** What a weights file is called where models are listed and chosen. */
import path from 'node:path';
import { weightsExtensions } from '../weights/open-checkpoint.ts';

/** What diffusers calls the weights of a network, in whichever folder: the folder's name says which it is. */
const unnamedWeights = /^diffusion_pytorch_model(?:\.fp16)?$/;

export function nameOf(file: string): string {
  const name = ownName(file);
  return unnamedWeights.test(name) ? path.basename(path.dirname(file)) : name;
}

/** Whether it is all of its folder, so that the `config.json` there is its own. */
export function isNamedByFolder(file: string): boolean {
  return unnamedWeights.test(ownName(file));
}

function ownName(file: string): string {
  return path.basename(
    file,
    weightsExtensions.find((extension) => file.endsWith(extension)),
  );
}
