import sheet from "../style/kernels.css";
import { TableView } from "../views/table";

OFFER({ sheet, make: ({ store, signal }) => new TableView(store, signal) });
