/** Why no server may be found though one runs: the browser keeps web pages from this computer's own servers. */

/** In Figma's own app the browser's answer says nothing: it refuses what works. */
const desktopApp = /\b(?:Electron|Figma)\//;
/** What browsers call it, the newest name first. */
const permissionNames = ['loopback-network', 'local-network-access'];

/** The browser's `navigator.permissions`, which knows names that our libraries do not declare yet. */
export interface Permissions {
  query(descriptor: { name: never }): Promise<{ readonly state: string }>;
}

/** `blocked` where the browser says that this page may not; nothing where it may, or does not say. */
export async function networkObstacle({
  permissions,
  userAgent,
}: {
  readonly permissions?: Permissions;
  readonly userAgent: string;
}): Promise<'blocked' | undefined> {
  if (desktopApp.test(userAgent) || permissions === undefined) return undefined;
  for (const name of permissionNames) {
    try {
      const { state } = await permissions.query({ name: name as never });
      return state === 'denied' ? 'blocked' : undefined;
    } catch {
      // A browser that does not know this name.
    }
  }
  return undefined;
}
