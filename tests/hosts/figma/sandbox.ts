/** The world of a plugin's main: JavaScript as of 2020, a console, timers and `figma`, and nothing of a browser or of Node. */
import vm from 'node:vm';

export interface SandboxGlobals {
  readonly figma: unknown;
  readonly html: string;
  /** What the plugin says to the console as errors, and throws without catching it. */
  readonly onFailure: (message: string) => void;
}

export interface Sandbox {
  /** The names that are there. */
  readonly globals: readonly string[];
  run(code: string): void;
  /** Ends the timers; what is still waited for never goes on. */
  close(): void;
}

/** Node's own, so that what the editor hands over is of the classes that the plugin knows. */
const sharedClasses = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  ArrayBuffer,
  DataView,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
};

/** Of V8, and younger than 2020 or never of this machine. */
const missingGlobals = [
  ...['WebAssembly', 'SharedArrayBuffer', 'Atomics', 'Intl', 'WeakRef', 'FinalizationRegistry'],
  ...['AggregateError', 'Iterator'],
];
const missingMembers = [
  'Array.prototype.at',
  'Array.prototype.findLast',
  'Array.prototype.findLastIndex',
  'Array.prototype.toSorted',
  'Array.prototype.toReversed',
  'Array.prototype.toSpliced',
  'Array.prototype.with',
  'String.prototype.at',
  'String.prototype.replaceAll',
  'Object.hasOwn',
  'Object.groupBy',
  'Map.groupBy',
  'Promise.any',
  'Promise.withResolvers',
];

export function createSandbox({ figma, html, onFailure }: SandboxGlobals): Sandbox {
  const timers = new Set<NodeJS.Timeout>();
  let isClosed = false;
  const guarded = (callback: () => void) => () => {
    if (isClosed) return;
    try {
      callback();
    } catch (error) {
      onFailure(String(error));
    }
  };
  const keep = (timer: NodeJS.Timeout): number => {
    timers.add(timer);
    return timer[Symbol.toPrimitive]();
  };
  const clear = (handle: number | undefined) => clearTimeout(handle);
  const sandbox = {
    ...sharedClasses,
    figma,
    __html__: html,
    __uiFiles__: {},
    console: consoleOf(onFailure),
    setTimeout: (callback: () => void, timeoutMs = 0) => keep(setTimeout(guarded(callback), timeoutMs)),
    setInterval: (callback: () => void, timeoutMs = 0) => keep(setInterval(guarded(callback), timeoutMs)),
    clearTimeout: clear,
    clearInterval: clear,
  };
  // Not enumerable, as in every global object.
  const context = vm.createContext(Object.create(null) as object, {
    codeGeneration: { strings: false, wasm: false },
  });
  for (const [name, value] of Object.entries(sandbox)) {
    Object.defineProperty(context, name, { value, writable: true, configurable: true });
  }
  vm.runInContext(
    `for (const name of ${JSON.stringify(missingGlobals)}) delete globalThis[name];
     for (const path of ${JSON.stringify(missingMembers)}) {
       const names = path.split('.');
       const last = names.pop();
       delete names.reduce((object, name) => object && object[name], globalThis)?.[last];
     }
     // Errors that the machine itself throws are errors, too.
     try { null.missing } catch (error) {
       Object.setPrototypeOf(Object.getPrototypeOf(Object.getPrototypeOf(error)), Error.prototype);
     }`,
    context,
  );
  return {
    globals: vm.runInContext('Object.getOwnPropertyNames(globalThis)', context) as string[],
    run: (code) => {
      vm.runInContext(code, context, { filename: 'code.js' });
    },
    close: () => {
      isClosed = true;
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

function consoleOf(onFailure: (message: string) => void) {
  const quiet = () => {};
  const error = (...values: readonly unknown[]) => onFailure(values.map(String).join(' '));
  const assert = (condition: unknown, ...values: readonly unknown[]) => {
    if (!condition) error('Assertion failed:', ...values);
  };
  return { log: quiet, info: quiet, warn: quiet, debug: quiet, clear: quiet, error, assert };
}
