import { defaultPorts } from '../../bridge/protocol/ports.ts';

const panelSize = { width: 300, height: 640 } as const;

/**
 * Photoshop's manifest, version 5, as it lies at the root of the .ccx. Photoshop allows the addresses named here and no
 * others: each with its scheme, by the name `localhost` (numbers are refused), and never "all".
 *
 * @param version `x.y.z`.
 */
export function photoshopManifest(version: string) {
  return {
    manifestVersion: 5,
    id: 'inlay.photoshop',
    name: 'Inlay',
    version,
    main: 'index.html',
    // One object: a list works in the developer tool alone, and does not install.
    host: { app: 'PS', minVersion: '25.0.0', data: { apiVersion: 2, loadEvent: 'use' } },
    entrypoints: [
      {
        type: 'panel',
        id: 'inlay',
        label: { default: 'Inlay' },
        minimumSize: { width: 240, height: 320 },
        maximumSize: { width: 2000, height: 4000 },
        preferredDockedSize: panelSize,
        preferredFloatingSize: panelSize,
        icons: [
          icon('panel-dark', { side: 23, theme: ['darkest', 'dark', 'medium'] }),
          icon('panel-light', { side: 23, theme: ['lightest', 'light'] }),
        ],
      },
      // Entries of the Plugins menu, which take a keyboard shortcut under Edit > Keyboard Shortcuts.
      command('generate', 'Generate in Selection'),
      command('remove', 'Remove Selected Object'),
    ],
    icons: [icon('plugin', { side: 24, species: ['pluginList'] })],
    requiredPermissions: {
      network: {
        domains: defaultPorts.flatMap((port) => [`http://localhost:${port}`, `ws://localhost:${port}`]),
      },
      // For pages that explain something: Photoshop asks the user each time.
      launchProcess: { schemes: ['http', 'https'], extensions: [] },
    },
  };
}

function command(id: string, label: string) {
  return { type: 'command', id, label: { default: label } };
}

/** Photoshop itself finds `name@1x.png` and `name@2x.png`. */
function icon(name: string, { side, ...uses }: { readonly side: number; readonly [use: string]: unknown }) {
  return { width: side, height: side, path: `icons/${name}.png`, scale: [1, 2], ...uses };
}
