import sheet from "../style/layers.css";
import { LayersView } from "../views/layers";

OFFER({
  sheet,
  make: ({ store, theme, tooltip, signal, bars }) => new LayersView(store, theme, tooltip, signal, bars),
});
