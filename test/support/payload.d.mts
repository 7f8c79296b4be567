export type PayloadValue = string | number | boolean | null;
export type PayloadRow = Readonly<Record<string, PayloadValue>>;
export declare const PAYLOAD_COLUMNS: Readonly<Record<string, string>>;
export declare function expectedRow(seed: number, seq: number): PayloadRow;
export declare function messageText(seed: number, seq: number): string;
