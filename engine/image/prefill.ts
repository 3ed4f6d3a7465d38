import { colourCount, hasAlpha, type Mask, maxSample, type Picture } from './picture.ts';
import { pullPush } from './pull-push.ts';

/**
 * The picture with its hole painted over from around it, smoothly and without detail: what a model starts from when it
 * does not start from noise alone, inside a picture or in the new area of a larger canvas. Where the mask is 0 the
 * picture is kept bit for bit; where it is soft, its own colour counts by as much as it is not masked. What is
 * transparent says nothing of colour; the hole becomes opaque. With nothing known at all it is mid grey.
 *
 * @param mask As large as the picture.
 */
export function prefillHole(picture: Picture, mask: Mask): Picture {
  const { width, height, channels, data: source } = picture;
  const colours = colourCount(channels);
  const max = maxSample(source);
  const values = new Float64Array(width * height * colours);
  const weights = new Float64Array(width * height);
  let isKnownAnywhere = false;
  for (let i = 0; i < weights.length; i++) {
    const opacity = hasAlpha(channels) ? source[i * channels + colours]! / max : 1;
    weights[i] = (1 - mask.data[i]! / 255) * opacity;
    isKnownAnywhere ||= weights[i]! > 0;
    for (let c = 0; c < colours; c++) values[i * colours + c] = source[i * channels + c]!;
  }
  const smooth = isKnownAnywhere
    ? pullPush({ width, height, channels: colours, values, weights })
    : values.fill(max / 2);
  const data = source.slice();
  for (let i = 0; i < weights.length; i++) {
    if (mask.data[i] === 0) continue;
    for (let c = 0; c < colours; c++) data[i * channels + c] = Math.round(smooth[i * colours + c]!);
    if (hasAlpha(channels)) data[i * channels + colours] = max;
  }
  return { ...picture, data };
}
