/** Maps of controls on the page: looked at, or put over the picture as a layer. */
import type { ControlField } from '../../../bridge/protocol/messages.ts';
import { ClientError } from '../../shared/client/client-error.ts';
import type { JobImage } from '../../shared/client/client-job.ts';
import { randomId } from '../../shared/client/random-id.ts';
import { boundsOf } from '../../shared/picture/geometry.ts';
import { controlKindNames, kindOf } from '../../shared/store/controls.ts';
import type { PromptOperation } from '../../shared/store/diffusion-settings.ts';
import { addLayer } from '../document/picture-document.ts';
import { rasterOf } from '../document/raster.ts';
import { Selection } from '../document/selection.ts';
import { controlDrawable } from './control-sources.ts';
import type { EditorStore } from './editor-store.ts';
import { blankDocument } from './generated-picture.ts';
import { jobImages } from './job-images.ts';
import { newPictureSize } from './run-drawing.ts';
import { output } from './run-operations.ts';
import { currentModel } from './words.ts';

export async function showControlMap(
  editor: EditorStore,
  control: ControlField,
  operation: PromptOperation,
): Promise<void> {
  await editor.maps.show(control, () => controlImage(editor, control, operation));
}

/** Over all of the picture. Never rejects: what goes wrong is reported. */
export async function insertControlMap(editor: EditorStore, control: ControlField): Promise<void> {
  editor.status.value = 'Making the map…';
  try {
    const take = () => controlImage(editor, control, 'vary');
    const { request, bytes, ...picture } = await editor.maps.make(control, { take, output });
    const document = editor.saved.value;
    const isSame =
      document?.size.width === picture.width &&
      document.size.height === picture.height &&
      !editor.isLocked.value;
    if (!isSame) {
      editor.status.value = 'The picture has changed meanwhile: make the map again.';
      return;
    }
    const bounds = boundsOf(document.size);
    const name = `Map: ${controlKindNames[kindOf(control)]}`;
    const layer = {
      id: randomId(),
      name,
      operation: request.operation,
      bounds,
      variations: [{ raster: rasterOf(bytes, bounds), request }],
      shown: 0,
      mask: new Uint8Array(bounds.width * bounds.height).fill(255),
      selected: Selection.empty(document.size),
      opacity: 1,
      isVisible: true,
    };
    editor.commit(addLayer(document, layer), { label: name });
    editor.selectLayer(layer.id);
    editor.status.value = 'The map is a layer now.';
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    editor.report(error);
  }
}

/** What the map is made of, as it is now: of all of the picture, or as large as the new one will be. */
async function controlImage(
  editor: EditorStore,
  control: ControlField,
  operation: PromptOperation,
): Promise<JobImage> {
  const document = editor.saved.value;
  const model = currentModel(editor);
  const options = { drawableOf: (imageId: string) => controlDrawable(editor, imageId) };
  const fields = { prompt: '', controls: [control] };
  let images: readonly JobImage[] = [];
  if (operation !== 'generate' && document !== undefined) {
    images = await jobImages(document, { request: { operation: 'vary', ...fields } }, options);
  } else if (model !== undefined) {
    const request = { operation: 'generate', ...fields, ...newPictureSize(editor, model) } as const;
    images = await jobImages(blankDocument(request), { request }, options);
  }
  const image = images.find(({ imageId }) => imageId === control.imageId);
  if (image !== undefined) return image;
  throw new ClientError({
    code: 'no-control-image',
    message: 'The picture of this control is not here.',
    hint: 'Choose another picture for it.',
  });
}
