/** Why a pickle is refused. The reader of the file around it makes an `EngineError` of it that names the file. */
export class PickleRefusal extends Error {
  /** Something in it could have run code in Python: more than damage. */
  readonly isSuspicious: boolean;

  constructor(message: string, { isSuspicious = false }: { readonly isSuspicious?: boolean } = {}) {
    super(message);
    this.name = 'PickleRefusal';
    this.isSuspicious = isSuspicious;
  }
}
