// Gives the focus to what may not be on the page yet: at once where it is, for keys come faster than pictures.

/** Looks once more after the next frame when it was not there, or hidden. */
export function focusSoon(find: () => HTMLElement | null): void {
  const focus = (): boolean => {
    const element = find();
    element?.focus();
    return element !== null && document.activeElement === element;
  };
  if (!focus()) requestAnimationFrame(focus);
}
