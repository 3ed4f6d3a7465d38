/** The checkpoint that comes with Inlay: small enough to travel with it, and as limited. */
export const miniModelName = 'inlay-mini';
