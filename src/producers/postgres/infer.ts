import { fitsDouble, isInteger } from '../../utils/decimal.js';
import { JSON_KIND } from '../../utils/json/json-kind.js';
import { parseRfc3339 } from '../../utils/rfc3339.js';
import type { ColumnType } from '../../utils/rows/decode-settings.js';
import { NOT_SHORT, type RowCells } from '../../utils/rows/row-cells.js';
import { literalText } from './encode/cell-encoder.js';

const INT8_MAX = 2n ** 63n - 1n;
const NUMBER = /^-?\d+(\.\d+)?$/;
const SAFE_MAX = 2n ** 53n - 1n;

/** What kinds of values were seen under one key. */
export class Observation {
  #bool = false;
  #integer = false;
  /** An integer that a double may not keep. */
  #wideInteger = false;
  #float = false;
  /** A number that neither int8 nor float8 keeps. */
  #other = false;
  #instant = false;
  #text = false;
  #structure = false;
  /** Whether all text was a number's. */
  #onlyNumbersAsText = true;

  /** Takes in cell `i`, which is not null. */
  observe(cells: RowCells, i: number): void {
    switch (cells.kinds[i]) {
      case JSON_KIND.true:
      case JSON_KIND.false:
        this.#bool = true;
        break;
      case JSON_KIND.number:
        if (cells.scales[i] === 0) this.#integer = true;
        else if (cells.scales[i] !== NOT_SHORT) this.#float = true;
        else this.#observeNumber(literalText(cells, i) as string);
        break;
      case JSON_KIND.string:
        // Once it is some text or other, what text does not matter.
        if (!this.#text || this.#onlyNumbersAsText) this.#observeText(literalText(cells, i) as string);
        break;
      default:
        this.#structure = true;
    }
  }

  /** The narrowest type that keeps everything seen, to the last digit; jsonb where kinds are mixed. */
  get type(): ColumnType {
    const isNumber = this.#integer || this.#float || this.#other;
    const isString = this.#instant || this.#text;
    const families = [this.#bool, isNumber, isString, this.#structure].filter(Boolean).length;
    if (families > 1 || this.#structure) return 'jsonb';
    if (this.#bool) return 'bool';
    if (isNumber) return this.#numberType();
    return this.#text ? 'text' : 'timestamptz';
  }

  /** Whether it is text, and every one a number in quotes: nothing is guessed, but `columns:` could say so. */
  get isNumberAsText(): boolean {
    return this.#onlyNumbersAsText && this.type === 'text';
  }

  #numberType(): ColumnType {
    if (this.#other || (this.#wideInteger && this.#float)) return 'numeric';
    return this.#float ? 'float8' : 'int8';
  }

  #observeNumber(text: string): void {
    if (isInteger(text, INT8_MAX)) {
      this.#integer = true;
      this.#wideInteger ||= !isInteger(text, SAFE_MAX);
    } else if (fitsDouble(text) && /[.eE]/.test(text)) this.#float = true;
    else this.#other = true;
  }

  #observeText(text: string): void {
    this.#onlyNumbersAsText &&= NUMBER.test(text);
    if (parseRfc3339(text) === undefined) this.#text = true;
    else this.#instant = true;
  }
}
