/** Unpacks the browser of the npm package into the directory for temporary files, which is that of `TMPDIR`. */
import chromium from '@sparticuz/chromium';

await chromium.executablePath();
