/** Model folders as the published ones are laid out, with networks of the same inputs and outputs that see colours alone. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { assistiveModelsFolder } from '../../../engine/control/assistive-models.ts';
import {
  depthModel,
  ownSegmentationModel,
  personModel,
  poseModel,
  segmentationModel,
} from '../../../engine/control/preprocessor-list.ts';
import { GraphBuilder } from '../../../engine/onnx/graph-builder.ts';
import type { Value } from '../../../engine/onnx/graph-recorder.ts';
import { cutIntoStages } from '../../../engine/onnx/graph-stage.ts';

interface TinyModel {
  readonly name: string;
  readonly config: object;
  readonly preprocessorConfig: object;
  /** Adds the network, from the picture to its outputs. */
  readonly build: (builder: GraphBuilder, pixels: Value) => void;
}

/** Puts it below a models folder; its folder. */
async function writeTinyModel(
  modelsFolder: string,
  { name, config, preprocessorConfig, build }: TinyModel,
): Promise<string> {
  const folder = path.join(modelsFolder, assistiveModelsFolder, name);
  await mkdir(path.join(folder, 'onnx'), { recursive: true });
  const builder = new GraphBuilder(name);
  build(builder, builder.input({ name: 'pixel_values', dtype: 'float32', shape: [1, 3, 'height', 'width'] }));
  const [stage] = cutIntoStages(builder.finish());
  await writeFile(path.join(folder, 'onnx', 'model.onnx'), stage!.model);
  await writeFile(path.join(folder, 'config.json'), JSON.stringify(config));
  await writeFile(path.join(folder, 'preprocessor_config.json'), JSON.stringify(preprocessorConfig));
  return folder;
}

const imageNetColours = {
  do_normalize: true,
  do_rescale: true,
  do_resize: true,
  image_mean: [0.485, 0.456, 0.406],
  image_std: [0.229, 0.224, 0.225],
  rescale_factor: 1 / 255,
};

/** Its depth is the picture's red channel. */
export function writeTinyDepthModel(modelsFolder: string): Promise<string> {
  return writeTinyModel(modelsFolder, {
    name: depthModel,
    config: { model_type: 'depth_anything' },
    // As of the published model, but small; multiples of 14 as it has them.
    preprocessorConfig: {
      ...imageNetColours,
      ensure_multiple_of: 14,
      image_processor_type: 'DPTImageProcessor',
      keep_aspect_ratio: true,
      resample: 3,
      size: { height: 70, width: 70 },
    },
    build: (builder, pixels) => {
      const red = builder.constant('red.weight', [1, 3, 1, 1], [1, 0, 0]);
      const size = builder.concat([builder.integers([1]), builder.sizes(pixels, 2, 4)], 0);
      const plane = builder.conv(pixels, red);
      builder.output(
        builder.reshape(plane, size, { shape: [1, 'height', 'width'], name: 'predicted_depth' }),
      );
    },
  });
}

/** Red, green and blue are building, sky and tree of ADE20K's 150 classes: planes of logits, a quarter of the picture's size. */
export function writeTinyAdeModel(modelsFolder: string): Promise<string> {
  return writeTinyModel(modelsFolder, {
    name: ownSegmentationModel,
    config: { model_type: 'segformer' },
    preprocessorConfig: {
      ...imageNetColours,
      image_processor_type: 'SegformerImageProcessor',
      resample: 2,
      size: { height: 64, width: 64 },
    },
    build: (builder, pixels) => {
      const weights = new Array<number>(150 * 48).fill(0);
      for (const [channel, label] of [1, 2, 4].entries()) {
        weights.fill(1 / 16, label * 48 + channel * 16, label * 48 + (channel + 1) * 16);
      }
      const kernel = builder.constant('decode_head.weight', [150, 3, 4, 4], weights);
      builder.output(builder.conv(pixels, kernel, { stride: 4, name: 'logits' }));
    },
  });
}

/** As DETR gives them: a red thing is a fork, a green one grass, a blue one a cat, and everything is a little of a table. */
export function writeTinyPanopticModel(modelsFolder: string, labels = [48, 193, 17, 67]): Promise<string> {
  const names = { 17: 'cat', 48: 'fork', 67: 'dining table', 193: 'LABEL_193', 249: 'LABEL_249' };
  return writeTinyModel(modelsFolder, {
    name: segmentationModel,
    config: { model_type: 'detr', id2label: names },
    preprocessorConfig: {
      ...imageNetColours,
      image_processor_type: 'DetrFeatureExtractor',
      resample: 2,
      size: { shortest_edge: 64, longest_edge: 96 },
    },
    build: (builder, pixels) => {
      builder.input({ name: 'pixel_mask', dtype: 'int64', shape: [1, 'mask_height', 'mask_width'] });
      // Of 250 labels and nothing: surely of the one label.
      const logits = labels.flatMap((label) => Array.from({ length: 251 }, (_, i) => (i === label ? 12 : 0)));
      const weights = labels.flatMap((_, thing) =>
        Array.from({ length: 48 }, (_, i) => (thing === Math.floor(i / 16) ? 0.5 : 0)),
      );
      const masks = builder.conv(
        pixels,
        builder.constant('masks.weight', [labels.length, 3, 4, 4], weights),
        {
          bias: builder.constant(
            'masks.bias',
            [labels.length],
            labels.map((_, thing) => (thing < 3 ? -4 : -2)),
          ),
          stride: 4,
          name: 'pred_masks',
        },
      );
      builder.output(constantOutput(builder, 'logits', { shape: [1, labels.length, 251], values: logits }));
      builder.output(masks);
    },
  });
}

/** Colours without grey, evenly round: the one of number n is where keypoint n of 17 is. */
export const keypointColours: readonly (readonly [number, number, number])[] = Array.from(
  { length: 17 },
  (_, i) => {
    const angle = (2 * Math.PI * i) / 17;
    return [0, 1, 2].map((c) => (Math.SQRT2 / Math.sqrt(3)) * Math.cos(angle - (2 * Math.PI * c) / 3)) as [
      number,
      number,
      number,
    ];
  },
);

/** A keypoint is where its colour is. */
export function writeTinyPoseModel(modelsFolder: string): Promise<string> {
  return writeTinyModel(modelsFolder, {
    name: poseModel,
    config: { model_type: 'vitpose' },
    preprocessorConfig: {
      ...imageNetColours,
      do_affine_transform: true,
      image_mean: [0.5, 0.5, 0.5],
      image_std: [0.5, 0.5, 0.5],
      image_processor_type: 'VitPoseImageProcessor',
      size: { height: 256, width: 192 },
    },
    build: (builder, pixels) => {
      const weights = keypointColours.flatMap((colour) =>
        colour.flatMap((value) => new Array<number>(16).fill(value / 16)),
      );
      const kernel = builder.constant('head.weight', [17, 3, 4, 4], weights);
      builder.output(builder.conv(pixels, kernel, { stride: 4, name: 'heatmaps' }));
    },
  });
}

/** Finds, wherever it looks, a person in each box of (centre x, centre y, width, height) in 0..1, and a dog. */
export function writeTinyPersonModel(
  modelsFolder: string,
  boxes: readonly (readonly [number, number, number, number])[],
): Promise<string> {
  const queries = [...boxes, [0.5, 0.5, 1, 1] as const];
  return writeTinyModel(modelsFolder, {
    name: personModel,
    config: {
      model_type: 'rt_detr',
      id2label: Object.fromEntries(
        Array.from({ length: 80 }, (_, i) => [i, i === 0 ? 'person' : `thing ${i}`]),
      ),
    },
    preprocessorConfig: {
      ...imageNetColours,
      do_normalize: false,
      image_processor_type: 'RTDetrImageProcessor',
      size: { height: 64, width: 64 },
    },
    build: (builder, _pixels) => {
      const logits = queries.flatMap((_, query) => {
        const label = query < boxes.length ? 0 : 16;
        return Array.from({ length: 80 }, (_, i) => (i === label ? 3 : -5));
      });
      const count = queries.length;
      builder.output(constantOutput(builder, 'logits', { shape: [1, count, 80], values: logits }));
      builder.output(constantOutput(builder, 'pred_boxes', { shape: [1, count, 4], values: queries.flat() }));
    },
  });
}

function constantOutput(
  builder: GraphBuilder,
  name: string,
  { shape, values }: { readonly shape: readonly number[]; readonly values: readonly number[] },
): Value {
  return builder.mul(
    builder.constant(`${name}.values`, shape, values),
    builder.scalar(`${name}.one`, 1),
    name,
  );
}
