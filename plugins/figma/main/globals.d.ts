/** What a plugin's main file finds in Figma: no DOM, no network, no codecs. */
declare const figma: import('@figma/plugin-typings/plugin-api-standalone.d.ts').PluginAPI;
/** The manifest's `ui` file. */
declare const __html__: string;
