/**
 * The SDK's own clock on events: one timer for all of them, set to the earliest deadline. The gateway decides by its
 * own; this one ends a handler in good order.
 */

/** @typedef {{ deadline: number, expire(): void }} Watched deadline in ms of `performance.now()` */

export class Deadlines {
  /** @type {Set<Watched>} */
  #watched = new Set()
  /** @type {NodeJS.Timeout | undefined} */
  #timer
  #when = Infinity

  /**
   * Call `event.expire()` when its deadline has passed, until it is forgotten.
   * @param {Watched} event
   */
  watch(event) {
    this.#watched.add(event)
    // a later deadline is found when the timer fires: most events have ended by then
    if (event.deadline < this.#when) this.#arm(event.deadline)
  }

  /** @param {Watched} event */
  forget(event) {
    this.#watched.delete(event)
  }

  /** @param {number} when */
  #arm(when) {
    clearTimeout(this.#timer)
    this.#when = when
    if (when === Infinity) return
    this.#timer = setTimeout(
      () => this.#tick(),
      Math.min(Math.max(0, Math.ceil(when - performance.now())), 2 ** 31 - 1),
    )
    this.#timer.unref()
  }

  #tick() {
    const now = performance.now()
    let next = Infinity
    for (const event of [...this.#watched]) {
      if (event.deadline > now) {
        next = Math.min(next, event.deadline)
        continue
      }
      this.#watched.delete(event)
      event.expire()
    }
    this.#arm(next)
  }
}
