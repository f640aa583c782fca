import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  base: '/static/frontend/',
  plugins: [react()],
  resolve: {
    // vtk.js pulls xmlbuilder2, which needs Node's own 'events' and kills the bundle at run time.
    alias: { xmlbuilder2: here('./src/stubs/xmlbuilder2.ts') },
  },
  worker: { format: 'es' },
  build: {
    outDir: '../static_build/frontend',
    emptyOutDir: true,
    manifest: true,
    target: 'es2022',
    chunkSizeWarningLimit: 6000,
    rolldownOptions: { input: 'src/main.tsx' },
  },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.{ts,tsx}'],
  },
})
