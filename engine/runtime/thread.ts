import { Worker } from 'node:worker_threads';

/** Worker threads by what they do; each has one entry file, bundled beside the engine in a build. */
const threadEntries = { fill: '../fill/fill-thread.ts' } as const;
export type ThreadEntry = keyof typeof threadEntries;

/**
 * Starts a worker thread. From source (tsx) the thread registers the TypeScript loader itself, because worker threads do
 * not inherit it on Node 20; in a build the entry is the bundled `<entry>-thread.js` beside this code.
 */
export function startThread(entry: ThreadEntry, workerData: unknown): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL(`./${entry}-thread.js`, import.meta.url), { workerData });
  }
  const { href } = new URL(threadEntries[entry], import.meta.url);
  const bootstrap = `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(href)}); })`;
  return new Worker(bootstrap, { eval: true, workerData });
}
