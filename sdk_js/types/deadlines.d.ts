/**
 * The SDK's own clock on events: one timer for all of them, set to the earliest deadline. The gateway decides by its
 * own; this one ends a handler in good order.
 */
/** @typedef {{ deadline: number, expire(): void }} Watched deadline in ms of `performance.now()` */
export class Deadlines {
    /**
     * Call `event.expire()` when its deadline has passed, until it is forgotten.
     * @param {Watched} event
     */
    watch(event: Watched): void;
    /** @param {Watched} event */
    forget(event: Watched): void;
    #private;
}
/**
 * deadline in ms of `performance.now()`
 */
export type Watched = {
    deadline: number;
    expire(): void;
};
