/**
 * Return a listening server for `fd:N`, `unix:/path` or a plain path. Rejects with PluginError if the address can't be
 * used. Who may connect is the file's mode to say, 0600: Node has no way to ask for a peer's uid.
 *
 * @param {string} address
 * @returns {Promise<import('node:net').Server>}
 */
export function openListener(address: string): Promise<import("node:net").Server>;
