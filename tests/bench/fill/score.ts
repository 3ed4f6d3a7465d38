/**
 * The defect score of a fill: what an eye would mind, in four parts, each 0 for the original and about 1 for a fill that
 * nobody would keep. docs/fill.md has it in words. A measure for comparing engines, not for tuning one: whoever changes
 * the fill looks at the pictures first.
 */
import type { Mask, Picture } from '../../../engine/image/picture.ts';
import {
  boxMean,
  channelPlane,
  distributionDistance,
  gradients,
  halved,
  lumaPlane,
  mapPlane,
  mean,
  type Plane,
} from './planes.ts';
import { type Regions, regionsOf } from './regions.ts';

export interface DefectScore {
  /** Too smooth or too rough. */
  readonly texture: number;
  /** Colours and shapes in the wrong place. */
  readonly layout: number;
  /** Steps along the hole's border. */
  readonly seam: number;
  /** Lines that break off, bend or shatter. */
  readonly structure: number;
  readonly total: number;
}

export interface ScoreOptions {
  readonly mask: Mask;
  /** What was there, or null: then the fill is held against its surroundings. */
  readonly truth: Picture | null;
}

/** What counts as 1: doublings of gradients, grey levels off, grey levels of a step. */
const UNIT = { texture: 1, layout: 32, seam: 16, structure: 0.5 } as const;
const TEXTURE_SCALES = 3;
/** Energy of a gradient, in levels², below which a direction means nothing. */
const FLAT_ENERGY = 9;

export function scoreFill(result: Picture, { mask, truth }: ScoreOptions): DefectScore {
  const regions = regionsOf(mask);
  const fill = lumaPlane(result);
  const reference = truth ? lumaPlane(truth) : null;
  const parts = {
    texture: texture(fill, { regions, reference }) / UNIT.texture,
    layout: layout(result, { regions, truth }) / UNIT.layout,
    seam: seam(result, { regions, truth }) / UNIT.seam,
    structure: structure(fill, { regions, reference }) / UNIT.structure,
  };
  return { ...parts, total: (parts.texture + parts.layout + parts.seam + parts.structure) / 4 };
}

interface PlaneReference {
  readonly regions: Regions;
  readonly reference: Plane | null;
}

interface PictureReference {
  readonly regions: Regions;
  readonly truth: Picture | null;
}

/**
 * Distance of the distributions of log2(1 + |gradient|) in the hole, of fill and truth, mean over three octaves. Without
 * a truth: of fill and surroundings.
 */
function texture(fill: Plane, { regions, reference }: PlaneReference): number {
  const distances: number[] = [];
  let [a, b] = [fill, reference ?? fill];
  let isHole: Plane = { ...fill, data: regions.hole };
  let isReference: Plane = reference ? isHole : { ...fill, data: regions.ring };
  for (let scale = 0; scale < TEXTURE_SCALES; scale++) {
    const of = (plane: Plane, where: Plane) => {
      const strength = gradientStrength(plane);
      return [...strength.data].filter((_, i) => where.data[i] === 1).map((value) => Math.log2(1 + value));
    };
    distances.push(distributionDistance(of(a, isHole), of(b, isReference)));
    [a, b, isHole, isReference] = [halved(a), halved(b), halved(isHole), halved(isReference)];
  }
  return mean(distances);
}

function gradientStrength(plane: Plane): Plane {
  const { dx, dy } = gradients(plane);
  return mapPlane(dx, (value, i) => Math.hypot(value, dy.data[i]!));
}

/**
 * Mean difference of colours after a box mean whose side is a sixth of the hole's width. Without a truth: how far each
 * is from the nearest of such colours in the surroundings.
 */
function layout(result: Picture, { regions, truth }: PictureReference): number {
  const radius = Math.max(2, Math.round(regions.holeWidth / 12));
  const low = [0, 1, 2].map((channel) => boxMean(channelPlane(result, channel), radius).data);
  const inHole = regions.sample(regions.hole, radius);
  if (truth) {
    const wanted = [0, 1, 2].map((channel) => boxMean(channelPlane(truth, channel), radius).data);
    return mean(inHole.map((i) => mean(low.map((plane, c) => Math.abs(plane[i]! - wanted[c]![i]!)))));
  }
  const around = regions.sample(regions.ring, radius);
  const distance = (i: number, j: number) => mean(low.map((plane) => Math.abs(plane[i]! - plane[j]!)));
  return mean(inHole.map((i) => around.reduce((least, j) => Math.min(least, distance(i, j)), 255)));
}

/**
 * How much larger the colour steps over the hole's border are than the truth's there, of single pixels and of means
 * over 5 x 5, quantile by quantile. Without a truth: than over the same outline further out.
 */
function seam(result: Picture, { regions, truth }: PictureReference): number {
  const excess = (a: number, b: number) => Math.max(0, a - b);
  const steps = (picture: Picture, pairs: Regions['border'], radius: number) => {
    const planes = [0, 1, 2].map((channel) => {
      const plane = channelPlane(picture, channel);
      return (radius === 0 ? plane : boxMean(plane, radius)).data;
    });
    return pairs.map(([i, j]) => mean(planes.map((plane) => Math.abs(plane[i]! - plane[j]!))));
  };
  return mean(
    (
      [
        [0, regions.border, regions.outline],
        [2, regions.wideBorder, regions.wideOutline],
      ] as const
    ).map(([radius, border, outline]) =>
      distributionDistance(
        steps(result, border, radius),
        truth ? steps(truth, border, radius) : steps(result, outline, radius),
        excess,
      ),
    ),
  );
}

/**
 * Difference of the direction and coherence of gradients (structure tensor over 17 x 17, at half size too), weighted
 * by how much gradient there is. Without a truth: distance of the distributions of coherence, fill against surroundings.
 */
function structure(fill: Plane, { regions, reference }: PlaneReference): number {
  const a = directions(fill);
  if (reference === null) {
    const coherences = (where: Float32Array) =>
      regions.sample(where, 4).map((i) => Math.hypot(a.u[i]!, a.v[i]!));
    return distributionDistance(coherences(regions.hole), coherences(regions.ring));
  }
  const b = directions(reference);
  let [sum, weights] = [0, 0];
  for (const i of regions.sample(regions.hole, 4)) {
    const weight = Math.sqrt(Math.max(a.energy[i]!, b.energy[i]!));
    sum += weight * Math.hypot(a.u[i]! - b.u[i]!, a.v[i]! - b.v[i]!);
    weights += weight;
  }
  return weights === 0 ? 0 : sum / weights;
}

const TENSOR_RADIUS = 8;

/** A vector of twice the gradient's angle, as long as the gradients around agree: 0 to 1. */
function directions(plane: Plane) {
  const { dx, dy } = gradients(boxMean(plane, 1));
  const local = (map: (x: number, y: number) => number) =>
    boxMean(
      mapPlane(dx, (x, i) => map(x, dy.data[i]!)),
      TENSOR_RADIUS,
    ).data;
  const energy = local((x, y) => x * x + y * y);
  const difference = local((x, y) => x * x - y * y);
  const product = local((x, y) => 2 * x * y);
  return {
    energy,
    u: difference.map((value, i) => value / (energy[i]! + FLAT_ENERGY)),
    v: product.map((value, i) => value / (energy[i]! + FLAT_ENERGY)),
  };
}
