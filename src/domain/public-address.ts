/** Which addresses this service may be told to send to: what persons enter must not lead into a private network. */

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** The machine itself, as host of a URL. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

/** Endings that no public name has. */
const INTERNAL =
  /\.(?:local|localhost|internal|intranet|lan|home|corp|private|test|invalid|example|onion|arpa)$/;

/** A name that anyone on the internet can resolve; no IP address. */
export function isPublicName(host: string): boolean {
  const name = host.replace(/\.$/, '').toLowerCase();
  return (
    /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/.test(name) && !INTERNAL.test(name)
  );
}
