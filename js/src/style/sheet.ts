// The style sheet of the shadow root, one file for each view. What parts that come later bring stands between the two;
// narrow.css comes last, since it overrides.

import base from "./base.css";
import filters from "./filters.css";
import findings from "./findings.css";
import flame from "./flame.css";
import frame from "./frame.css";
import header from "./header.css";
import histogram from "./histogram.css";
import later from "./later.css";
import narrow from "./narrow.css";
import panel from "./panel.css";
import plot from "./plot.css";
import popup from "./popup.css";
import table from "./table.css";
import tooltip from "./tooltip.css";

export const SHEET = [base, header, filters, panel, findings, flame, histogram, plot, table, later].join("\n");
export const LAST_SHEET = [tooltip, popup, frame, narrow].join("\n");
