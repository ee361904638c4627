// Keeps a copy of what Seedwire publishes, and prints every change as a line of JSON.
//
//     npm install kafkajs
//     SEEDWIRE_KAFKA=localhost:9092 node consumer.js
//
// It continues where it stopped, from checkpoint.json in the current folder. Replace `tell` by what
// you do with an article, and save the checkpoint with your copy, in one transaction.
const fs = require("fs");
const { randomUUID } = require("crypto");
const { Kafka, logLevel } = require("kafkajs");

const LOG = "published.log";
const STATE = "published.state";
const FILE = "checkpoint.json";
const SHOWN = ["io.seedwire.article.published.v1", "io.seedwire.article.updated.v1"];
const ENDED = "io.seedwire.article.retracted.v1";
const TOMBSTONE = "io.seedwire.article.removed.v1";

const kafka = new Kafka({
  brokers: process.env.SEEDWIRE_KAFKA.split(","),
  logLevel: logLevel.NOTHING,
  retry: { retries: 100, maxRetryTime: 1000 },
});
const admin = kafka.admin();

// `offsets`: where to continue in each partition of the log; null: take a snapshot first.
// `seen`: the highest revision of everything, also of what is no longer shown, because a late repeat
// must not bring it back.
let copy = { cluster: "", offsets: null, shown: {}, seen: {} };

function tell(op, id, revision) {
  process.stdout.write(JSON.stringify({ op, id, revision }) + "\n");
}

function save() {
  fs.writeFileSync(FILE + ".new", JSON.stringify(copy));
  fs.renameSync(FILE + ".new", FILE); // a crash leaves the old one or the new one
}

// What a record says: {op, id, revision}, or null for junk and for types that came later.
function read(message) {
  const headers = message.headers || {};
  const type = String(headers.ce_type || "");
  const key = String(message.key || "");
  if (message.value === null) {
    const match = /^(.+)\.(\d+)\.tombstone$/s.exec(String(headers.ce_id || ""));
    const isOurs = type === TOMBSTONE && match && match[1] === key;
    return isOurs ? { op: "remove", id: key, revision: Number(match[2]) } : null;
  }
  if (!SHOWN.includes(type) && type !== ENDED) return null;
  try {
    const { id, revision } = JSON.parse(message.value.toString());
    if (id !== key || !Number.isSafeInteger(revision)) return null;
    return { op: type === ENDED ? "remove" : "upsert", id, revision };
  } catch {
    return null;
  }
}

// Take a change down unless it is a repeat. Returns whether a revision before it was missed.
function apply({ op, id, revision }) {
  const known = copy.seen[id] || 0;
  if (revision <= known) return false;
  copy.seen[id] = revision;
  if (op === "upsert") copy.shown[id] = revision;
  else delete copy.shown[id];
  tell(op, id, revision);
  return known > 0 && revision > known + 1;
}

async function findOffsets(topic) {
  const found = await admin.fetchTopicOffsets(topic);
  return new Map(found.map((each) => [each.partition, { low: +each.low, high: +each.high }]));
}

// Decide where to continue: in the log, or with a snapshot.
async function findStart(cluster) {
  const log = await findOffsets(LOG);
  if (copy.cluster && cluster !== copy.cluster) {
    // A new cluster gets the latest revision of everything first, and counts anew. So its log tells
    // all, as long as it is whole; what is shown stays until it does.
    const isWhole = [...log.values()].every(({ low }) => low === 0);
    copy.seen = {};
    copy.offsets = isWhole ? Object.fromEntries([...log.keys()].map((partition) => [partition, 0])) : null;
  }
  copy.cluster = cluster;
  for (const [partition, { low, high }] of log) {
    const offset = copy.offsets && (copy.offsets[partition] || 0);
    if (offset === null || offset < low || offset > high) copy.offsets = null; // records are gone
  }
}

// Read until Kafka is another one: a snapshot where one is needed, then the log.
async function readCluster() {
  const { clusterId } = await admin.describeCluster();
  await findStart(clusterId);
  const consumer = kafka.consumer({ groupId: `example-${randomUUID()}`, maxWaitTimeInMs: 100 });
  let topic = null; // which of the two is being read
  let stateEnds, logEnds, inSnapshot;

  // Read this topic and not the other one, from these offsets on.
  function readTopic(name, offsets) {
    topic = name;
    consumer.pause([{ topic: name === LOG ? STATE : LOG }]);
    for (const [partition, offset] of offsets) {
      consumer.seek({ topic, partition: +partition, offset: String(offset) });
    }
    consumer.resume([{ topic }]);
  }

  // Note where the log ends, then read the state up to its ends.
  async function beginSnapshot() {
    copy.offsets = null;
    logEnds = await findOffsets(LOG);
    const state = await findOffsets(STATE);
    stateEnds = new Map([...state].filter(([, { low, high }]) => high > low));
    inSnapshot = new Set();
    readTopic(STATE, [...state].map(([partition, { low }]) => [partition, low]));
    if (stateEnds.size === 0) finishSnapshot();
  }

  // What is shown and not in the snapshot has ended. The log is followed from the noted offsets.
  function finishSnapshot() {
    for (const [id, revision] of Object.entries(copy.shown)) {
      if (inSnapshot.has(id)) continue;
      delete copy.shown[id];
      tell("remove", id, revision);
    }
    copy.offsets = Object.fromEntries([...logEnds].map(([partition, { high }]) => [partition, high]));
    save();
    readTopic(LOG, Object.entries(copy.offsets));
  }

  async function eachBatch({ batch, isStale, isRunning }) {
    if (batch.topic !== topic) return;
    const isSnapshot = topic === STATE;
    for (const message of batch.messages) {
      if (isStale() || !isRunning()) return;
      const change = read(message);
      if (change && isSnapshot) inSnapshot.add(change.id);
      const isGap = change !== null && apply(change);
      if (isGap && !isSnapshot) return beginSnapshot(); // records were missed
      if (!isSnapshot) copy.offsets[batch.partition] = +message.offset + 1;
    }
    if (!isSnapshot) return save();
    const next = +batch.lastOffset() + 1;
    const end = stateEnds.get(batch.partition);
    if (end && next >= end.high) stateEnds.delete(batch.partition);
    if (stateEnds.size === 0) finishSnapshot();
  }

  await consumer.connect();
  await consumer.subscribe({ topics: [LOG, STATE], fromBeginning: true });
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.run({ autoCommit: false, eachBatch });
  await joined;
  if (copy.offsets) readTopic(LOG, Object.entries(copy.offsets));
  else await beginSnapshot();
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const now = await admin.describeCluster().catch(() => null);
    if (now && now.clusterId !== copy.cluster) break; // the topics are new ones
  }
  await consumer.disconnect();
}

process.on("SIGTERM", () => {
  process.stdout.write(JSON.stringify({ final: copy.shown }) + "\n", () => process.exit(0));
});

async function main() {
  if (fs.existsSync(FILE)) copy = JSON.parse(fs.readFileSync(FILE));
  await admin.connect();
  for (;;) await readCluster();
}

main();
