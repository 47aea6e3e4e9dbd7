/**
 * Loaded before the entry of every part of the stack. The channel to the stack is the leash: when the stack
 * dies, however it dies, the channel closes and the part ends. An interrupt from the keyboard reaches all
 * processes at once; the order of ending is the stack's to decide, so here it only must not kill.
 */
const graceMs = 3000;

process.on('SIGINT', () => undefined);
process.once('disconnect', () => {
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => process.exit(1), graceMs).unref();
});
process.channel?.unref();
