import sheet from "../style/timeline.css";
import { TimelineView } from "../views/timeline";

OFFER({ sheet, make: ({ store, theme, tooltip, signal }) => new TimelineView(store, theme, tooltip, signal) });
