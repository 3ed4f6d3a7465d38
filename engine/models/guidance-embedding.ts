const maxPeriod = 10_000;
const scaleFactor = 1000;

/**
 * How strongly the prompt guides, for a UNet that was distilled to be told so (arXiv 2310.04378, section 4.2): sines, then
 * cosines, of the scale less 1 at falling frequencies. `channels` is even, from 4. Rounded where diffusers rounds: the
 * arguments are large.
 */
export function guidanceEmbedding(guidanceScale: number, channels: number): Float32Array {
  const { fround } = Math;
  const half = channels / 2;
  const weight = fround(fround(guidanceScale - 1) * scaleFactor);
  const decay = fround(fround(-Math.log(maxPeriod)) / (half - 1));
  const angles = Array.from({ length: half }, (_, i) => fround(weight * fround(Math.exp(fround(i * decay)))));
  return Float32Array.from([...angles.map(Math.sin), ...angles.map(Math.cos)]);
}
