/** A page of the components alone: a test names a scene and its properties, and asks what was heard from it. */
import { type ComponentChildren, render } from 'preact';
import '@preact/signals';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { defaultLimits, maxHypernetworks } from '../../../../bridge/protocol/limits.ts';
import type { Capabilities, ModelCapability } from '../../../../bridge/protocol/messages.ts';
import { ConnectionStore } from '../../../../plugins/shared/store/connection-store.ts';
import type { HostStorage } from '../../../../plugins/shared/store/host-storage.ts';
import type { JobEntry } from '../../../../plugins/shared/store/job-store.ts';
import { PromptStore } from '../../../../plugins/shared/store/prompt-store.ts';
import { ConnectionBanner } from '../../../../plugins/shared/ui/connection-banner.tsx';
import { DiffusionFields } from '../../../../plugins/shared/ui/diffusion-fields.tsx';
import { DrawingRecipe } from '../../../../plugins/shared/ui/drawing-recipe.tsx';
import { ErrorNotice } from '../../../../plugins/shared/ui/error-notice.tsx';
import { htmlWidgets } from '../../../../plugins/shared/ui/html-widgets.tsx';
import { JobProgress } from '../../../../plugins/shared/ui/job-progress.tsx';
import { Notices } from '../../../../plugins/shared/ui/notices.tsx';
import { PairingForm } from '../../../../plugins/shared/ui/pairing-form.tsx';
import { PromptField } from '../../../../plugins/shared/ui/prompt-field.tsx';
import { ProposedSizes } from '../../../../plugins/shared/ui/proposed-sizes.tsx';
import { SeedField } from '../../../../plugins/shared/ui/seed-field.tsx';
import { VariationPicker } from '../../../../plugins/shared/ui/variation-picker.tsx';
import { useWidgets, WidgetContext } from '../../../../plugins/shared/ui/widgets.ts';

const root = document.getElementById('inlay') as HTMLElement;
let heard: unknown[] = [];

/** Keeps what it is called with under a name. */
function hear(name: string): (...values: unknown[]) => void {
  return (...values) => heard.push([name, ...values]);
}

function Picker({ count }: { readonly count: number }) {
  const [shown, setShown] = useState(0);
  return <VariationPicker count={count} shown={shown} onShow={setShown} />;
}

/** Shown anew all the time, as by news of the server. */
function Restless() {
  const { NumberField } = useWidgets();
  const [, setTurn] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTurn((turn) => turn + 1), 10);
    return () => clearInterval(timer);
  }, []);
  return <NumberField label="Width" value={512} onChange={hear('width')} />;
}

function Controls() {
  const { Button, Checkbox, IconButton, NumberField, ProgressBar, Select, Slider, TextField } = useWidgets();
  const [size, setSize] = useState(24);
  const [left, setLeft] = useState<number | undefined>(10);
  const [part, setPart] = useState<number | undefined>(0);
  const [name, setName] = useState('');
  const [model, setModel] = useState('b');
  const [isOn, setOn] = useState(false);
  const keep = <Value,>(control: string, set: (value: Value) => void) => {
    return (value: Value) => {
      hear(control)(value ?? null);
      set(value);
    };
  };
  return (
    <>
      <Slider
        label="Size"
        value={size}
        min={1}
        max={100}
        valueText={`${size} px`}
        onInput={keep('size', setSize)}
      />
      <NumberField label="Left" value={left} min={0} max={500} unit="px" onChange={keep('left', setLeft)} />
      <NumberField label="Part" value={part} min={0} max={1} step={0.05} onChange={setPart} />
      <TextField label="Name" value={name} onInput={keep('name', setName)} onSubmit={hear('submit')} />
      <Select
        label="Model"
        value={model}
        options={[
          { value: 'a', label: 'First' },
          { value: 'b', label: 'Second' },
        ]}
        onChange={keep('model', setModel)}
      />
      <Checkbox label="Soft" isChecked={isOn} onChange={keep('soft', setOn)} />
      <Button isPrimary onPress={hear('fill')}>
        Fill
      </Button>
      <Button isDisabled onPress={hear('never')}>
        Expand
      </Button>
      <IconButton icon="undo" label="Undo" onPress={hear('undo')} />
      <ProgressBar label="Working" />
    </>
  );
}

const checkpoint: ModelCapability = {
  name: 'inlay-mini',
  kind: 'checkpoint',
  architecture: 'Stable Diffusion 1.x',
  origin: 'built-in',
  hints: {
    prompt: 'Tags with commas between them, quality at the end.',
    tagOrder: ['1girl or 1boy', 'character', 'everything else', 'quality'],
    qualityTags: 'masterpiece, best quality',
    negativePrompt: 'blurry',
    sizes: [{ width: 512, height: 512 }],
  },
};
const capabilities = {
  models: [
    checkpoint,
    { ...checkpoint, name: 'other', title: 'Another one' },
    { ...checkpoint, name: 'soft', kind: 'vae' },
    { ...checkpoint, name: 'huge', kind: 'unknown', origin: 'user', problem: 'It looks like SDXL.' },
  ],
  schedulers: ['euler', 'ddim'],
  defaults: {
    numInferenceSteps: 20,
    guidanceScale: 7.5,
    guidanceRescale: 0,
    imageGuidanceScale: 1.5,
    highResolutionStrength: 0.5,
    strength: { fill: 1, expand: 1, vary: 0.6, pix2pix: 1 },
  },
  limits: defaultLimits,
} as const satisfies Partial<Capabilities>;

const large: ModelCapability = {
  ...checkpoint,
  name: 'large',
  family: 'sdxl',
  defaults: { scheduler: 'euler-trailing' },
  hints: {
    prompt: 'A sentence.',
    sizes: [
      { width: 1024, height: 1024 },
      { width: 1216, height: 832 },
    ],
  },
};
const finish: ModelCapability = { ...checkpoint, name: 'finish', family: 'sdxl-refiner' };
const inky: ModelCapability = {
  ...checkpoint,
  name: 'inky',
  title: 'Inky lines of a long name',
  kind: 'lora',
  family: 'sdxl',
  triggerWords: ['inky style', 'wet paper'],
};

const lorasOfMany: readonly ModelCapability[] = ['grain', 'halo'].map((name) => ({
  ...checkpoint,
  name,
  kind: 'lora',
}));
/** One more than a request may have. */
const hypernetworks: readonly ModelCapability[] = Array.from(
  { length: maxHypernetworks + 1 },
  (_, index) => ({
    ...checkpoint,
    name: index === 0 ? 'mood' : `mood-${index}`,
    kind: 'hypernetwork',
    family: 'sdxl',
  }),
);

/** A model with what works beside it. */
function Large({
  isAlone = false,
  maxLoras = 16,
}: {
  readonly isAlone?: boolean;
  readonly maxLoras?: number;
}) {
  const prompts = useMemo(() => {
    const store = new PromptStore(storage);
    store.change({ prompt: 'a cat, <lora:inky:0.5>', loras: [{ model: 'inky', strength: 1 }] });
    return store;
  }, []);
  const [size, setSize] = useState({ width: 1024, height: 1000 });
  useEffect(() => prompts.settings.subscribe(hear('settings')), [prompts]);
  const models = isAlone ? [large] : [large, finish, inky, ...lorasOfMany, ...hypernetworks];
  return (
    <>
      <DiffusionFields
        prompts={prompts}
        operation="generate"
        model={large}
        capabilities={{ ...capabilities, models, limits: { ...defaultLimits, maxLoras } }}
      />
      <ProposedSizes model={large} size={size} onChange={setSize} />
    </>
  );
}

function Words() {
  const prompts = useMemo(() => {
    const store = new PromptStore(storage);
    for (const prompt of ['a hill', 'a meadow']) store.remember(prompt);
    return store;
  }, []);
  const [seed, setSeed] = useState<number>();
  return (
    <>
      <PromptField
        prompts={prompts}
        placeholder="What should it show?"
        embeddingNames={['wet-ink']}
        onRun={hear('run')}
      />
      <DiffusionFields prompts={prompts} operation="fill" model={checkpoint} capabilities={capabilities} />
      <SeedField seed={seed} shownSeed={77} onChange={setSeed} />
      <DrawingRecipe
        request={{
          operation: 'generate',
          prompt: 'a house',
          negativePrompt: 'fog',
          model: 'inlay-mini',
          seed: 7,
          loras: [{ model: 'ink-lines', strength: 0.6 }],
          hypernetworks: [{ model: 'mood' }],
        }}
        models={[checkpoint]}
        onReuse={hear('reuse')}
      />
    </>
  );
}

const storage: HostStorage = {
  get: async (key) => localStorage.getItem(key) ?? undefined,
  set: async (key, value) => localStorage.setItem(key, value),
  remove: async (key) => localStorage.removeItem(key),
};
let connection: ConnectionStore | undefined;

function connect(key?: string): ConnectionStore {
  connection?.close();
  connection = new ConnectionStore({
    client: 'Web page in a test',
    editor: 'web',
    WebSocket,
    storage,
    ports: [Number(location.port)],
    backOffDelaysMs: [400],
  });
  // For tests that wait for it: nothing is said of a connection that is there.
  connection.status.subscribe(({ state }) => {
    root.dataset.connection = state;
  });
  void connection.start(key);
  return connection;
}

const scenes = {
  nothing: () => null,
  job: (job: JobEntry) => <JobProgress job={job} onCancel={hear('cancel')} />,
  error: ({ canRetry, ...error }: { message: string; hint: string; canRetry: boolean }) => (
    <ErrorNotice error={error} onDismiss={hear('dismiss')} {...(canRetry && { onRetry: hear('retry') })} />
  ),
  notices: ({ notices }: { notices: readonly string[] }) => (
    <Notices notices={notices} onDismiss={hear('dismiss')} />
  ),
  picker: ({ count }: { count: number }) => <Picker count={count} />,
  pairing: ({ refusal }: { refusal?: { message: string; hint: string } }) => (
    <PairingForm
      onPair={async (code) => {
        hear('pair')(code);
        if (refusal !== undefined) throw Object.assign(new Error(refusal.message), refusal);
      }}
    />
  ),
  connection: ({ key }: { key?: string }) => <ConnectionBanner connection={connect(key)} />,
  controls: () => <Controls />,
  words: () => <Words />,
  large: (properties: { isAlone?: boolean; maxLoras?: number }) => <Large {...properties} />,
  restless: () => <Restless />,
};

/** Shows a scene, or the same one with other properties. */
function show(name: keyof typeof scenes, properties: unknown): void {
  heard = [];
  const scene = (scenes[name] as (properties: unknown) => ComponentChildren)(properties);
  render(<WidgetContext.Provider value={htmlWidgets}>{scene}</WidgetContext.Provider>, root);
}

Object.assign(globalThis, { show, heard: () => heard });
