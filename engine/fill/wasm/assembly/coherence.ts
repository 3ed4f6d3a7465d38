// Where all patches over a pixel say the same: they were copied from one place, and none is to be made lighter or darker.
// Every vote is then a copy of that pixel, whatever the weights. A third to two thirds of a large hole at its own size.

import { back, boxHeight, boxLeft, boxTop, boxWidth, costs, front, NO_COST, NO_SOURCE, radius, scratch, width } from './level';

/** Offset in the scratch, behind the votes: a byte a column of the box. */
const COUNTS: usize = 1024;
const NEXT_ROW: i32 = 1 << 16;

/** Before the first row of a band: takes the rows above it. `adapted`: votes are corrected. */
export function beginCoherence(top: i32, adapted: bool): void {
  memory.fill(scratch + COUNTS, 0, boxWidth);
  for (let y = top - radius; y < top + radius; y++) addRow(y, adapted);
}

/** Takes a row of the box; each column then counts the rows, up to this one, in which it is the middle of one place. */
export function addRow(y: i32, adapted: bool): void {
  const counts = scratch + COUNTS;
  if (y < boxTop || y >= boxTop + boxHeight) {
    memory.fill(counts, 0, boxWidth);
    return;
  }
  const side = 2 * radius + 1;
  const rowBytes: usize = boxWidth << 2;
  const row: usize = <usize>(y - boxTop) * rowBytes;
  let before: i32 = NO_SOURCE;
  let run = 0;
  for (let x = 0; x < boxWidth; x++) {
    const at = row + (<usize>x << 2);
    const neighbour = load<i32>(front + at);
    if (neighbour == NO_SOURCE || load<u32>(costs + at) == NO_COST || (adapted && load<i32>(back + at) != 0)) run = 0;
    else run = run > 0 && neighbour == before + 1 ? run + 1 : 1;
    before = neighbour;
    if (x < radius) continue;
    const column = counts + (x - radius);
    let count = 0;
    if (run >= side) {
      const middle = front + at - (<usize>radius << 2);
      count = load<u8>(column);
      count = count > 0 && load<i32>(middle) - load<i32>(middle - rowBytes) == NEXT_ROW ? count + 1 : 1;
    }
    store<u8>(column, <u8>count);
  }
  memory.fill(counts + max(boxWidth - radius, 0), 0, min(radius, boxWidth));
}

/** Whether all patches over a pixel of the row `radius` above the last one taken were copied from one place. */
// @ts-ignore: decorator
@inline
export function isCoherent(x: i32): bool {
  return <i32>load<u8>(scratch + COUNTS + (x - boxLeft)) > 2 * radius;
}

/** Where its own patch was copied from: byte offset of its source from the start of a plane of four-byte pixels. */
// @ts-ignore: decorator
@inline
export function ownSource(x: i32, y: i32): usize {
  const neighbour = load<i32>(front + (<usize>((y - boxTop) * boxWidth + (x - boxLeft)) << 2));
  return <usize>((neighbour >> 16) * width + (neighbour & 0xffff)) << 2;
}
