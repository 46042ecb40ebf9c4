// Lets the terminal's DOM renderer style itself under the content security policy, which allows no inline style.

/** Installs both workarounds; needed before the first terminal is made. */
export function allowTerminalStyles(page: Document): void {
  stampStyleNonce(page);
  setStylesByProperty(HTMLElement.prototype);
}

/** Style elements get the page's nonce at creation, which is before their insertion. */
function stampStyleNonce(page: Document): void {
  const nonce = page.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content;
  if (!nonce) return;
  const createElement = page.createElement.bind(page);
  page.createElement = (name: string, options?: ElementCreationOptions): HTMLElement => {
    const element = createElement(name, options);
    if (name.toLowerCase() === "style") element.setAttribute("nonce", nonce);
    return element;
  };
}

/** The policy forbids the attribute but not the property; the renderer colours its cells by the attribute. */
function setStylesByProperty(prototype: HTMLElement): void {
  const setAttribute = prototype.setAttribute;
  prototype.setAttribute = function (this: HTMLElement, name: string, value: string): void {
    if (name === "style") this.style.cssText = value;
    else setAttribute.call(this, name, value);
  };
}
