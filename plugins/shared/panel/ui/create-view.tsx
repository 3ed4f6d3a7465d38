import type { JSX } from 'preact';
import { ControlSection } from './control-section.tsx';
import { OperationFields } from './operation-fields.tsx';
import { OperationPicker } from './operation-picker.tsx';
import { OrderCard } from './order-card.tsx';
import { OrderOutlook } from './order-outlook.tsx';
import { OrderSettings } from './order-settings.tsx';
import { usePanel } from './panel-context.ts';
import { RecipeCard } from './recipe-card.tsx';
import { RunRow } from './run-row.tsx';
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
        <RecipeCard recipe={edited} isEdited />
      ) : (
        recipe !== undefined && <RecipeCard recipe={recipe} />
      )}
      <OperationPicker />
      <WordFields />
      <ControlSection />
      <OperationFields />
      <OrderOutlook />
      <RunRow />
      <OrderSettings />
    </div>
  );
}
