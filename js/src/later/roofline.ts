import sheet from "../style/roofline.css";
import { RooflineView } from "../views/roofline";

OFFER({
  sheet,
  make: ({ store, theme, tooltip, signal, bars }) => new RooflineView(store, theme, tooltip, signal, bars.bokeh),
});
