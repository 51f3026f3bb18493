/** What a node needs of a logger: data first, then the sentence (pino fits). Never bytes from the network at info. */
export interface Logger {
  error(data: object, message: string): void;
  warn(data: object, message: string): void;
  info(data: object, message: string): void;
  debug(data: object, message: string): void;
}
