/** What the plugin will not do, said so that the user knows what to do instead. */
import { ClientError } from '../../shared/client/client-error.ts';

/** For what cannot be done with what is selected, or no longer with what there was. */
export function refusal(message: string, hint: string): ClientError {
  return new ClientError({ code: 'not-possible', message, hint });
}
