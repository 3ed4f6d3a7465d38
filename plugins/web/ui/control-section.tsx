import type { JSX } from 'preact';
import type { Capabilities, ModelCapability } from '../../../bridge/protocol/messages.ts';
import { ClientError } from '../../shared/client/client-error.ts';
import { isUsedControl } from '../../shared/store/controls.ts';
import type { PromptOperation } from '../../shared/store/diffusion-settings.ts';
import { ControlFields } from '../../shared/ui/control-fields.tsx';
import { Fold } from '../../shared/ui/fold.tsx';
import { insertControlMap, showControlMap } from '../editor/control-maps.ts';
import { controlSources } from '../editor/control-sources.ts';
import { useEditor } from './editor-context.ts';

export interface ControlSectionProps {
  readonly operation: PromptOperation;
  readonly model: ModelCapability;
  readonly capabilities: Capabilities;
}

/** Pictures that the drawing is to follow. */
export function ControlSection({ operation, model, capabilities }: ControlSectionProps): JSX.Element {
  const editor = useEditor();
  const sources = controlSources(editor, operation);
  const { controls = [] } = editor.prompts.settings.value;
  const used = controls.filter((control) => isUsedControl(control, { operation, controlSources: sources }));
  const choosePicture = async () => {
    try {
      return await editor.pictures.choose();
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      editor.report(error);
      return undefined;
    }
  };
  return (
    <Fold label={used.length === 0 ? 'Controls' : `Controls (${used.length})`}>
      <ControlFields
        prompts={editor.prompts}
        model={model}
        capabilities={capabilities}
        images={{
          sources,
          maps: editor.maps,
          choosePicture,
          drawSketch: () => {
            editor.isSketching.value = true;
          },
          showMap: (control) => void showControlMap(editor, control, operation),
          ...(operation !== 'generate' && {
            own: 'what is there',
            insertMap: (control) => void insertControlMap(editor, control),
          }),
        }}
      />
    </Fold>
  );
}
