// kernels/composite.ts: the last vote, on the picture's own samples.

import { addRow, beginCoherence, isCoherent, ownSource } from './coherence';
import { boxLeft, boxTop, boxWidth, HOLE, low, radius, roles, width } from './level';
import { adaptedMeans, bestSource, gatherVotes, means } from './votes';

const CORRECTION_SCALE: i32 = 16;
const NO_COPY: i32 = -1;

// @ts-ignore: decorator
@inline
function sampleAt(samples: usize, index: usize, bytes: i32): i32 {
  return bytes == 1 ? load<u8>(samples + index) : load<u16>(samples + (index << 1));
}

// @ts-ignore: decorator
@inline
function meanAt(channel: i32): i32 {
  if (channel == 0) return i32x4.extract_lane(means, 0);
  if (channel == 1) return i32x4.extract_lane(means, 1);
  return i32x4.extract_lane(means, 2);
}

export function compositeBand(
  top: i32,
  bottom: i32,
  samples: usize,
  mask: usize,
  channels: i32,
  bytes: i32,
  copies: usize,
): void {
  const colours = (channels & 1) == 0 ? channels - 1 : channels;
  const limit = bytes == 1 ? 0xff : 0xffff;
  const perLevel = limit / 255;
  beginCoherence(top, true);
  for (let y = top; y < bottom; y++) {
    addRow(y + radius, true);
    for (let x = boxLeft; x < boxLeft + boxWidth; x++) {
      const pixel: usize = y * width + x;
      const copy: usize = copies + (((y - boxTop) * boxWidth + (x - boxLeft)) << 2);
      store<i32>(copy, NO_COPY);
      if (load<u8>(mask + pixel) == 0 || (load<u8>(roles + pixel) & HOLE) == 0) continue;
      const to = pixel * channels;
      if (isCoherent(x)) {
        const source = ownSource(x, y) >> 2;
        store<i32>(copy, <i32>source);
        memory.copy(samples + to * bytes, samples + source * channels * bytes, channels * bytes);
        continue;
      }
      if (gatherVotes(x, y) == 0) continue;
      adaptedMeans(low, CORRECTION_SCALE);
      store<i32>(copy, <i32>(bestSource >> 2));
      const from = (bestSource >> 2) * channels;
      const opaque = colours == channels || sampleAt(samples, from + colours, bytes) == limit;
      for (let c = 0; c < channels; c++) {
        let value = sampleAt(samples, from + c, bytes);
        if (c < colours && opaque) {
          const correction = meanAt(c) - CORRECTION_SCALE * load<u8>(low + bestSource + c);
          value += (correction * perLevel + CORRECTION_SCALE / 2) >> 4;
          value = min(max(value, 0), limit);
        }
        if (bytes == 1) store<u8>(samples + to + c, value);
        else store<u16>(samples + ((to + c) << 1), value);
      }
    }
  }
}
