/** Of one receiver. */
export class Mailbox {
  #items = [];
  #next = 0;
  #wake = undefined;

  send(message) {
    this.#items.push(message);
    if (this.#wake !== undefined) {
      const wake = this.#wake;
      this.#wake = undefined;
      wake();
    }
  }

  /** The next message, or undefined. */
  take() {
    if (this.#next === this.#items.length) {
      if (this.#next > 0) {
        this.#items.length = 0;
        this.#next = 0;
      }
      return undefined;
    }
    return this.#items[this.#next++];
  }

  /** Until there is a message. */
  arrival() {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
