// Lets the terminal's own style elements pass the content security policy.

/**
 * Stamps the page's nonce on each style element at creation, which is before its insertion.
 * The terminal's DOM renderer writes rules into such elements and knows nothing of nonces.
 */
export function stampStyleNonce(target: Document): void {
  const nonce = target.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content;
  if (!nonce) return;
  const createElement = target.createElement.bind(target);
  target.createElement = (name: string, options?: ElementCreationOptions): HTMLElement => {
    const element = createElement(name, options);
    if (name.toLowerCase() === "style") element.setAttribute("nonce", nonce);
    return element;
  };
}
