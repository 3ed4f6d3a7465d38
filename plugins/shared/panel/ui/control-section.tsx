import type { JSX } from 'preact';
import { isUsedControl } from '../../store/controls.ts';
import { drawingModel } from '../../store/diffusion-settings.ts';
import { ControlFields } from '../../ui/control-fields.tsx';
import { Fold } from '../../ui/fold.tsx';
import { serverOperation, takesControls } from '../operations.ts';
import { usePanel } from './panel-context.ts';

/** Pictures that the drawing follows; nothing where nothing is drawn. */
export function ControlSection(): JSX.Element | null {
  const panel = usePanel();
  const { connection, controlMaps, controlSources, host, prompts } = panel;
  const panelOperation = panel.operation.value;
  const operation = serverOperation(panelOperation);
  const capabilities = connection.capabilities.value;
  const model = capabilities && drawingModel(capabilities, operation, prompts.settings.value);
  if (capabilities === undefined || model === undefined || !takesControls(panelOperation)) return null;
  const sources = controlSources.value;
  const { controls = [] } = prompts.settings.value;
  const used = controls.filter((control) => isUsedControl(control, { operation, controlSources: sources }));
  const choose = host.choosePicture?.bind(host);
  return (
    <Fold label={used.length === 0 ? 'Controls' : `Controls (${used.length})`}>
      <ControlFields
        prompts={prompts}
        model={model}
        capabilities={capabilities}
        images={{
          sources,
          maps: controlMaps.maps,
          showMap: (control) => void controlMaps.show(control),
          insertMap: (control) => void controlMaps.insert(control),
          ...(operation !== 'generate' && { own: 'what is there' }),
          ...(choose !== undefined && { choosePicture: () => panel.choosePicture(choose) }),
        }}
      />
    </Fold>
  );
}
