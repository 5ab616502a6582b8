import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** What the server serves below /desktop/ (cti_server/api/desktop_page.py). */
export default defineConfig({
  base: "/desktop/",
  plugins: [react()],
  build: {
    outDir: "../built",
    emptyOutDir: true,
    assetsInlineLimit: 0, // the page's policy lets nothing in that is not a file of the server's
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { "/api": { target: "http://127.0.0.1:8080", ws: true } } },
});
