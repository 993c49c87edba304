// What was decided for each pool, for people: in the terminal, as Markdown, as a page.
export * from "./report/report-html";
export * from "./report/report-markdown";
export * from "./report/report-text";
export * from "./report/stack-report";
export * from "./report/tuning-report";
