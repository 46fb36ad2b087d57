import type { CompressedBlock } from '../../rows/row-source';

/** Some rows as they stand in a file: indices as they are written there, and what stands before each row's values. */
export interface SvmlightBlock extends CompressedBlock {
  readonly labels: Float64Array;
  readonly values: Float64Array;
  /** Of the first row, from 1 on, as editors count. */
  readonly firstLine: number;
}

/** What is wrong with a line, counted from 1 as editors do. */
export class BadLine extends Error {
  constructor(
    readonly line: number,
    message: string,
    /** Whether it is a number that is too large, or none. */
    readonly isNotFinite = false,
  ) {
    super(message);
  }
}

/** A mebibyte of entries. */
const ENTRIES_OF_BLOCK = Math.floor((1 << 20) / 12);
const ROWS_OF_BLOCK = 1 << 16;

/** An index travels as a 32-bit number, of which the largest stands for none. */
const LARGEST_INDEX = 0xffff_fffd;

/** In bytes: the most columns there are, each with digits enough, take less. */
const LONGEST_LINE = 2 ** 28;

const [TAB, LINE_FEED, RETURN, SPACE] = [9, 10, 13, 32];
const [HASH, PLUS, COMMA, MINUS, DOT, ZERO, NINE, COLON] = [35, 43, 44, 45, 46, 48, 57, 58];
const [LARGE_E, SMALL_E, SMALL_I, SMALL_Q, SMALL_D] = [69, 101, 105, 113, 100];

/** The powers of ten that a double holds exactly. */
const TENS = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));

/** Whether a byte ends a word: a space, the end of a line, or what begins a comment. */
function endsWord(byte: number): boolean {
  return byte === SPACE || (byte >= TAB && byte <= RETURN) || byte === HASH;
}

/**
 * Takes SVMlight's text apart: a line a row, `label [qid:n] index:value index:value … # comment`, with rising indices. Bytes come in
 * pieces; what is held of them is a line that is not whole yet.
 */
export class SvmlightParser {
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #rest: Uint8Array = new Uint8Array(0);
  #line = 0;
  /** Of the rows being collected. */
  #labels = new Float64Array(ROWS_OF_BLOCK);
  #lengths = new Uint32Array(ROWS_OF_BLOCK);
  #indices = new Uint32Array(ENTRIES_OF_BLOCK);
  #values = new Float64Array(ENTRIES_OF_BLOCK);
  #rows = 0;
  #entries = 0;
  #firstLine = 1;

  /**
   * The blocks that become whole by more bytes.
   *
   * @throws BadLine for what is no such line
   */
  *push(bytes: Uint8Array): Generator<SvmlightBlock> {
    const last = bytes.lastIndexOf(LINE_FEED);
    if (last < 0) {
      if (this.#rest.length > LONGEST_LINE) throw new BadLine(this.#line + 1, 'is too long');
      this.#rest = joined(this.#rest, bytes);
      return;
    }
    const whole = bytes.subarray(0, last + 1);
    const text = this.#rest.length === 0 ? whole : joined(this.#rest, whole);
    this.#rest = bytes.slice(last + 1);
    yield* this.#lines(text);
  }

  /** What is left at the end of the file, whose last line need not be ended. */
  *end(): Generator<SvmlightBlock> {
    if (this.#rest.length > 0) yield* this.#lines(joined(this.#rest, Uint8Array.of(LINE_FEED)));
    if (this.#rows > 0) yield this.#finished();
  }

  /** Bytes that end with the end of a line. */
  *#lines(text: Uint8Array): Generator<SvmlightBlock> {
    this.#bytes = text;
    const isMarked = this.#line === 0 && text[0] === 0xef && text[1] === 0xbb && text[2] === 0xbf;
    this.#at = isMarked ? 3 : 0;
    while (this.#at < text.length) {
      this.#line += 1;
      if (this.#nextWord()) this.#row();
      while (text[this.#at] !== LINE_FEED) this.#at += 1;
      this.#at += 1;
      if (this.#entries >= ENTRIES_OF_BLOCK || this.#rows === ROWS_OF_BLOCK) yield this.#finished();
    }
  }

  #finished(): SvmlightBlock {
    const block = {
      labels: this.#labels.slice(0, this.#rows),
      lengths: this.#lengths.slice(0, this.#rows),
      columns: this.#indices.slice(0, this.#entries),
      values: this.#values.slice(0, this.#entries),
      firstLine: this.#firstLine,
    };
    this.#rows = 0;
    this.#entries = 0;
    return block;
  }

  /** Goes to the next word of the line; false where there is none. */
  #nextWord(): boolean {
    const bytes = this.#bytes;
    let at = this.#at;
    let byte = bytes[at] as number;
    while (byte === SPACE || (byte >= TAB && byte <= RETURN && byte !== LINE_FEED))
      byte = bytes[++at] as number;
    this.#at = at;
    return byte !== LINE_FEED && byte !== HASH;
  }

  #row(): void {
    if (this.#rows === 0) this.#firstLine = this.#line;
    const begin = this.#at;
    const label = this.#number();
    if (!endsWord(this.#bytes[this.#at] as number)) throw this.#badLabel(begin);
    if (!Number.isFinite(label)) throw this.#notFinite(begin);
    const first = this.#entries;
    let before = -1;
    if (this.#nextWord() && this.#isQuery()) this.#query();
    while (this.#nextWord()) {
      const start = this.#at;
      const index = this.#index();
      if (index < 0) throw this.#badEntry(start);
      if (index <= before) throw this.#outOfOrder(index, before);
      if (index > LARGEST_INDEX) throw this.#bad(`the index ${index} is too large`);
      before = index;
      const digits = this.#at;
      const value = this.#number();
      if (this.#at === digits || !endsWord(this.#bytes[this.#at] as number)) throw this.#badEntry(start);
      if (!Number.isFinite(value)) throw this.#notFinite(start);
      if (this.#entries === this.#values.length) this.#makeRoom();
      this.#indices[this.#entries] = index;
      this.#values[this.#entries] = value;
      this.#entries += 1;
    }
    this.#labels[this.#rows] = label;
    this.#lengths[this.#rows] = this.#entries - first;
    this.#rows += 1;
  }

  /** For a row that is larger than a block. */
  #makeRoom(): void {
    const [indices, values] = [this.#indices, this.#values];
    this.#indices = new Uint32Array(2 * indices.length);
    this.#indices.set(indices);
    this.#values = new Float64Array(2 * values.length);
    this.#values.set(values);
  }

  #isQuery(): boolean {
    const bytes = this.#bytes;
    const at = this.#at;
    return (
      bytes[at] === SMALL_Q &&
      bytes[at + 1] === SMALL_I &&
      bytes[at + 2] === SMALL_D &&
      bytes[at + 3] === COLON
    );
  }

  /** Which query a row is of matters to who ranks. */
  #query(): void {
    const begin = this.#at;
    this.#at += 4;
    if (this.#bytes[this.#at] === MINUS) this.#at += 1;
    const digits = this.#at;
    while (isDigit(this.#bytes[this.#at] as number)) this.#at += 1;
    if (this.#at === digits || !endsWord(this.#bytes[this.#at] as number))
      throw this.#bad(`${this.#word(begin)} is no qid:number`);
  }

  /** What stands before a colon, which is gone past; −1 where it is no whole number. */
  #index(): number {
    const bytes = this.#bytes;
    let at = this.#at;
    let index = 0;
    let byte = bytes[at] as number;
    const begin = at;
    while (byte >= ZERO && byte <= NINE) {
      index = index * 10 + (byte - ZERO);
      byte = bytes[++at] as number;
    }
    this.#at = at + 1;
    return byte === COLON && at > begin ? index : -1;
  }

  /**
   * A decimal number, up to what is no part of it: NaN where there is none. Up to 2⁵³ digits are a double, and so are the
   * powers of ten up to 10²², so that their product or quotient is rounded once; of other numbers JavaScript reads the text.
   */
  #number(): number {
    const bytes = this.#bytes;
    const begin = this.#at;
    let at = begin;
    let byte = bytes[at] as number;
    const isNegative = byte === MINUS;
    if (isNegative || byte === PLUS) byte = bytes[++at] as number;
    const digits = at;
    let mantissa = 0;
    let power = 0;
    while (byte >= ZERO && byte <= NINE) {
      mantissa = mantissa * 10 + (byte - ZERO);
      byte = bytes[++at] as number;
    }
    let count = at - digits;
    if (byte === DOT) {
      const point = at;
      byte = bytes[++at] as number;
      while (byte >= ZERO && byte <= NINE) {
        mantissa = mantissa * 10 + (byte - ZERO);
        byte = bytes[++at] as number;
      }
      power = point + 1 - at;
      count -= power;
    }
    if (count === 0) {
      this.#at = at;
      return this.#named(begin);
    }
    if (byte === SMALL_E || byte === LARGE_E) {
      byte = bytes[++at] as number;
      const isSmall = byte === MINUS;
      if (isSmall || byte === PLUS) byte = bytes[++at] as number;
      const from = at;
      let exponent = 0;
      while (byte >= ZERO && byte <= NINE) {
        exponent = exponent * 10 + (byte - ZERO);
        byte = bytes[++at] as number;
      }
      // Nothing after e: the word does not end here as it should.
      if (at === from) at -= 1;
      power += isSmall ? -exponent : exponent;
    }
    this.#at = at;
    if (mantissa > Number.MAX_SAFE_INTEGER || power < -22 || power > 22)
      return Number(textOf(bytes, begin, at));
    const size = power < 0 ? mantissa / (TENS[-power] as number) : mantissa * (TENS[power] as number);
    return isNegative ? -size : size;
  }

  /** NaN, or the words for what is not finite, which are gone past. */
  #named(begin: number): number {
    const bytes = this.#bytes;
    let end = begin;
    while (!endsWord(bytes[end] as number)) end += 1;
    const isNamed = /^[-+]?(?:nan|inf|infinity)$/i.test(textOf(bytes, begin, end));
    this.#at = isNamed ? end : begin;
    return NaN;
  }

  #word(begin: number): string {
    let end = begin;
    while (!endsWord(this.#bytes[end] as number)) end += 1;
    const text = textOf(this.#bytes, begin, end);
    return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
  }

  #bad(message: string): BadLine {
    return new BadLine(this.#line, message);
  }

  #badLabel(begin: number): BadLine {
    const word = this.#word(begin);
    if (this.#bytes.subarray(begin, this.#at + 1).includes(COMMA))
      return this.#bad(`${word} are several labels, and a row has one here: give a file for each label`);
    const isEntry = word.includes(':');
    const why = isEntry ? ': a line begins with its label, for which 0 will do where none is known' : '';
    return this.#bad(`the label ${word} is no number${why}`);
  }

  #badEntry(begin: number): BadLine {
    return this.#bad(`${this.#word(begin)} is no index:value of a whole number from 0 on and a number`);
  }

  #outOfOrder(index: number, before: number): BadLine {
    const is =
      index === before ? `the index ${index} stands twice` : `the index ${index} stands after ${before}`;
    return this.#bad(`${is}: those of a line must rise`);
  }

  #notFinite(begin: number): BadLine {
    return new BadLine(this.#line, `${this.#word(begin)} is not finite`, true);
  }
}

const isDigit = (byte: number): boolean => byte >= ZERO && byte <= NINE;

function textOf(bytes: Uint8Array, begin: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + begin, end - begin).toString('utf8');
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
