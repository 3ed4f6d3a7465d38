import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Icon } from '../../shared/ui/icon.tsx';
import { useWidgets } from '../../shared/ui/widgets.ts';
import { closeDialog } from '../editor/commands.ts';
import { type DownloadFormat, encodeDownload, type PictureFile } from '../editor/download-picture.ts';
import { Dialog } from './dialog.tsx';
import { useEditor } from './editor-context.ts';
import { RadioGroup } from './radio-group.tsx';

const formats = [
  { value: 'png', label: 'PNG' },
  { value: 'jpeg', label: 'JPEG' },
  { value: 'webp', label: 'WebP' },
  { value: 'psd', label: 'PSD' },
] as const satisfies readonly { readonly value: DownloadFormat; readonly label: string }[];

const notes: Readonly<Record<DownloadFormat, string>> = {
  png: 'Every pixel exactly as it is, transparency too.',
  jpeg: 'Small, for photos; no transparency.',
  webp: 'Smaller still, with transparency.',
  psd: 'For Photoshop and others: every layer with its variations and its mask.',
};

const defaultQuality = 90;
/** While the slider moves nothing is encoded. */
const settleMs = 250;

/** Format and quality, with the size the file will have. */
export function DownloadDialog(): JSX.Element {
  const editor = useEditor();
  const { ProgressBar, Slider } = useWidgets();
  const [format, setFormat] = useState<DownloadFormat>('png');
  const [quality, setQuality] = useState(defaultQuality);
  const [file, setFile] = useState<PictureFile>();
  const [problem, setProblem] = useState<string>();
  /** Pressed, perhaps before the file is there: nobody has to wait for the button. */
  const [isWanted, setWanted] = useState(false);
  /** At once, not in an effect: those run after the painting, and would forget what was pressed until then. */
  const forget = () => {
    setFile(undefined);
    setProblem(undefined);
    setWanted(false);
  };
  useEffect(() => {
    let isCurrent = true;
    const timer = setTimeout(() => {
      encodeDownload(editor, { format, quality }).then(
        (encoded) => isCurrent && setFile(encoded),
        (error: Error & { readonly hint?: string }) => {
          if (!isCurrent) return;
          setProblem([error.message, error.hint].filter(Boolean).join(' '));
          setWanted(false);
        },
      );
    }, settleMs);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [editor, format, quality]);
  const close = () => closeDialog(editor, 'download');
  useEffect(() => {
    if (!isWanted || file === undefined) return;
    saveFile(file);
    editor.status.value = `Downloaded ${file.name}.`;
    close();
  }, [isWanted, file]);
  const submit = (event: Event) => {
    event.preventDefault();
    setWanted(true);
  };
  return (
    <Dialog title="Download" onClose={close}>
      <form class="dialog-form" onSubmit={submit}>
        <RadioGroup
          label="Format"
          value={format}
          choices={formats}
          onChange={(chosen) => {
            setFormat(chosen);
            forget();
          }}
        />
        <p class="muted">{notes[format]}</p>
        {(format === 'jpeg' || format === 'webp') && (
          <Slider
            label="Quality"
            value={quality}
            min={1}
            max={100}
            valueText={`${quality}`}
            onInput={(chosen) => {
              setQuality(chosen);
              forget();
            }}
          />
        )}
        {problem !== undefined && (
          <p class="danger" role="alert">
            {problem}
          </p>
        )}
        {file === undefined && problem === undefined && <ProgressBar label="Preparing the download" />}
        <div class="dialog-actions">
          <span class="muted">
            {file !== undefined && `${file.name}, ${sizeInWords(file.blob.size)}`}
            {file === undefined && problem === undefined && 'Preparing the download…'}
          </span>
          <button
            type="submit"
            class="inlay-button inlay-primary"
            disabled={isWanted || problem !== undefined}
          >
            <Icon name="download" />
            Download {formats.find(({ value }) => value === format)!.label}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function saveFile({ name, blob }: PictureFile): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has taken the file over by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function sizeInWords(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
