/** An error as Photoshop throws it: with a number. */
export class PhotoshopError extends Error {
  readonly number: number;

  constructor(message: string, number = -1) {
    super(message);
    this.number = number;
  }
}

/** The in-memory Photoshop does not know this. It is an error of the tests, not of the plugin. */
export function notModelled(what: string): Error {
  return new Error(`not modelled: ${what}`);
}

/** Another plugin, or a dialog, has Photoshop to itself. */
export const modalErrorNumber = 9;
