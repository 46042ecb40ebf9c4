// Import this before @xterm/addon-unicode-graphemes: while loading it reads its table through `buffer` of a small Buffer
// and, when that is a part of the shared pool, inflates garbage for ever.
import { Buffer } from "node:buffer";

Buffer.poolSize = 0;
