const { Router } = require("express");
const { Pool } = require("pg");

const pool = new Pool({ connectionString: process.env.DATABASE_URL });
exports.orders = Router().get("/:id/status", async (request, response) => {
  const { rows } = await pool.query("SELECT status FROM orders WHERE id = $1", [request.params.id]);
  response.json(rows[0]);
});
