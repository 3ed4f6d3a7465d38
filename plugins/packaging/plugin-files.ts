/** What a plugin consists of: names within its folder, with `/`, and what is in the files. */
export type PluginFiles = ReadonlyMap<string, Uint8Array>;

/** A plugin as it is installed, and what npm packages are bundled with it. */
export interface BuiltPlugin {
  readonly files: PluginFiles;
  /** Paths of all source files that went into it. */
  readonly inputs: readonly string[];
}

export function textFile(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** As people read it. */
export function jsonFile(value: unknown): Uint8Array {
  return textFile(`${JSON.stringify(value, null, 2)}\n`);
}
