export { Markup, markup, NOTHING } from './markup.js';
export { writeHtml } from './html/write-html.js';
export type {
  Input,
  Output,
  Report,
  ReportList,
  Resource,
  Run,
  Study,
  Subject,
  TeamMember,
  Thing,
} from './report.js';
export { writeDocx } from './word/write-docx.js';
