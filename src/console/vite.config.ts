import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Builds the console into dist/console, from where the function app serves it below /api/console/. */
export default defineConfig({
  root: here('.'),
  base: '/api/console/',
  plugins: [react()],
  // The function that serves the page puts a nonce of its own into each answer.
  html: { cspNonce: 'CSP_NONCE' },
  build: {
    outDir: here('../../dist/console'),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
    rollupOptions: {
      input: { index: here('index.html'), embed: here('embed.ts') },
      output: {
        // Portals name embed.js in their pages; all other names change with the content.
        entryFileNames: ({ name }) => (name === 'embed' ? 'embed.js' : 'assets/[name]-[hash].js'),
      },
    },
  },
});
