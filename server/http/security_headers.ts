// Headers of every response, errors included. `spec/security.md` 4.4 has the reasons.

const PERMISSIONS = ["clipboard-read", "camera", "microphone", "geolocation", "usb", "serial"]
  .map((name) => `${name}=()`).concat("clipboard-write=(self)").join(", ");

/** Adds the headers in place. `nonce` allows one page's style elements (the terminal's). */
export function addSecurityHeaders(headers: Headers, page: { port: number; nonce?: string }): void {
  const styles = page.nonce === undefined ? "'self'" : `'self' 'nonce-${page.nonce}'`;
  headers.set(
    "Content-Security-Policy",
    [
      "default-src 'none'",
      "script-src 'self'",
      `style-src ${styles}`,
      "img-src 'self' data: blob:",
      "font-src 'self'",
      `connect-src 'self' ws://127.0.0.1:${page.port}`,
      "worker-src 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "form-action 'none'",
      "require-trusted-types-for 'script'",
    ].join("; "),
  );
  headers.set("X-Content-Type-Options", "nosniff");
  headers.set("X-Frame-Options", "DENY");
  headers.set("Referrer-Policy", "no-referrer");
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  headers.set("Cross-Origin-Resource-Policy", "same-origin");
  headers.set("Permissions-Policy", PERMISSIONS);
  if (!headers.has("Cache-Control")) headers.set("Cache-Control", "no-store");
}
