import { ClientError } from '../../plugins/shared/client/client-error.ts';
import { findRunningServer, openHome } from '../home.ts';
import type { FinishedPicture, JobOptions, PictureJob } from './picture-job.ts';
import { parseServerAddress, type ServerAddress, withClient } from './server-client.ts';

export interface ServerRunOptions extends JobOptions {
  readonly server: string;
  readonly token: string | undefined;
  readonly homeFolder: string;
}

/** Runs a job on a running server, as an editor does. */
export async function runOnServer({ request, images }: PictureJob, options: ServerRunOptions): Promise<void> {
  const { server, homeFolder, signal, onProgress, onNotice, deliver } = options;
  const address = parseServerAddress(server);
  const token = options.token ?? (await ownServerToken(address, homeFolder));
  if (token === undefined) {
    throw new ClientError({
      code: 'unauthenticated',
      message: `Expected a token for the server at ${server}, received none.`,
      hint: 'Make one with `inlay tokens add NAME`, and give it with --token or in INLAY_TOKEN.',
    });
  }
  await withClient(address, { token, signal, onNotice }, async (client) => {
    const onQueued = (position: number) => {
      if (position > 0)
        onNotice(`Waiting for ${position === 1 ? 'one other job' : `${position} other jobs`}.`);
    };
    const pictures = await client
      .run(request, images, { signal, onProgress, onQueued, onWarning: onNotice })
      .catch((error: unknown) => {
        throw isCancelled(error) && !signal.aborted ? endedByServer() : error;
      });
    await deliver(
      pictures.map(({ width, height, request: ownRequest, chosenWords, bytes }): FinishedPicture => {
        const seed = 'seed' in ownRequest ? ownRequest.seed : undefined;
        return {
          width,
          height,
          ...(seed !== undefined && { seed }),
          request: ownRequest,
          ...(chosenWords !== undefined && { chosenWords }),
          content: { bytes },
        };
      }),
    );
  });
}

function isCancelled(error: unknown): boolean {
  return error instanceof ClientError && error.code === 'cancelled';
}

function endedByServer(): ClientError {
  return new ClientError({
    code: 'closed',
    message: 'The server ended the job before it was done; most likely it was stopped.',
    hint: 'Start the server again, or leave --server out to compute here.',
  });
}

/** The server of one's own home needs no token made for it: whoever can read the home is let in. */
async function ownServerToken({ port }: ServerAddress, homeFolder: string): Promise<string | undefined> {
  const server = await findRunningServer(await openHome(homeFolder));
  return server?.port === port ? server.controlToken : undefined;
}
