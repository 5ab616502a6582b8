import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

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
  test: { execArgv: ["--experimental-webstorage", "--localstorage-file=node_modules/.kept-by-tests"] }, // as browsers have
  server: { proxy: { "/api": { target: "http://127.0.0.1:8080", ws: true } } },
});
