import { readFileSync, writeFileSync } from 'node:fs';

/** Hundredths of a second are what Linux counts in. */
const TICKS_PER_SECOND = 100;

/** Seconds of the processor that a process has used; NaN where the system does not tell. */
export function cpuSeconds(pid: number): number {
  if (process.platform !== 'linux') return Number.NaN;
  // After the name, which may hold anything but ends in the last bracket.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Linux keeps the largest resident size of a process, and starts anew when 5 is written here. */
export function forgetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // Not Linux, or not allowed: the figure is then that of the whole life.
  }
}

/** The largest resident size since then, in MB; NaN where there is no /proc. */
export function peakMegabytes(pid: number): number {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? Number.NaN : (Number(kilobytes) * 1024) / 1_000_000;
  } catch {
    return Number.NaN;
  }
}
