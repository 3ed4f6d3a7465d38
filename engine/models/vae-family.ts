/**
 * Whose latents a VAE's file by itself makes. The autoencoders of Stable Diffusion 1.x and of SDXL have the same tensors of the
 * same shapes, so only what the file says of itself and its name can tell.
 */
import type { ModelFamily } from '../api.ts';

/** `sdxl_vae`, `sdxl-vae-fp16-fix`, `xlVAEC`, `stable-diffusion-xl-v1-vae`. */
const xlPattern = /(?:^|[^a-z])(?:sd)?xl|[^a-z]xl(?:$|[^a-z])/i;
/** `vae-ft-mse-840000-ema-pruned`, `kl-f8-anime2`, `sd15.vae`, `v1-5-vae`. */
const plainPattern =
  /ft-(?:mse|ema)|kl-?f8|(?:^|[^a-z])(?:sd|v|stable-diffusion)[-_. ]?v?[12](?:[^0-9]|$|[-_. ]?5)/i;

/** Undefined where neither says. */
export function vaeFamily(fileName: string, metadata: ReadonlyMap<string, string>): ModelFamily | undefined {
  const architecture = metadata.get('modelspec.architecture') ?? '';
  if (/xl/i.test(architecture)) return 'sdxl';
  if (/stable-diffusion-v[12]/i.test(architecture)) return 'sd1';
  if (xlPattern.test(fileName)) return 'sdxl';
  return plainPattern.test(fileName) ? 'sd1' : undefined;
}
