import sheet from "../style/details.css";
import { DetailsView } from "../views/details";

OFFER({ sheet, make: ({ store, signal }) => new DetailsView(store, signal) });
