/**
 * Return a line and a stack, without the frames of this package.
 * @param {unknown} error whatever was thrown: not always an Error
 * @returns {[text: string, trace: string]}
 */
export function describeError(error: unknown): [text: string, trace: string];
