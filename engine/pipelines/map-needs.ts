/** What making a control map takes, told before it is made. */
import type { ControlKind } from '../api.ts';
import type { AssistiveModels } from '../control/assistive-models.ts';
import { modelsUsed } from '../control/preprocess.ts';
import type { Size } from '../image/bounds.ts';

/** Multiply-adds a second of two ordinary cores; a first guess, before anything has run. */
export const assumedMultiplyAddsPerSecond = 50e9;
/** For a pixel of the picture: its samples, and a preprocessor's planes. */
const bytesPerPixel = 40;
const microsecondsPerPixel = 0.2;

export interface MapNeeds {
  readonly durationMs: number;
  /** Most that is needed at a time. */
  readonly memoryBytes: number;
  /** Whether networks look at the picture, which may take what all networks may. */
  readonly hasNetworks: boolean;
}

/** Of a picture of that size. Throws `model-not-found` for a preprocessor whose model is not there. */
export async function mapNeeds(
  name: ControlKind,
  { size, assistive }: { readonly size: Size; readonly assistive: AssistiveModels },
): Promise<MapNeeds> {
  const pixels = size.width * size.height;
  const costs = await Promise.all(modelsUsed(name, assistive).map((model) => assistive.cost(model, size)));
  const multiplyAdds = costs.reduce((sum, cost) => sum + cost.multiplyAdds, 0);
  const networkBytes = costs.reduce((sum, cost) => sum + cost.memoryBytes, 0);
  return {
    durationMs: (pixels * microsecondsPerPixel) / 1000 + (multiplyAdds / assumedMultiplyAddsPerSecond) * 1000,
    memoryBytes: pixels * bytesPerPixel + networkBytes,
    hasNetworks: costs.length > 0,
  };
}
