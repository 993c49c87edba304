import type { PageFiles } from "../src/admin/resources/page.js";

export function dashboardFiles(): Promise<PageFiles>;
