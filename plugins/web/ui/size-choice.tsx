import type { JSX } from 'preact';
import { generateSideMultiple, minGenerateSide } from '../../../bridge/protocol/limits.ts';
import type { ModelCapability } from '../../../bridge/protocol/messages.ts';
import {
  type PictureShape,
  type PictureSize,
  pictureShapes,
  shapedSize,
} from '../../shared/store/picture-size.ts';
import { ProposedSizes } from '../../shared/ui/proposed-sizes.tsx';
import { useWidgets } from '../../shared/ui/widgets.ts';
import { newPictureSize } from '../editor/run-drawing.ts';
import { useEditor } from './editor-context.ts';
import { RadioGroup } from './radio-group.tsx';

const labels: Readonly<Record<PictureShape, string>> = { square: 'Square', wide: 'Wide', tall: 'Tall' };
const choices = pictureShapes.map((value) => ({ value, label: labels[value] }));

/** How large a new picture is: a shape of the size that the model is best at, or any other in numbers. */
export function SizeChoice({ model }: { readonly model: ModelCapability }): JSX.Element {
  const editor = useEditor();
  const { NumberField } = useWidgets();
  const limits = editor.connection.capabilities.value?.limits;
  const size = newPictureSize(editor, model);
  const change = (next: PictureShape | PictureSize) => {
    editor.newSize.value = next;
  };
  const shape = pictureShapes.find((candidate) => {
    const { width, height } = shapedSize(model, candidate);
    return width === size.width && height === size.height;
  });
  const side = (label: string, name: 'width' | 'height') => (
    <NumberField
      label={label}
      value={size[name]}
      min={minGenerateSide}
      {...(limits && { max: limits.maxGenerateSide })}
      step={generateSideMultiple}
      onChange={(value) => value !== undefined && change({ ...size, [name]: value })}
    />
  );
  return (
    <div class="size-choice">
      <RadioGroup label="Shape" value={shape} choices={choices} onChange={change} />
      <ProposedSizes model={model} size={size} onChange={change} />
      {side('Width', 'width')}
      {side('Height', 'height')}
    </div>
  );
}
