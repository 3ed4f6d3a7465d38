/** What Photoshop gives the plugin besides the little of a browser that it has. */
import type { Photoshop } from './photoshop.ts';
import type { Uxp } from './uxp.ts';

declare global {
  function require(module: 'photoshop'): Photoshop;
  function require(module: 'uxp'): Uxp;
  /** Put in by the build. */
  const INLAY_VERSION: string;
}
