/** What is served over plain HTTP: the page's files and `/health`, all without secrets. Everything else is a WebSocket's. */
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { checkRequest, type RequestHeaders } from '../auth/request-guard.ts';
import type { Log } from '../log.ts';
import { type Capabilities, PROTOCOL_VERSION } from '../protocol/messages.ts';
import { pageIsMissing, pagePolicy } from './page.ts';

export interface AppOptions {
  readonly port: () => number;
  readonly instance: string;
  readonly capabilities: () => Capabilities;
  /** Where the page was built to; all of it is served, and nothing else. */
  readonly pageFolder: string | undefined;
  readonly log: Log;
}

export function createApp({ port, instance, capabilities, pageFolder, log }: AppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);

  app.use((request, response, next) => {
    response.set({
      'X-Content-Type-Options': 'nosniff',
      'Content-Security-Policy': pagePolicy(port()),
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-store',
    });
    const verdict = checkRequest(guardedHeaders(request), port());
    if (verdict.allowed) return next();
    log.warn({ reason: verdict.reason, origin: request.headers.origin }, 'request refused');
    sendError(response, {
      status: 403,
      code: 'forbidden',
      message: 'This address is for programs on this computer only.',
    });
  });

  app.use((request, response, next) => {
    if (request.method === 'GET' || request.method === 'HEAD') return next();
    response.set('Allow', 'GET, HEAD');
    sendError(response, {
      status: 405,
      code: 'method-not-allowed',
      message: 'Only GET and HEAD are answered here.',
    });
  });

  if (pageFolder !== undefined) {
    // A browser asks each time whether a file is still the same: a page is never older than its server.
    const setHeaders = (response: Response) => response.set('Cache-Control', 'no-cache');
    app.use(express.static(pageFolder, { cacheControl: false, redirect: false, setHeaders }));
  }

  app.get('/', (_request, response) => {
    response.status(503).type('text').send(pageIsMissing);
  });

  app.get('/health', (request, response) => {
    // Figma's plugins have the origin `null`; they look here whether Inlay runs before they open a socket.
    if (request.headers.origin === 'null') {
      response.set({ 'Access-Control-Allow-Origin': 'null', 'Cross-Origin-Resource-Policy': 'cross-origin' });
    }
    const { version, device } = capabilities();
    response.json({ name: 'inlay', version, protocol: PROTOCOL_VERSION, instance, device: device.device });
  });

  app.use((_request, response) => {
    sendError(response, { status: 404, code: 'not-found', message: 'There is nothing at this address.' });
  });

  app.use(
    (error: Error & { status?: number }, _request: Request, response: Response, _next: NextFunction) => {
      // A path that is no valid percent-encoding comes here with 400.
      const status = error.status ?? 500;
      if (status >= 500) log.error({ err: error }, 'defect while answering a request');
      sendError(response, { status, code: 'bad-request', message: 'The request could not be answered.' });
    },
  );
  return app;
}

/** The headers that the guard looks at, each as often as it was sent. */
export function guardedHeaders({ rawHeaders }: { readonly rawHeaders: readonly string[] }): RequestHeaders {
  const valuesOf = (name: string) =>
    rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name);
  return { hosts: valuesOf('host'), origins: valuesOf('origin') };
}

interface ErrorAnswer {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

function sendError(response: Response, { status, code, message }: ErrorAnswer): void {
  response.status(status).json({ error: { code, message } });
}
