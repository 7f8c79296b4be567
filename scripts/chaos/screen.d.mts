interface Output {
  readonly columns?: number;
  write(text: string): unknown;
}

export declare class Screen {
  constructor(stream: Output, isLive: boolean);
  print(text: string): void;
  status(text: string): void;
  end(): void;
}

export function canRedraw(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean;
