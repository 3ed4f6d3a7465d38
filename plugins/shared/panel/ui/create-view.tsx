import type { JSX } from 'preact';
import { OutlookLine } from '../../ui/outlook-line.tsx';
import { useWidgets } from '../../ui/widgets.ts';
import { panelOperationNames } from '../operations.ts';
import { OperationFields } from './operation-fields.tsx';
import { OperationPicker } from './operation-picker.tsx';
import { OrderCard } from './order-card.tsx';
import { OrderSettings } from './order-settings.tsx';
import { usePanel } from './panel-context.ts';
import { RecipeCard } from './recipe-card.tsx';
import { WordFields } from './word-fields.tsx';

/** What can be made of what is selected, and what is being made. */
export function CreateView(): JSX.Element {
  const panel = usePanel();
  const { recipe } = panel.host.target.value;
  const edited = panel.edited.value;
  return (
    <div class="inlay-view">
      {panel.orders.orders.value.map((order) => (
        <OrderCard key={order.id} order={order} />
      ))}
      {edited !== undefined ? (
        <RecipeCard recipe={edited} isEdited={true} />
      ) : (
        recipe !== undefined && <RecipeCard recipe={recipe} />
      )}
      <OperationPicker />
      <WordFields />
      <OperationFields />
      <RunRow />
      <OutlookLine estimates={panel.estimates} />
      <OrderSettings />
    </div>
  );
}

/** How many, and the button. */
function RunRow(): JSX.Element {
  const panel = usePanel();
  const { Button, NumberField } = useWidgets();
  const operation = panel.operation.value;
  const obstacle = panel.obstacle.value;
  const { count } = panel.fields.choices.value;
  const maxCount = panel.connection.capabilities.value?.limits.maxCount;
  return (
    <div class="inlay-run">
      {obstacle !== undefined && <p class="inlay-muted inlay-obstacle">{obstacle}</p>}
      <div class="inlay-run-row">
        {operation !== 'upscale' && (
          <NumberField
            label="Variations"
            value={count}
            min={1}
            {...(maxCount !== undefined && { max: maxCount })}
            onChange={(value = 1) => panel.fields.change({ count: value })}
          />
        )}
        <Button
          isPrimary
          isDisabled={!panel.isReady.value || obstacle !== undefined}
          onPress={() => void panel.run()}
        >
          {panel.edited.value === undefined ? panelOperationNames[operation] : 'Generate again'}
        </Button>
      </div>
    </div>
  );
}
