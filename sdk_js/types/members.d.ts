/**
 * Return a member's own socket path: `/run/plugins.sock` -> `/run/plugins.0.sock`.
 * @param {string} path
 * @param {number} member
 */
export function memberPath(path: string, member: number): string;
/**
 * Run `count` members until SIGTERM or SIGINT.
 * @param {string} program this package's executable
 * @param {readonly string[]} args of each member
 * @param {string} path
 * @param {number} count
 * @param {(line: string) => void} report
 */
export function runMembers(program: string, args: readonly string[], path: string, count: number, report: (line: string) => void): Promise<void>;
