import { defineConfig } from 'vite';

// The frame: the document that Parley serves at /widget/v1/frame. Hashed assets are cached for ever.
export default defineConfig({
  base: '/widget/v1/',
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    rollupOptions: { input: 'frame.html' },
  },
});
