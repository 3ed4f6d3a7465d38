/** The checkpoint that comes with Inlay: small enough to travel with it, and as limited. */
export const miniModelName = 'inlay-mini';

/** Whether a model is that checkpoint, or comes with it and fits no other. */
export function isMini(name: string): boolean {
  return name.startsWith(miniModelName);
}
