import type { JSX } from 'preact';
import type { ControlField } from '../../../bridge/protocol/messages.ts';
import { type ControlSource, maxChosenControls, newControl } from '../store/controls.ts';
import { ControlCard } from './control-card.tsx';
import type { ControlFieldsProps } from './control-fields-props.ts';
import { useWidgets } from './widgets.ts';

/** Pictures that the drawing is to follow. */
export function ControlFields(props: ControlFieldsProps): JSX.Element {
  const { prompts, model, capabilities, images } = props;
  const { Button } = useWidgets();
  const { controls = [] } = prompts.settings.value;
  const change = (next: readonly ControlField[]) =>
    prompts.change({ controls: next.length === 0 ? undefined : next });
  const add = (source: ControlSource | undefined) =>
    change([...controls, newControl(capabilities, { model, ...(source !== undefined && { source }) })]);
  const addFile = async () => {
    const source = await images.choosePicture?.();
    if (source !== undefined) add(source);
  };
  const isFull = controls.length >= maxChosenControls;
  const hasSource = images.own !== undefined || images.sources.length > 0;
  return (
    <div class="inlay-controls">
      {controls.map((control, index) => (
        <ControlCard
          key={index}
          {...props}
          control={control}
          number={index + 1}
          onChange={(changed) => change(controls.map((other, at) => (at === index ? changed : other)))}
          onRemove={() => change(controls.filter((_, at) => at !== index))}
        />
      ))}
      <div class="inlay-actions">
        {hasSource && (
          <Button
            isDisabled={isFull}
            onPress={() => add(images.own === undefined ? images.sources[0] : undefined)}
          >
            Add a control
          </Button>
        )}
        {images.drawSketch !== undefined && (
          <Button isDisabled={isFull} onPress={images.drawSketch}>
            Draw a sketch
          </Button>
        )}
        {images.choosePicture !== undefined && (
          <Button isDisabled={isFull} onPress={() => void addFile()}>
            Use a picture
          </Button>
        )}
      </div>
    </div>
  );
}
