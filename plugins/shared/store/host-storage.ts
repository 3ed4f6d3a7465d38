/** What a host keeps for us between two runs: `localStorage`, Photoshop's `secureStorage`, Figma's `clientStorage`. */
export interface HostStorage {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string): Promise<void>;
  remove(key: string): Promise<void>;
}
