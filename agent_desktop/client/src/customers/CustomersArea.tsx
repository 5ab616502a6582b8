/** Customers' records without a call: for whoever is out with them, and for everybody who may read them. */

import { Route, Routes } from "react-router";
import { CustomerPage } from "./CustomerPage";
import { CustomersPage } from "./CustomersPage";
import "./customers.css";

export default function CustomersArea() {
  return (
    <Routes>
      <Route index element={<CustomersPage />} />
      <Route path=":id" element={<CustomerPage />} />
    </Routes>
  );
}
