import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** Runs `after` hooks of a test or of a whole file. */
export interface Cleanup {
  after(hook: () => Promise<void>): void;
}

/** An empty folder that goes with the test. */
export async function temporaryFolder(context: Cleanup): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'inlay-test-'));
  context.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}
