/**
 * What the SDK raises: errors a plugin may catch, and the two that end a handler from outside.
 *
 * A plugin may bring its own copy of this package. So the server tells errors by their `name`, never by their class.
 */
/** Base of all errors of this package. */
export class OarlockError extends Error {
}
/**
 * A PDK function refused its arguments or failed in the gateway. `code` is a word to act on (`bad_args`,
 * `wrong_phase`, `unsupported`, `too_large`, `deadline`, `pdk`, `internal` …), the message is for people.
 */
export class PdkError extends OarlockError {
    /**
     * @param {string} code
     * @param {string} [text]
     */
    constructor(code: string, text?: string);
    code: string;
    text: string;
}
/** A configuration does not fit. A plugin may throw it from its constructor or `start` to refuse its own. */
export class ConfigError extends OarlockError {
}
/** A plugin is declared wrongly, or can't be served: its author has to change something. */
export class PluginError extends OarlockError {
}
/** The gateway sent something that oarlock/1 forbids; the connection can't go on. `code` goes into DRAIN. */
export class ProtocolError extends OarlockError {
    /**
     * @param {string} text
     * @param {string} [code]
     */
    constructor(text: string, code?: string);
    code: string;
}
/** The event is over (deadline, client gone, exit, an earlier step): the handler is to end, nobody waits for it. */
export class Gone extends OarlockError {
}
/**
 * `kong.response.exit` or `kong.response.error` was called. It ends the handler; whoever catches it changes nothing:
 * the outcome stands, and every further PDK call throws `Gone`.
 */
export class Ended extends OarlockError {
}
