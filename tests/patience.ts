/** However busy the machine is, nothing that a test waits for takes longer. */
export const patienceMs = 90_000;
