import { defineConfig } from 'vite';

// The loader: one small classic script for other people's pages. It must not leak a name besides `Parley`.
export default defineConfig({
  build: {
    outDir: 'dist',
    emptyOutDir: false,
    target: 'es2020',
    lib: { entry: 'src/loader/loader.ts', formats: ['iife'], name: '__parleyLoader', fileName: () => 'loader.js' },
  },
});
