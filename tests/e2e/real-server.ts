/** The real server and the real engine in this process and one of its own, and clients of them over real sockets. */
import assert from 'node:assert/strict';
import { shippedStylesFolder } from '../../bridge/cli/package-root.ts';
import { EngineHost } from '../../bridge/engine-host.ts';
import { openHome } from '../../bridge/home.ts';
import { type RunningBridge, startServer } from '../../bridge/server.ts';
import { ClientWebSocket } from '../../bridge/websocket.ts';
import type { ModelFolder } from '../../engine/api.ts';
import { type ClientOptions, InlayClient } from '../../plugins/shared/client/client.ts';
import { ClientError } from '../../plugins/shared/client/client-error.ts';
import { shippedFolder } from '../engine/checkpoints.ts';
import { type Cleanup, temporaryFolder } from '../temporary-folder.ts';
import { PatientEngine } from './patient-engine.ts';

export interface RealServer {
  readonly server: RunningBridge;
  readonly engine: EngineHost;
  /** Keeps the next job in the middle of its drawing, once it has begun, until the function returned is called. */
  holdNextJob(): () => void;
  /** A client that has paired with the code that the server shows, as an editor does the first time. */
  pairedClient(context: Cleanup, options?: Partial<ClientOptions>): Promise<InlayClient>;
}

export interface RealServerOptions {
  /** Searched for models before the shipped ones. */
  readonly modelFolder?: string;
}

/** Ends after the tests of its file. */
export async function startRealServer(
  { after }: Cleanup,
  { modelFolder }: RealServerOptions = {},
): Promise<RealServer> {
  const cleanups: (() => Promise<void>)[] = [];
  const home = await openHome(await temporaryFolder({ after: (cleanup) => cleanups.push(cleanup) }));
  const modelFolders: readonly ModelFolder[] = [
    ...(modelFolder === undefined ? [] : [{ folder: modelFolder, origin: 'user' } as const]),
    { folder: shippedFolder, origin: 'built-in' },
  ];
  const engine = await EngineHost.start({
    device: 'cpu',
    modelFolders,
    spoolFolder: home.spoolFolder,
    idleUnloadMs: 60_000,
    threads: 0,
  });
  const patient = new PatientEngine(engine);
  const server = await startServer({
    home,
    engine: patient,
    version: '1.2.3',
    ports: [0],
    shippedStylesFolder,
  });
  after(async () => {
    await server.close();
    await engine.close();
    for (const cleanup of cleanups) await cleanup();
  });
  return {
    server,
    engine,
    holdNextJob: () => patient.holdNext(),
    pairedClient: async (context, options = {}) => {
      const client = new InlayClient({
        WebSocket: ClientWebSocket,
        client: 'tests',
        editor: 'other',
        ports: [server.port],
        backOffDelaysMs: [20],
        ...options,
      });
      context.after(async () => client.close());
      await assert.rejects(
        client.connect(),
        (error) => error instanceof ClientError && error.code === 'unpaired',
      );
      const { code } = server.openPairing();
      await client.pair({ code, name: 'Editor' });
      return client;
    },
  };
}

/** Whether an error is one of that code, with a hint, whose message says that. */
export function failsWith(code: string, pattern = /./) {
  return (error: unknown) => {
    assert.ok(error instanceof ClientError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, pattern);
    assert.ok(error.hint.length > 0);
    return true;
  };
}
