import { defaultPorts } from '../../bridge/protocol/ports.ts';

/** Figma's manifest. Its user interface may reach the addresses named here and no others; Figma refuses numbers for names. */
export function figmaManifest() {
  const sockets = defaultPorts.map((port) => `ws://localhost:${port}`);
  return {
    name: 'Inlay',
    // Given out by Figma when a plugin is published; one that is imported from its manifest may have any.
    id: 'inlay',
    api: '1.0.0',
    main: 'code.js',
    ui: 'ui.html',
    editorType: ['figma'],
    documentAccess: 'dynamic-page',
    networkAccess: {
      allowedDomains: sockets,
      // For review, which asks for it where a server of the user's own is named.
      reasoning: 'Talks to the Inlay engine on this computer, and to nothing else.',
      // While the plugin is imported from its manifest, and not published.
      devAllowedDomains: sockets,
    },
    permissions: [],
    relaunchButtons: [{ command: 'regenerate', name: 'Generate again' }],
  };
}
