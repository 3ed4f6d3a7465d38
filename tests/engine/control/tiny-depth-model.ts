/** A model folder as the published ones of Depth Anything are laid out, whose depth is a picture's red channel. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { assistiveModelsFolder } from '../../../engine/control/assistive-models.ts';
import { depthModel } from '../../../engine/control/preprocessor-list.ts';
import { GraphBuilder } from '../../../engine/onnx/graph-builder.ts';
import { cutIntoStages } from '../../../engine/onnx/graph-stage.ts';

/** As of the published model, but small; multiples of 14 as it has them. */
const preprocessorConfig = {
  do_normalize: true,
  do_rescale: true,
  do_resize: true,
  ensure_multiple_of: 14,
  image_mean: [0.485, 0.456, 0.406],
  image_processor_type: 'DPTImageProcessor',
  image_std: [0.229, 0.224, 0.225],
  keep_aspect_ratio: true,
  resample: 3,
  rescale_factor: 1 / 255,
  size: { height: 70, width: 70 },
};

/** Puts it below a models folder; its folder. */
export async function writeTinyDepthModel(modelsFolder: string): Promise<string> {
  const folder = path.join(modelsFolder, assistiveModelsFolder, depthModel);
  await mkdir(path.join(folder, 'onnx'), { recursive: true });
  const builder = new GraphBuilder('depth');
  const pixels = builder.input({ name: 'pixel_values', dtype: 'float32', shape: [1, 3, 'height', 'width'] });
  const red = builder.constant('red.weight', [1, 3, 1, 1], [1, 0, 0]);
  const plane = builder.conv(pixels, red);
  const size = builder.concat([builder.integers([1]), builder.sizes(pixels, 2, 4)], 0);
  builder.output(builder.reshape(plane, size, { shape: [1, 'height', 'width'], name: 'predicted_depth' }));
  const [stage] = cutIntoStages(builder.finish());
  await writeFile(path.join(folder, 'onnx', 'model.onnx'), stage!.model);
  await writeFile(path.join(folder, 'config.json'), JSON.stringify({ model_type: 'depth_anything' }));
  await writeFile(path.join(folder, 'preprocessor_config.json'), JSON.stringify(preprocessorConfig));
  return folder;
}
