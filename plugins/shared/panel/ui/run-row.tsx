import type { JSX } from 'preact';
import { useWidgets } from '../../ui/widgets.ts';
import type { PanelOperation } from '../editor-host.ts';
import { panelOperationNames } from '../operations.ts';
import { usePanel } from './panel-context.ts';

function runWords(operation: PanelOperation): string {
  return operation === 'sketch' ? 'Generate from this frame' : panelOperationNames[operation];
}

/** How many, and the button. */
export function RunRow(): JSX.Element {
  const panel = usePanel();
  const { Button, NumberField } = useWidgets();
  const operation = panel.operation.value;
  const isPossible = panel.isReady.value && panel.obstacle.value === undefined;
  const { count } = panel.fields.choices.value;
  const maxCount = panel.connection.capabilities.value?.limits.maxCount;
  return (
    <div class="inlay-run">
      {operation !== 'upscale' && (
        <NumberField
          label="Variations"
          value={count}
          min={1}
          {...(maxCount !== undefined && { max: maxCount })}
          onChange={(value = 1) => panel.fields.change({ count: value })}
        />
      )}
      <Button isPrimary isDisabled={!isPossible} onPress={() => void panel.run()}>
        {panel.edited.value === undefined ? runWords(operation) : 'Generate again'}
      </Button>
    </div>
  );
}
