/** The figures of OpenPose (Z. Cao et al., arXiv 1812.08008) with 18 joints, as ControlNets of poses were trained with them. */
import type { RgbImage } from './rgb-image.ts';

/** A joint in pixels of the picture; a pixel's centre is at a half. */
export interface Joint {
  readonly x: number;
  readonly y: number;
  /** 0..1: how sure it is. */
  readonly score: number;
}

/** By OpenPose's numbers, from the nose (0) and the neck (1) to the left ear (17); none where it was not seen. */
export type Figure = readonly (Joint | undefined)[];

/** COCO's numbers of OpenPose's joints, which has the neck besides. */
const cocoJoints = [0, undefined, 6, 8, 10, 5, 7, 9, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3] as const;
const [leftShoulder, rightShoulder] = [5, 6] as const;

/** Joints that a line connects, in the order of painting; the one of number n is of colour n. */
const limbs = [
  [1, 2],
  [1, 5],
  [2, 3],
  [3, 4],
  [5, 6],
  [6, 7],
  [1, 8],
  [8, 9],
  [9, 10],
  [1, 11],
  [11, 12],
  [12, 13],
  [1, 0],
  [0, 14],
  [14, 16],
  [0, 15],
  [15, 17],
] as const;

/** 0xrrggbb of joints, and of limbs at `limbBrightness`. */
export const poseColours = [
  0xff0000, 0xff5500, 0xffaa00, 0xffff00, 0xaaff00, 0x55ff00, 0x00ff00, 0x00ff55, 0x00ffaa, 0x00ffff,
  0x00aaff, 0x0055ff, 0x0000ff, 0x5500ff, 0xaa00ff, 0xff00ff, 0xff00aa, 0xff0055,
] as const;
const limbBrightness = 0.6;

/**
 * Of a picture whose shorter side is `referenceSide`, which the published maps are drawn at: half a limb's width, and a joint's
 * radius. There it is 4 to the centres of the outermost pixels, which OpenCV paints too.
 */
const referenceRadius = 4.5;
const referenceSide = 512;

/**
 * COCO's 17 keypoints as a figure: the neck is between the shoulders, as sure as the less sure of them. What is less sure
 * than the threshold is left out.
 */
export function figureOf(keypoints: readonly Joint[], threshold: number): Figure {
  const left = keypoints[leftShoulder]!;
  const right = keypoints[rightShoulder]!;
  const between = {
    x: (left.x + right.x) / 2,
    y: (left.y + right.y) / 2,
    score: Math.min(left.score, right.score),
  };
  return cocoJoints.map((coco) => {
    const joint = coco === undefined ? between : keypoints[coco]!;
    return joint.score >= threshold ? joint : undefined;
  });
}

/** Paints figures onto black, one after the other: of each its limbs, as ellipses, then its joints, as discs. */
export function drawFigures(
  figures: readonly Figure[],
  { width, height }: { readonly width: number; readonly height: number },
): RgbImage {
  const image: RgbImage = { width, height, channels: 3, data: new Uint8Array(width * height * 3) };
  const radius = Math.max(1, (referenceRadius * Math.min(width, height)) / referenceSide);
  for (const figure of figures) {
    for (const [number, [from, to]] of limbs.entries()) {
      const [start, end] = [figure[from], figure[to]];
      if (start === undefined || end === undefined) continue;
      const length = Math.hypot(end.x - start.x, end.y - start.y);
      const [cos, sin] = length === 0 ? [1, 0] : [(end.x - start.x) / length, (end.y - start.y) / length];
      paintEllipse(image, {
        x: (start.x + end.x) / 2,
        y: (start.y + end.y) / 2,
        along: Math.max(radius, length / 2),
        across: radius,
        cos,
        sin,
        colour: poseColours[number]!,
        brightness: limbBrightness,
      });
    }
    for (const [number, joint] of figure.entries()) {
      if (joint === undefined) continue;
      const { x, y } = joint;
      const colour = poseColours[number]!;
      paintEllipse(image, { x, y, along: radius, across: radius, cos: 1, sin: 0, colour, brightness: 1 });
    }
  }
  return image;
}

interface Ellipse {
  readonly x: number;
  readonly y: number;
  /** Half its length and its width, and the direction of its length. */
  readonly along: number;
  readonly across: number;
  readonly cos: number;
  readonly sin: number;
  readonly colour: number;
  readonly brightness: number;
}

function paintEllipse({ width, height, data }: RgbImage, ellipse: Ellipse): void {
  const { x, y, along, across, cos, sin, colour, brightness } = ellipse;
  const reachX = Math.hypot(along * cos, across * sin);
  const reachY = Math.hypot(along * sin, across * cos);
  const rgb = [colour >> 16, (colour >> 8) & 255, colour & 255].map((value) =>
    Math.trunc(value * brightness),
  );
  const right = Math.min(width - 1, Math.floor(x + reachX));
  const bottom = Math.min(height - 1, Math.floor(y + reachY));
  for (let row = Math.max(0, Math.floor(y - reachY)); row <= bottom; row++) {
    for (let column = Math.max(0, Math.floor(x - reachX)); column <= right; column++) {
      const [dx, dy] = [column + 0.5 - x, row + 0.5 - y];
      const u = (dx * cos + dy * sin) / along;
      const v = (dy * cos - dx * sin) / across;
      if (u * u + v * v <= 1) data.set(rgb, (row * width + column) * 3);
    }
  }
}
