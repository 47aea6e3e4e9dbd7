import { readFileSync } from 'node:fs';

const lookEveryMs = 500;

/**
 * Calls back when npm, or a process between it and this one, is gone. npm passes a signal on to its shell
 * only, which dies without telling its child: without this look the stack would go on serving without an owner.
 * Started without npm, or where there is no /proc, nothing is watched.
 */
export function whenOwnerEnds(onEnd: () => void): void {
  const chain = process.env.npm_lifecycle_event === undefined ? [] : processesUpToNpm();
  if (chain.length === 0) {
    return;
  }
  const look = setInterval(() => {
    if (!chain.every(isAlive)) {
      clearInterval(look);
      onEnd();
    }
  }, lookEveryMs);
  look.unref();
}

function processesUpToNpm(): number[] {
  const chain: number[] = [];
  for (let pid = process.ppid; pid > 1; ) {
    const status = statusOf(pid);
    if (status === undefined) {
      return [];
    }
    chain.push(pid);
    if (status.name.startsWith('npm')) {
      return chain;
    }
    pid = status.parent;
  }
  return [];
}

function statusOf(pid: number): { name: string; parent: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    return {
      name: /^Name:\s+(.+)$/m.exec(text)?.[1] ?? '',
      parent: Number(/^PPid:\s+(\d+)$/m.exec(text)?.[1] ?? 0),
    };
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
