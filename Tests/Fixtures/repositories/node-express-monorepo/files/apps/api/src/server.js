const express = require("express");
const { orders } = require("./orders");

const app = express();
app.use("/api/orders", orders);

// "/ready" is only a comment
app.get("/health", (request, response) => response.json({ status: "ok" }));

app.listen(process.env.PORT || 4000);
