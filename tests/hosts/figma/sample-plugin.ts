/** A plugin of a few lines, to see what an editor does with one. */
import type { InstalledPlugin } from './figma-app.ts';

export function samplePlugin({
  main = '',
  script = '',
}: {
  readonly main?: string;
  readonly script?: string;
} = {}): InstalledPlugin {
  const manifest = {
    id: 'sample',
    main: 'code.js',
    ui: 'ui.html',
    documentAccess: 'dynamic-page',
    networkAccess: { allowedDomains: ['ws://localhost:41730', 'ws://localhost:41731'] },
    relaunchButtons: [{ command: 'again', name: 'Again' }],
  };
  const page = `<!doctype html><html><head><title>Sample</title></head><body><p>page</p><script>${script}</script></body></html>`;
  const text = (value: string) => new TextEncoder().encode(value);
  return {
    files: new Map([
      ['manifest.json', text(JSON.stringify(manifest))],
      ['code.js', text(main)],
      ['ui.html', text(page)],
    ]),
  };
}
