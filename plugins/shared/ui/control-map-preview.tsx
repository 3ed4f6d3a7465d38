import type { JSX } from 'preact';
import { controlKindNames, kindOf } from '../store/controls.ts';
import type { ControlCardProps } from './control-fields-props.ts';
import { useWidgets } from './widgets.ts';

/** What the model would be shown of a control's picture. */
export function ControlMapPreview({ control, images, number }: ControlCardProps): JSX.Element {
  const { Button, Picture } = useWidgets();
  const map = images.maps.mapOf(control);
  const { insertMap } = images;
  const isMaking = map?.state === 'making';
  return (
    <>
      {map?.state === 'made' && (
        <Picture
          format="png"
          bytes={map.bytes}
          description={`Map of control ${number}: ${controlKindNames[kindOf(control)]}`}
        />
      )}
      {map?.state === 'failed' && (
        <p class="inlay-problem inlay-small" role="alert">
          {map.message}
        </p>
      )}
      <div class="inlay-actions">
        <Button isDisabled={isMaking} onPress={() => images.showMap(control)}>
          {isMaking ? 'Making the map…' : 'Show the map'}
        </Button>
        {insertMap !== undefined && (
          <Button isDisabled={isMaking} onPress={() => insertMap(control)}>
            Map as a layer
          </Button>
        )}
      </div>
    </>
  );
}
