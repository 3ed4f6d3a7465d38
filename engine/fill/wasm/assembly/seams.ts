// kernels/seams.ts: what ties the nodes of copies, a colour a lane, and what their values change.

import { boxHeight, boxLeft, boxTop, boxWidth, height, HOLE, roles, width } from './level';
import { BELOW, FORCE, LINK_BELOW, NO_COPY, NODE, nodeAt, OWN, RIGHT } from './membrane';

const MAX_STEP: f32 = 24;
const PER_LIKELY_STEP: f32 = 1.0 / 5.0;
const PER_TEXTURED: f32 = 1.0 / 6.0;
const HOLD: f32 = 1.0 / (96.0 * 96.0);
const MAX_CORRECTION: f32 = 24;

let copies: usize = 0;
let samples: usize = 0;
let channels: i32 = 0;
let colours: i32 = 0;
let bytes: i32 = 0;
let limit: i32 = 0;
let perSample: f32 = 0;
/** What the last tie pulls with. */
let pulls: v128 = i32x4.splat(0);

export function setSeams(copiesAt: usize, samplesAt: usize, channelCount: i32, bytesPerSample: i32): void {
  copies = copiesAt;
  samples = samplesAt;
  channels = channelCount;
  colours = (channels & 1) == 0 ? channels - 1 : channels;
  bytes = bytesPerSample;
  limit = bytes == 1 ? 0xff : 0xffff;
  perSample = <f32>255 / <f32>limit;
}

// @ts-ignore: decorator
@inline
function sampleAt(index: usize): i32 {
  return bytes == 1 ? load<u8>(samples + index) : load<u16>(samples + (index << 1));
}

// @ts-ignore: decorator
@inline
function isOpaque(pixel: i32): bool {
  return colours == channels || sampleAt(<usize>(pixel * channels + colours)) == limit;
}

/** The colours of a pixel, one a lane; grey in the first. */
// @ts-ignore: decorator
@inline
function coloursAt(pixel: i32): v128 {
  const at: usize = pixel * channels;
  let values = i32x4.splat(0);
  values = i32x4.replace_lane(values, 0, sampleAt(at));
  if (colours == 3) {
    values = i32x4.replace_lane(values, 1, sampleAt(at + 1));
    values = i32x4.replace_lane(values, 2, sampleAt(at + 2));
  }
  return f32x4.convert_i32x4_s(values);
}

// @ts-ignore: decorator
@inline
function isSeen(source: i32, shift: i32): bool {
  const other = source + shift;
  if (source == NO_COPY || other < 0 || other >= width * height) return false;
  if ((load<u8>(roles + <usize>other) & HOLE) != 0) return false;
  if ((shift == 1 && other % width == 0) || (shift == -1 && source % width == 0)) return false;
  return isOpaque(source) && isOpaque(other);
}

// @ts-ignore: decorator
@inline
function largestLane(values: v128): f32 {
  const first = max(f32x4.extract_lane(values, 0), f32x4.extract_lane(values, 1));
  return max(first, f32x4.extract_lane(values, 2));
}

function weigh(pixel: i32, shift: i32, here: i32, there: i32): f32 {
  const seenHere = isSeen(here, shift);
  const seenThere = isSeen(there, -shift);
  if (!(seenHere || seenThere) || !isOpaque(pixel) || !isOpaque(pixel + shift)) return 0;
  let first = i32x4.splat(0);
  let second = i32x4.splat(0);
  if (seenHere) first = f32x4.sub(coloursAt(here), coloursAt(here + shift));
  if (seenThere) second = f32x4.sub(coloursAt(there - shift), coloursAt(there));
  const share: f32 = seenHere && seenThere ? 0.5 : 1;
  const is = f32x4.sub(coloursAt(pixel), coloursAt(pixel + shift));
  const step = f32x4.sub(f32x4.mul(f32x4.add(first, second), f32x4.splat(share)), is);
  const largest = largestLane(f32x4.abs(step)) * perSample;
  if (largest > MAX_STEP) return 0;
  const edge = largestLane(f32x4.max(f32x4.abs(first), f32x4.abs(second))) * perSample * PER_TEXTURED;
  const jump = largest * PER_LIKELY_STEP;
  const softness = (<f32>1 + edge * edge) * (<f32>1 + jump * jump);
  const weight = <f32>1 / (softness * softness);
  pulls = f32x4.mul(f32x4.mul(step, f32x4.splat(perSample)), f32x4.splat(weight));
  return weight;
}

// @ts-ignore: decorator
@inline
function pullUp(node: usize): void {
  v128.store(node + FORCE, f32x4.add(v128.load(node + FORCE), pulls));
}

// @ts-ignore: decorator
@inline
function pullDown(node: usize): void {
  v128.store(node + FORCE, f32x4.sub(v128.load(node + FORCE), pulls));
}

// @ts-ignore: decorator
@inline
function hold(node: usize, weight: f32): void {
  store<f32>(node + OWN, load<f32>(node + OWN) + weight);
}

export function tieSeams(nodes: usize): void {
  const columns = boxWidth;
  let node = nodes;
  let copy = copies;
  const nextRow = (<usize>columns) << 2;
  for (let y = 0; y < boxHeight; y++) {
    let pixel = (y + boxTop) * width + boxLeft;
    for (let x = 0; x < columns; x++, pixel++, copy += 4) {
      const here = load<i32>(copy);
      if (here == NO_COPY) continue;
      node += NODE;
      store<f32>(node + OWN, HOLD);
      if (x > 0 && load<i32>(copy - 4) == NO_COPY) {
        const weight = weigh(pixel - 1, 1, NO_COPY, here);
        if (weight > 0) {
          hold(node, weight);
          pullDown(node);
        }
      }
      if (y > 0 && load<i32>(copy - nextRow) == NO_COPY) {
        const weight = weigh(pixel - width, width, NO_COPY, here);
        if (weight > 0) {
          hold(node, weight);
          pullDown(node);
        }
      }
      if (x + 1 < columns) {
        const there = load<i32>(copy + 4);
        const weight = weigh(pixel, 1, here, there);
        if (weight > 0) {
          pullUp(node);
          if (there == NO_COPY) hold(node, weight);
          else {
            store<f32>(node + RIGHT, weight);
            pullDown(node + NODE);
          }
        }
      }
      if (y + 1 < boxHeight) {
        const there = load<i32>(copy + nextRow);
        const weight = weigh(pixel, width, here, there);
        if (weight > 0) {
          pullUp(node);
          if (there == NO_COPY) hold(node, weight);
          else {
            store<f32>(node + BELOW, weight);
            pullDown(nodeAt(nodes, load<i32>(node + LINK_BELOW)));
          }
        }
      }
    }
  }
}

export function correctSeams(nodes: usize): void {
  const perLevel = <f32>limit / 255;
  let node = nodes;
  let copy = copies;
  for (let y = boxTop; y < boxTop + boxHeight; y++) {
    for (let x = boxLeft; x < boxLeft + boxWidth; x++, copy += 4) {
      if (load<i32>(copy) == NO_COPY) continue;
      node += NODE;
      const to: usize = (y * width + x) * channels;
      for (let c = 0; c < colours; c++) {
        const value = load<f32>(node + ((<usize>c) << 2));
        const levels = min(max(value, -MAX_CORRECTION), MAX_CORRECTION);
        const change = levels * perLevel + <f32>0.5;
        const corrected = min(max(<i32>floor<f32>(<f32>sampleAt(to + c) + change), 0), limit);
        if (bytes == 1) store<u8>(samples + to + c, corrected);
        else store<u16>(samples + ((to + c) << 1), corrected);
      }
    }
  }
}
