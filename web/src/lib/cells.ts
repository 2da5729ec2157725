// A chart's figures as rows of a table. Never lays anything out.

export interface Cells {
  columns: Column[];
  /** As written; null where there is nothing. */
  rows: (string | null)[][];
  /** What the rows leave out, or how they are to be read. */
  note?: string;
}

export interface Column {
  name: string;
  /** Words stand at the left, figures at the right. */
  words?: boolean;
}
