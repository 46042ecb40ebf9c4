// Writes the sequences that give a terminal exactly these attributes, bit for bit as xterm keeps them.
import { BG, COLOR, FG, UNDERLINE_STYLE_SHIFT } from "./xterm_core.ts";

/** What the next character would be printed with. */
export interface Attributes {
  fg: number;
  bg: number;
  /** Underline style and colour. */
  ext: number;
  /** Number of the open hyperlink, 0 for none. */
  link: number;
}

export const PLAIN: Readonly<Attributes> = { fg: 0, bg: 0, ext: 0, link: 0 };

/** Target of a hyperlink that the terminal itself has forgotten. */
const LOST_LINK = "lost:";

const STYLE_MASK = 7 << UNDERLINE_STYLE_SHIFT;
/** Bits that only an underline or a link sets, never SGR alone. */
const DERIVED = { fg: FG.underline, bg: BG.extended };

/** Flags and the SGR codes that switch them on and off. */
const FG_FLAGS: [bit: number, on: number, off: number][] = [
  [FG.bold, 1, 22],
  [FG.blink, 5, 25],
  [FG.inverse, 7, 27],
  [FG.invisible, 8, 28],
  [FG.strikethrough, 9, 29],
];
const BG_FLAGS: [bit: number, on: number, off: number][] = [
  [BG.dim, 2, 22],
  [BG.italic, 3, 23],
  [BG.overline, 53, 55],
];

export interface PenOptions {
  /** Target and id of a hyperlink by its number. */
  linkData(link: number): { id?: string; uri: string } | undefined;
}

/** Follows the attributes of the terminal that will read the sequences. It starts plain. */
export class Pen {
  readonly #options: PenOptions;
  #now: Attributes = { ...PLAIN };

  constructor(options: PenOptions) {
    this.#options = options;
  }

  get now(): Readonly<Attributes> {
    return this.#now;
  }

  /** Sequences to these attributes; empty if it has them. `slot` wraps what overwrites the saved cursor. */
  to(target: Attributes, slot: { enter: string; leave: string } = NO_SLOT): string {
    if (isSame(target, this.#now)) return "";
    if (!isSelfMade(target)) return slot.enter + this.#toDerived(target) + slot.leave;
    const reset = isSelfMade(this.#now) ? "" : this.#reset();
    return reset + this.#toLink(target.link) + this.#toSgr(target);
  }

  /** Attributes that a restored cursor brings: the underline and link bits stay, whatever is open. */
  restored(saved: { fg: number; bg: number }): void {
    this.#now = { ...this.#now, fg: saved.fg, bg: saved.bg };
  }

  /** From restored attributes to `target`, whose underline and link bits must be the same. */
  adjust(target: Attributes): string {
    return this.#toSgr({ ...target, ext: this.#now.ext }, this.#now);
  }

  #reset(): string {
    this.#now = { ...PLAIN };
    return "\x1b[m\x1b]8;;\x1b\\";
  }

  #toLink(link: number): string {
    if (link === this.#now.link) return "";
    this.#now = withLink(this.#now, link);
    if (link === 0) return "\x1b]8;;\x1b\\";
    const { id, uri } = this.#options.linkData(link) ?? { uri: LOST_LINK };
    return `\x1b]8;${id === undefined ? "" : `id=${id}`};${uri}\x1b\\`;
  }

  #toSgr(target: Attributes, from = this.#startFor(target)): string {
    const codes = from === this.#now ? [] : ["0"];
    codes.push(...flagCodes(from, target), ...colorCodes(from, target));
    const changesProtection = ((from.bg ^ target.bg) & BG.protected) !== 0;
    this.#now = { ...target };
    return sgr(codes) + (changesProtection ? `\x1b[${target.bg & BG.protected ? 1 : 0}"q` : "");
  }

  /** Where the way to the target begins: here, or at a reset where that is shorter or the only way. */
  #startFor(target: Attributes): Attributes {
    const losesColor = (target.ext & COLOR.mask) === 0 && (this.#now.ext & COLOR.mask) !== 0;
    const isPlain = target.fg === 0 && (target.bg & ~BG.extended) === 0 && (target.ext & STYLE_MASK) === 0;
    return losesColor || isPlain ? withLink(PLAIN, this.#now.link) : this.#now;
  }

  /**
   * Restoring a cursor restores flags but not the underline style and link they came with. Such a mixture can
   * only be made the same way: by saving one pen and restoring it over another.
   */
  #toDerived(target: Attributes): string {
    const flags = this.toFlags(target);
    const under = this.#reset() + this.to(completed({ fg: 0, bg: 0, ext: target.ext, link: target.link }));
    this.#now = { ...target };
    return `${flags}\x1b7${under}\x1b8`;
  }

  /** Exactly these `fg` and `bg`, with any underline style and link. Overwrites the saved cursor if need be. */
  toFlags({ fg, bg }: { fg: number; bg: number }): string {
    const underlined = (fg & DERIVED.fg) !== 0;
    const extended = (bg & DERIVED.bg) !== 0;
    const style = underlined ? 1 << UNDERLINE_STYLE_SHIFT : 0;
    if (underlined === extended) return this.to({ fg, bg, ext: style, link: 0 });
    if (extended) return this.to({ fg, bg, ext: 0, link: -1 });
    const full = this.to({ fg, bg: bg | BG.extended, ext: style, link: 0 });
    this.#now = { fg, bg, ext: 0, link: 0 };
    return `${full}\x1b7\x1b[m\x1b8\x1b]8;;\x1b\\`;
  }
}

const NO_SLOT = { enter: "", leave: "" };

/** Whether SGR and OSC 8 alone lead to these attributes. */
export function isSelfMade({ fg, bg, ext, link }: Attributes): boolean {
  const hasStyle = (ext & STYLE_MASK) !== 0;
  return (fg & FG.underline) !== 0 === hasStyle && (bg & BG.extended) !== 0 === (hasStyle || link !== 0);
}

/** The attributes with the bits that their underline style and link bring. */
function completed(target: Attributes): Attributes {
  const fg = (target.ext & STYLE_MASK) === 0 ? target.fg : target.fg | FG.underline;
  return withLink({ ...target, fg }, target.link);
}

function withLink(attributes: Attributes, link: number): Attributes {
  const isExtended = link !== 0 || (attributes.ext & STYLE_MASK) !== 0;
  const bg = isExtended ? attributes.bg | BG.extended : attributes.bg & ~BG.extended;
  return { ...attributes, bg, link };
}

/** Bit by bit: cells hold unsigned numbers, the pen signed ones. */
export function isSame(one: Attributes, other: Attributes): boolean {
  return ((one.fg ^ other.fg) | (one.bg ^ other.bg) | (one.ext ^ other.ext)) === 0 && one.link === other.link;
}

function flagCodes(from: Attributes, to: Attributes): string[] {
  const codes: string[] = [];
  const dropsWeight = (from.fg & ~to.fg & FG.bold) !== 0 || (from.bg & ~to.bg & BG.dim) !== 0;
  let { fg, bg } = from;
  if (dropsWeight) {
    codes.push("22");
    fg &= ~FG.bold;
    bg &= ~BG.dim;
  }
  for (const [bit, on, off] of FG_FLAGS) if ((fg ^ to.fg) & bit) codes.push(`${to.fg & bit ? on : off}`);
  for (const [bit, on, off] of BG_FLAGS) if ((bg ^ to.bg) & bit) codes.push(`${to.bg & bit ? on : off}`);
  const style = (to.ext & STYLE_MASK) >>> UNDERLINE_STYLE_SHIFT;
  if (style !== (from.ext & STYLE_MASK) >>> UNDERLINE_STYLE_SHIFT) {
    codes.push(style === 0 ? "24" : style === 1 ? "4" : `4:${style}`);
  }
  return codes;
}

function colorCodes(from: Attributes, to: Attributes): string[] {
  return [
    ...color(from.fg, to.fg, { base: 30, bright: 90, extended: 38, reset: ["39"] }),
    ...color(from.bg, to.bg, { base: 40, bright: 100, extended: 48, reset: ["49"] }),
    ...color(from.ext, to.ext, { base: 0, bright: 0, extended: 58, reset: [] }),
  ];
}

interface ColorCodes {
  base: number;
  bright: number;
  extended: number;
  /** Back to the default colour; underlines have no such code that works. */
  reset: string[];
}

/** An indexed colour set over an RGB one keeps its upper bits in xterm, hence the detour. */
function color(from: number, to: number, codes: ColorCodes): string[] {
  if ((from & COLOR.mask) === (to & COLOR.mask)) return [];
  const mode = to & COLOR.modeMask;
  if (mode === 0) return codes.reset;
  const { red, green, blue } = channels(to);
  if (mode === COLOR.rgb) return [`${codes.extended};2;${red};${green};${blue}`];
  const index = to & COLOR.indexMask;
  const code = mode === COLOR.palette
    ? `${codes.extended};5;${index}`
    : `${(index & 8 ? codes.bright : codes.base) + (index & 7)}`;
  const leftOver = from & COLOR.valueMask & ~COLOR.indexMask;
  if (leftOver === (to & COLOR.valueMask & ~COLOR.indexMask)) return [code];
  if (red === 0 && green === 0 && codes.reset.length > 0) return [...codes.reset, code];
  return [`${codes.extended};2;${red};${green};0`, code];
}

function channels(value: number): { red: number; green: number; blue: number } {
  return { red: value >>> 16 & 0xff, green: value >>> 8 & 0xff, blue: value & 0xff };
}

/** One sequence holds at most 32 parameters. */
const MAX_CODES = 5;

function sgr(codes: string[]): string {
  let text = "";
  for (let at = 0; at < codes.length; at += MAX_CODES) {
    const group = codes.slice(at, at + MAX_CODES).join(";");
    text += `\x1b[${group === "0" ? "" : group}m`;
  }
  return text;
}

/** SGR parameters for a status report, from plain. */
export function sgrParameters(target: Attributes): string {
  return ["0", ...flagCodes({ ...PLAIN }, target), ...colorCodes({ ...PLAIN }, target)].join(";");
}
