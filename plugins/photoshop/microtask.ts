/** Photoshop has no `queueMicrotask`, with which Preact puts its rendering off. Imported before anything else. */
const environment: { queueMicrotask?: (task: () => void) => void } = globalThis;

environment.queueMicrotask ??= (task) => {
  void Promise.resolve().then(task);
};
