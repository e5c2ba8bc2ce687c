/** What a log of an instance holds, as `GET /logs` lists it. */
export interface LogListing {
  readonly instance: string;
  readonly host: string;
  readonly log: string;
  readonly askedMs: number;
  readonly content:
    | {
        readonly from: 'files';
        readonly pattern: string;
        readonly files: readonly {
          readonly path: string;
          readonly sizeBytes: number;
          readonly modifiedMs: number;
        }[];
      }
    | { readonly from: 'journal'; readonly unit: string; readonly lastMs: number | null }
    | { readonly from: 'nowhere'; readonly problem: string };
}

/** Data of the events of `GET /logs/lines`. */
export interface LineEvent {
  readonly instance: string;
  readonly log: string;
  /** Path on the host; null: of a journal. */
  readonly file: string | null;
  readonly timeMs: number | null;
  readonly text: string;
}

export interface NoticeEvent {
  readonly host: string;
  readonly text: string;
  readonly failed: boolean;
}
