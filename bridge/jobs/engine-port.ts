/**
 * What the bridge needs of an engine, and all it knows of one: `engine-host.ts` provides it with a forked process, tests
 * with a scripted one.
 */
import type {
  DeviceReport,
  EngineTask,
  ModelInfo,
  Progress,
  ResultPicture,
  TaskEstimate,
} from '../../engine/api.ts';

/** A small JPEG of the work in progress; `bounds` is where it belongs in the output. */
export interface Preview {
  readonly bounds: ResultPicture['bounds'];
  readonly width: number;
  readonly height: number;
  readonly jpeg: Uint8Array;
}

export interface TaskEvents {
  readonly onProgress: (progress: Progress) => void;
  readonly onPreview: (preview: Preview) => void;
  /** What the user should know of the task that is no failure. */
  readonly onWarning: (message: string) => void;
  readonly onResult: (result: ResultPicture) => void;
}

export interface EstimateOptions {
  /** Of a fill: what of the source is white in the mask; all of it where it is not told. */
  readonly maskBounds?: ResultPicture['bounds'];
}

export interface EnginePort {
  readonly device: DeviceReport;
  /** All that are installed; before them the files given. */
  models(files?: readonly string[]): Promise<readonly ModelInfo[]>;
  /**
   * Runs one task; a second one while it runs is an error of the caller. Rejects with an `EngineError`: `cancelled` once
   * `signal` has aborted and the engine is free again, `engine-crashed` when its process died (it is back already).
   */
  run(task: EngineTask, events: TaskEvents, signal: AbortSignal): Promise<void>;
  /** Time, memory and size of a task. Its pictures carry width and height but no bytes. Works while a task runs. */
  estimate(task: EngineTask, options?: EstimateOptions): Promise<TaskEstimate>;
  /** Things the user should know that are no failure, e.g. a device that stopped working. */
  onNotice(listener: (message: string) => void): void;
  close(): Promise<void>;
}
