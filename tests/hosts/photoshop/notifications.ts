/** What Photoshop tells plugins of what the user does: sometimes late, sometimes not at all. */
import { PhotoshopError } from './errors.ts';

export type NotificationListener = (name: string, descriptor: Readonly<Record<string, unknown>>) => void;

interface Registration {
  readonly group: string;
  readonly events: readonly string[];
  readonly listener: NotificationListener;
}

export class Notifications {
  /** How long after the user's doing a plugin hears of it. */
  delayMs = 0;
  /** The user's doing goes unnoticed, as it happens to real plugins. */
  areLost = false;
  #registrations: Registration[] = [];

  add(group: string, events: readonly string[], listener: NotificationListener): void {
    if (events.includes('all') || events.length === 0) {
      throw new PhotoshopError('addNotificationListener: "all" is only there in developer mode.');
    }
    this.#registrations.push({ group, events, listener });
  }

  remove(events: readonly string[], listener: NotificationListener): void {
    this.#registrations = this.#registrations.filter(
      (other) => other.listener !== listener || !events.some((event) => other.events.includes(event)),
    );
  }

  clear(): void {
    this.#registrations = [];
  }

  /** The user did something. */
  tell(
    event: string,
    descriptor: Readonly<Record<string, unknown>>,
    { group = 'action' }: { readonly group?: string } = {},
  ): void {
    if (this.areLost) return;
    setTimeout(() => {
      for (const { group: wanted, events, listener } of [...this.#registrations]) {
        if (wanted === group && events.includes(event)) listener(event, descriptor);
      }
    }, this.delayMs);
  }
}
