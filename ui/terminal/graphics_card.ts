// Tells whether WebGL is drawn by a graphics card: by the processor it holds up the page for longer than DOM elements do.

const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/** False also where there is no WebGL at all. */
export function hasGraphicsCard(): boolean {
  const gl = new OffscreenCanvas(1, 1).getContext("webgl2");
  if (gl === null) return false;
  const info = gl.getExtension("WEBGL_debug_renderer_info");
  const name = info === null ? "" : String(gl.getParameter(info.UNMASKED_RENDERER_WEBGL));
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return !SOFTWARE.test(name);
}
