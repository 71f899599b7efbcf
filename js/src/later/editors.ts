import type { Choosable } from "../state/choices";
import sheet from "../style/editors.css";
import { FilterDuration } from "../views/filterduration";
import { FilterList } from "../views/filterlist";

OFFER({
  sheet,
  make: ({ store }, of) => (of === "duration_ns" ? new FilterDuration(store) : new FilterList(store, of as Choosable)),
});
