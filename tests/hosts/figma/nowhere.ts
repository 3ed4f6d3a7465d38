/** What is left for the code of a plugin that has been closed: its machine stops, and nothing that it waits for comes about. */

/** Whatever is called, read or awaited of it never comes back. */
export const nowhere: unknown = new Proxy(() => {}, {
  get: () => nowhere,
  set: () => true,
  apply: () => new Promise(() => {}),
});

/** The same value; of a promise one that never settles once the plugin is closed. */
export function whileOpen(session: { readonly isClosed: boolean }, value: unknown): unknown {
  if (!(value instanceof Promise)) return value;
  return new Promise((resolve, reject) => {
    value.then(
      (result) => {
        if (!session.isClosed) resolve(result);
      },
      (error: unknown) => {
        if (!session.isClosed) reject(error);
      },
    );
  });
}
