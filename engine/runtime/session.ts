/** The only file that knows onnxruntime. A session is one loaded graph on one device; whoever opens it disposes it. */
import * as ort from 'onnxruntime-node';
import type { Device } from '../api.ts';
import { EngineError } from '../errors.ts';
import type { StageTuning } from '../onnx/graph-stage.ts';

/** Our devices by the name of onnxruntime's execution provider. */
const executionProviders: Record<Device, string> = {
  cpu: 'cpu',
  webgpu: 'webgpu',
  directml: 'dml',
  coreml: 'coreml',
  cuda: 'cuda',
};

/** What the runtime puts in front of what it has to say: the C++ source line with the failed condition, or a function. */
const sourcePrefixes = [
  /\/onnxruntime_src\/.* was false\. /,
  /^OrtSessionOptionsAppendExecutionProvider_\w+: /,
];

/** A float32 array with its shape, the only kind of value that comes out of a session. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Whole numbers, such as token ids, can be fed too. */
export interface IntegerTensor {
  readonly shape: readonly number[];
  readonly data: Int32Array;
}

export interface SessionOptions {
  /** The folder that the graph's external weights are relative to; the runtime refuses paths that leave it. */
  readonly weightsFolder?: string;
  readonly device: Device;
  /** Refuse to load rather than compute some nodes on the CPU: for finding out whether a device works at all. */
  readonly strictDevice?: boolean;
  /** Without it, as small networks do best: blocked convolutions, and no memory kept. */
  readonly tuning?: StageTuning;
}

export interface Session {
  /** Blocks this thread's event loop until done. Throws `device-failed` or `out-of-memory`. */
  run(inputs: Readonly<Record<string, Tensor | IntegerTensor>>): Promise<Record<string, Tensor>>;
  dispose(): Promise<void>;
}

/** The devices that this platform's build of the runtime has a provider for, working or not. */
export function bundledDevices(): readonly Device[] {
  const names = new Set(ort.listSupportedBackends().map((backend) => backend.name));
  return (Object.keys(executionProviders) as Device[]).filter((device) =>
    names.has(executionProviders[device]),
  );
}

/** Loads a serialized ONNX graph. Weights are read by the runtime straight from the files the graph names. */
export async function openSession(model: Uint8Array, options: SessionOptions): Promise<Session> {
  const { device, weightsFolder, strictDevice = false, tuning } = options;
  // Each session has threads of its own; spinning, those of the stage before would hold the cores that this one needs
  // (measured: a third of the time of a network in nine stages).
  const config: Record<string, string | Record<string, string>> = { intra_op: { allow_spinning: '0' } };
  if (weightsFolder !== undefined) config.model_external_initializers_file_folder_path = weightsFolder;
  if (strictDevice) config.disable_cpu_ep_fallback = '1';
  try {
    const session = await ort.InferenceSession.create(model, {
      executionProviders: [executionProviders[device]],
      // `all` is `extended` and the blocked layout.
      graphOptimizationLevel: (tuning?.blockedConvolutions ?? true) ? 'all' : 'extended',
      // Tiles come in a few sizes and sessions are many (one a stage): an arena each would hold on to its largest use.
      enableCpuMemArena: tuning?.keepsMemory ?? false,
      enableMemPattern: false,
      logSeverityLevel: 3,
      extra: { session: config },
    });
    return { run: (inputs) => runSession(session, inputs, device), dispose: () => session.release() };
  } catch (error) {
    throw runtimeError(error, `load the network on ${device}`);
  }
}

async function runSession(
  session: ort.InferenceSession,
  inputs: Readonly<Record<string, Tensor | IntegerTensor>>,
  device: Device,
): Promise<Record<string, Tensor>> {
  const feeds: Record<string, ort.Tensor> = {};
  for (const [name, { data, shape }] of Object.entries(inputs)) {
    feeds[name] =
      data instanceof Int32Array
        ? new ort.Tensor('int32', data, shape)
        : new ort.Tensor('float32', data, shape);
  }
  let results: ort.InferenceSession.OnnxValueMapType;
  try {
    results = await session.run(feeds);
  } catch (error) {
    throw runtimeError(error, `run the network on ${device}`);
  }
  const outputs: Record<string, Tensor> = {};
  for (const [name, value] of Object.entries(results)) {
    const { data, dims } = value as ort.Tensor;
    outputs[name] = { shape: dims, data: data as Float32Array };
  }
  return outputs;
}

function runtimeError(error: unknown, doing: string): EngineError {
  const message = withoutSourceLocation(error instanceof Error ? error.message : String(error));
  const outOfMemory = /bad_alloc|out of memory|failed to allocate|allocation.*fail/i.test(message);
  return new EngineError(outOfMemory ? 'out-of-memory' : 'device-failed', `Could not ${doing}: ${message}`, {
    cause: error,
  });
}

/** The runtime's message as a sentence for a person. */
function withoutSourceLocation(message: string): string {
  return sourcePrefixes.reduce((text, prefix) => text.replace(prefix, ''), message.trim().split('\n')[0]!);
}
