import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { UpscaleFields } from '../../shared/store/requests.ts';
import { Icon } from '../../shared/ui/icon.tsx';
import { describeDuration } from '../../shared/ui/job-words.ts';
import { useWidgets } from '../../shared/ui/widgets.ts';
import { enterMode } from '../editor/commands.ts';
import type { EditorStore } from '../editor/editor-store.ts';
import { estimateUpscale, runUpscale } from '../editor/run-operations.ts';
import { useEditor } from './editor-context.ts';
import { IconButton } from './icon-button.tsx';
import { RadioGroup } from './radio-group.tsx';

const factors = ['2', '3', '4'] as const;

export function UpscaleActions(): JSX.Element {
  const editor = useEditor();
  const { Select } = useWidgets();
  const { width, height } = editor.saved.value!.size;
  const capabilities = editor.connection.capabilities.value;
  const models = (capabilities?.models ?? []).filter(({ kind, problem }) => kind === 'upscaler' && !problem);
  const defaultModel = capabilities?.operations.find(
    ({ operation }) => operation === 'upscale',
  )?.defaultModel;
  const [factor, setFactor] = useState<(typeof factors)[number]>('2');
  const [chosen, setModel] = useState<string>();
  const model = chosen ?? defaultModel;
  const scale = Number(factor);
  const outlook = useOutlook(editor, { scale, ...(model !== undefined && { model }) });
  const run = (event: Event) => {
    event.preventDefault();
    void runUpscale(editor, { scale, ...(model !== undefined && { model }) });
  };
  return (
    <form class="pill action-bar upscale-bar" aria-label="Upscale" onSubmit={run}>
      <RadioGroup
        label="How many times as large"
        value={factor}
        choices={factors.map((value) => ({ value, label: `${value}×` }))}
        onChange={setFactor}
      />
      <span class="muted upscale-size">
        {width * scale} × {height * scale}
        <span role="status">{outlook !== '' && `, ${outlook}`}</span>
      </span>
      {model !== undefined && (
        <Select
          label="Model"
          value={model}
          options={models.map(({ name }) => ({ value: name, label: name }))}
          onChange={setModel}
        />
      )}
      <span class="divider" />
      <button
        type="submit"
        class="inlay-button inlay-primary"
        disabled={editor.connection.status.value.state !== 'ready'}
      >
        <Icon name="upscale" />
        Upscale
      </button>
      <IconButton
        icon="close"
        label="Leave upscaling"
        shortcut="Esc"
        onPress={() => enterMode(editor, 'select')}
      />
    </form>
  );
}

/** How long it will take, or why it will not work; nothing until the server has said. */
function useOutlook(editor: EditorStore, { scale, model }: UpscaleFields): string {
  const [outlook, setOutlook] = useState('');
  const size = editor.saved.value?.size;
  const isReady = editor.connection.status.value.state === 'ready';
  useEffect(() => {
    let isCurrent = true;
    setOutlook('');
    if (!isReady) return;
    estimateUpscale(editor, { scale, ...(model !== undefined && { model }) }).then(
      ({ durationMs, outcome }) =>
        isCurrent &&
        setOutlook(outcome === 'refused' ? 'too large for the memory' : describeDuration(durationMs)),
      // Said in full when it is run all the same.
      () => isCurrent && setOutlook('too large'),
    );
    return () => {
      isCurrent = false;
    };
  }, [editor, size, scale, model, isReady]);
  return outlook;
}
