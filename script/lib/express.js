// express.js PUBLIC WORKERS SESSIONS: what web and api do, as Express does it, for the measurements of services.py.
//
// The page's files compressed, JSON by res.json, queries over a pool of SESSIONS sessions in all, and the events of a run to all who follow it,
// read once for all. Listens on PORT; the database is the one of PGHOST and so on.
"use strict";
const cluster = require("node:cluster");
const express = require("express");
const compression = require("compression");
const { Client, Pool } = require("pg");

const [folder, workers, sessions] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
// The headers that web and api send with every answer.
const headers = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin",
};

function serve() {
    const pool = new Pool({ max: Math.max(1, sessions / workers) });
    const app = express();
    app.disable("x-powered-by");
    app.set("etag", "strong");
    app.use((request, response, next) => {
        response.set(headers);
        response.set("X-Request-ID", Math.random().toString(16).slice(2));
        next();
    });
    app.use(compression({ filter: (request, response) => !request.path.startsWith("/api/") && compression.filter(request, response) }));
    app.get("/health", (request, response) => response.set("Cache-Control", "no-store").json({ status: "alive" }));
    app.get("/api/announcements", async (request, response) => {
        const found = await pool.query(
            `SELECT id, message, floor(extract(epoch FROM published_at) * 1000)::bigint AS at
             FROM announcements ORDER BY id DESC LIMIT $1`, [Number(request.query.limit)]);
        response.set("Cache-Control", "private, no-cache");
        response.json({ announcements: found.rows.map((row) => ({ at: Number(row.at), id: Number(row.id), message: row.message })) });
    });
    app.get("/api/runs", async (request, response) => {
        const limit = Number(request.query.limit);
        const found = await pool.query(
            `SELECT kind, name, position, hash, summary, updated, waiting FROM shipit.journals
             WHERE kind = $1 AND ($2::text IS NULL OR name < $2) ORDER BY name DESC LIMIT $3`, ["run", null, limit + 1]);
        const runs = found.rows.slice(0, limit).map((row) => JSON.parse(row.summary));
        response.set("Cache-Control", "private, no-cache");
        response.json({ next: found.rows.length > limit ? runs.at(-1).id : undefined, runs });
    });
    app.get("/api/runs/:id/stream", async (request, response) => {
        response.set({ "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
        response.write(": following\n\n");
        const feed = await follow(request.params.id, pool);
        response.write(feed.frames.join(""));
        feed.followers.add(response);
        request.on("close", () => feed.followers.delete(response));
    });
    app.use(express.static(folder));
    app.listen(Number(process.env.PORT), "127.0.0.1", 1024);
}

const feeds = new Map();

function follow(run, pool) {
    if (!feeds.has(run)) feeds.set(run, begin(run, pool));
    return feeds.get(run);
}

async function begin(run, pool) {
    const feed = { followers: new Set(), frames: [] };
    let [position, isReading, isAsked] = [0, false, false];
    async function read() {
        isAsked = true;
        if (isReading) return;
        isReading = true;
        while (isAsked) {
            isAsked = false;
            const found = await pool.query(
                `SELECT position, body, previous, hash FROM shipit.entries
                 WHERE kind = $1 AND name = $2 AND position > $3 ORDER BY position LIMIT 500`, ["run", run, position]);
            for (const row of found.rows) {
                const { at, by, event } = JSON.parse(row.body);
                position = Number(row.position);
                const frame = `id: ${position}\ndata: ${JSON.stringify({ at, by, event, position })}\n\n`;
                feed.frames.push(frame);
                for (const follower of feed.followers) follower.write(frame);
            }
        }
        isReading = false;
    }
    const listener = new Client();
    await listener.connect();
    listener.on("notification", read);
    await listener.query("LISTEN shipit");
    await read();
    return feed;
}

if (workers > 1 && cluster.isPrimary) {
    for (let number = 0; number < workers; number++) cluster.fork();
} else {
    serve();
}
