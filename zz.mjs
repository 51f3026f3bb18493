// src/sim/disk/faults.ts
var SOUND_DISK = {
  readMs: { minMs: 0.05, maxMs: 0.3 },
  syncMs: { minMs: 0.3, maxMs: 3 },
  slowSyncPercent: 0,
  slowSyncMs: { minMs: 20, maxMs: 400 },
  stuck: false,
  readErrorPercent: 0,
  writeErrorPercent: 0,
  full: false,
  lostWritePercent: 0,
  misdirectedWritePercent: 0,
  lying: false,
  unsynced: "subset",
  tornPercent: 30
};
var FAULT_KINDS = [
  "slow sync",
  "stuck sync",
  "read error",
  "write error",
  "no space",
  "lost write",
  "misdirected write",
  "lying sync",
  "unsynced write lost",
  "write in flight lost",
  "write in flight kept",
  "torn write",
  "bit flip",
  "lost record",
  "hole",
  "lost tail",
  "lost file",
  "lost log",
  "wiped",
  "restored",
  "restored log"
];
var FaultCounts = class {
  #counts = /* @__PURE__ */ new Map();
  count(kind) {
    this.#counts.set(kind, this.of(kind) + 1);
  }
  of(kind) {
    return this.#counts.get(kind) ?? 0;
  }
  /** In the order of `FAULT_KINDS`, those that never happened too. */
  toJSON() {
    return Object.fromEntries(FAULT_KINDS.map((kind) => [kind, this.of(kind)]));
  }
};
var DiskDice = class {
  latency;
  slow;
  readError;
  writeError;
  lost;
  misdirected;
  target;
  crash;
  damage;
  constructor(random, disk) {
    const stream = (concern) => random.stream(`disk ${disk} ${concern}`);
    this.latency = stream("latency");
    this.slow = stream("slow");
    this.readError = stream("read error");
    this.writeError = stream("write error");
    this.lost = stream("lost");
    this.misdirected = stream("misdirected");
    this.target = stream("target");
    this.crash = stream("crash");
    this.damage = stream("damage");
  }
};
function drawMs(random, { minMs, maxMs }) {
  return random.between(Math.round(minMs * 1e3), Math.round(maxMs * 1e3)) / 1e3;
}
function systemError(code, call) {
  const text3 = { EIO: "i/o error", ENOSPC: "no space left on device", ENOENT: "no such file or directory" };
  return Object.assign(new Error(`${code}: ${text3[code]}, ${call}`), { code });
}

// src/sim/disk/ordered-records.ts
function keyText(key) {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString("latin1");
}
var OrderedRecords = class _OrderedRecords {
  #rows;
  constructor(rows = []) {
    this.#rows = [...rows];
  }
  get size() {
    return this.#rows.length;
  }
  /** Shares records with this one, and they never change: a new value is a new record. */
  copy() {
    return new _OrderedRecords(this.#rows);
  }
  at(position2) {
    return this.#rows[position2]?.record;
  }
  get(text3) {
    const row = this.#rows[this.#lowerBound(text3)];
    return row?.text === text3 ? row.record : void 0;
  }
  set(text3, record2) {
    const position2 = this.#lowerBound(text3);
    const replaced = this.#rows[position2]?.text === text3 ? 1 : 0;
    this.#rows.splice(position2, replaced, { text: text3, record: record2 });
  }
  delete(text3) {
    const position2 = this.#lowerBound(text3);
    if (this.#rows[position2]?.text === text3) this.#rows.splice(position2, 1);
  }
  /** In [gte, lte], at most `limit`; from the end when reversed. */
  range(gte, lte, limit, reverse) {
    const from = this.#lowerBound(keyText(gte));
    const top = keyText(lte);
    const position2 = this.#lowerBound(top);
    const to = this.#rows[position2]?.text === top ? position2 + 1 : position2;
    const rows = reverse ? this.#rows.slice(Math.max(from, to - limit), to).toReversed() : this.#rows.slice(from, Math.min(to, from + limit));
    return rows.map((row) => row.record);
  }
  /** The position of the first key that is not below `text`. */
  #lowerBound(text3) {
    let low = 0;
    let high = this.#rows.length;
    while (low < high) {
      const middle = low + high >>> 1;
      const row = this.#rows[middle];
      if (row !== void 0 && row.text < text3) low = middle + 1;
      else high = middle;
    }
    return low;
  }
};

// src/sim/disk/damage.ts
function inflict(device, damage) {
  const happened = attempt(device, damage);
  if (happened) device.counts.count(damage.kind);
  return happened;
}
function attempt(device, damage) {
  switch (damage.kind) {
    case "bit flip":
      return damage.of === "record" ? flipInRecord(device) : flipInFile(device);
    case "lost record":
      return loseRecord(device);
    case "hole":
      return loseBatch(device);
    case "lost tail":
      return loseTail(device, damage.batches);
    case "lost file":
      return loseFile(device);
    case "lost log":
      return loseLog(device);
    case "wiped":
      return wipe(device);
  }
}
function flipInRecord({ image, dice }) {
  if (image.records.size === 0) return false;
  const position2 = dice.damage.below(image.records.size);
  const record2 = image.records.at(position2);
  if (record2 === void 0) return false;
  image.flipRecordBit(position2, dice.damage.below((record2.key.length + record2.value.length) * 8));
  return true;
}
function flipInFile({ image, dice }) {
  const files = [...image.files].filter(([, content2]) => content2.length > 0);
  if (files.length === 0) return false;
  const [name2, content] = dice.damage.pick(files);
  image.flipFileBit(name2, dice.damage.below(content.length * 8));
  return true;
}
function loseRecord({ image, dice }) {
  if (image.records.size === 0) return false;
  const record2 = image.records.at(dice.damage.below(image.records.size));
  if (record2 !== void 0) image.records.delete(keyText(record2.key));
  return record2 !== void 0;
}
function loseBatch({ journal, dice }) {
  const batches = journal.entries.filter((entry) => entry.change.kind === "batch").slice(0, -1);
  if (batches.length === 0) return false;
  const lost = dice.damage.pick(batches);
  return journal.keep((entry) => entry !== lost) > 0;
}
function loseTail({ journal }, count2) {
  const batches = journal.entries.filter((entry) => entry.change.kind === "batch");
  const lost = new Set(batches.slice(-count2));
  return journal.keep((entry) => !lost.has(entry)) > 0;
}
function loseFile({ image, journal, dice }) {
  const names = [...image.files.keys()];
  if (names.length === 0) return false;
  image.files.delete(dice.damage.pick(names));
  journal.forget();
  return true;
}
function loseLog({ image, journal }) {
  if (!image.hasLog) return false;
  image.hasLog = false;
  image.records = new OrderedRecords();
  journal.forget();
  return true;
}
function wipe({ image, journal }) {
  if (!image.made) return false;
  image.files.clear();
  image.hasLog = false;
  image.records = new OrderedRecords();
  journal.forget();
  return true;
}

// src/storage/file-engine.ts
import { closeSync, constants, open, write } from "node:fs";
import { open as openFile, readFile, rename } from "node:fs/promises";
import path from "node:path";
var PRIVATE_FILE = 384;
function unfinishedName(name2) {
  return `${name2}.new`;
}
var NodeFileEngine = class {
  #folder;
  /** Files that are overwritten in place stay open. */
  #open = /* @__PURE__ */ new Map();
  constructor(folder) {
    this.#folder = folder;
  }
  async read(name2) {
    try {
      return await readFile(path.join(this.#folder, name2));
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
      throw error;
    }
  }
  async replace(name2, content) {
    const beside = path.join(this.#folder, unfinishedName(name2));
    const file = await openFile(beside, "w", PRIVATE_FILE);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    this.#forget(name2);
    await rename(beside, path.join(this.#folder, name2));
    await syncFolder(this.#folder);
  }
  /** O_DSYNC: one trip to the thread pool writes and syncs. */
  overwrite(name2, offset, content, done) {
    this.#descriptor(name2, (error, descriptor) => {
      if (error !== null) {
        done(error);
        return;
      }
      write(descriptor, content, 0, content.length, offset, (failure2, written) => {
        if (failure2 === null && written < content.length)
          done(new Error(`wrote ${written} bytes of ${name2}`));
        else done(failure2);
      });
    });
  }
  close() {
    for (const name2 of this.#open.keys()) this.#forget(name2);
  }
  #descriptor(name2, done) {
    const known = this.#open.get(name2);
    if (known !== void 0) {
      done(null, known);
      return;
    }
    open(path.join(this.#folder, name2), constants.O_WRONLY | constants.O_DSYNC, (error, descriptor) => {
      if (error !== null) {
        done(error, -1);
        return;
      }
      this.#forget(name2);
      this.#open.set(name2, descriptor);
      done(null, descriptor);
    });
  }
  #forget(name2) {
    const descriptor = this.#open.get(name2);
    if (descriptor === void 0) return;
    this.#open.delete(name2);
    closeSync(descriptor);
  }
};
async function syncFolder(folder) {
  const handle = await openFile(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

// src/sim/disk/image.ts
var NOTHING = { kind: "batch", deletes: [], puts: [] };
var DiskImage = class _DiskImage {
  /** The directory has been made. */
  made = false;
  /** The log's database has been made. */
  hasLog = false;
  records = new OrderedRecords();
  files = /* @__PURE__ */ new Map();
  /** Shares nothing that can change. */
  copy() {
    const copy = new _DiskImage();
    copy.become(this);
    return copy;
  }
  become(other) {
    this.made = other.made;
    this.files.clear();
    for (const [name2, content] of other.files) this.files.set(name2, content.slice());
    this.becomeLogOf(other);
  }
  /** The log of the other one beside files of one's own. */
  becomeLogOf(other) {
    this.hasLog = other.hasLog;
    this.records = other.records.copy();
  }
  /** Returns the change that takes this one back. What has no folder any more to lie in goes nowhere. */
  apply(change) {
    switch (change.kind) {
      case "folder":
        return this.#setFolder(change.folder, change.there);
      case "batch":
        return this.hasLog ? this.#applyBatch(change.deletes, change.puts) : NOTHING;
      case "overwrite":
        return this.#overwrite(change.name, change.offset, change.content);
      case "replace": {
        if (!this.made) return NOTHING;
        const content = this.files.get(change.name) ?? null;
        if (change.content === null) this.files.delete(change.name);
        else this.files.set(change.name, change.content.slice());
        return { kind: "replace", name: change.name, content };
      }
    }
  }
  /** Bits are counted through the key, then through the value. */
  flipRecordBit(position2, bit) {
    const record2 = this.records.at(position2);
    if (record2 === void 0) throw new RangeError(`there is no record ${position2}`);
    const bytes3 = Buffer.concat([record2.key, record2.value]);
    flip(bytes3, bit);
    const key = bytes3.subarray(0, record2.key.length);
    this.records.delete(keyText(record2.key));
    this.records.set(keyText(key), { key, value: bytes3.subarray(key.length) });
  }
  flipFileBit(name2, bit) {
    const file = this.files.get(name2);
    if (file === void 0) throw new RangeError(`there is no file ${name2}`);
    flip(file, bit);
  }
  #setFolder(folder, there) {
    const was = folder === "log" ? this.hasLog : this.made;
    if (folder === "log") this.hasLog = there;
    else this.made = there;
    return { kind: "folder", folder, there: was };
  }
  #applyBatch(deletes, puts) {
    const before = /* @__PURE__ */ new Map();
    const keep = (key) => {
      const text3 = keyText(key);
      if (!before.has(text3)) before.set(text3, { key, old: this.records.get(text3) });
      return text3;
    };
    for (const key of deletes) this.records.delete(keep(key));
    for (const record2 of puts) this.records.set(keep(record2.key), record2);
    const touched = [...before.values()];
    return {
      kind: "batch",
      deletes: touched.flatMap(({ key, old }) => old === void 0 ? [key] : []),
      puts: touched.flatMap(({ old }) => old === void 0 ? [] : [old])
    };
  }
  #overwrite(name2, offset, content) {
    const file = this.files.get(name2);
    if (file === void 0) return NOTHING;
    const end2 = offset + content.length;
    if (end2 > file.length) {
      const longer = new Uint8Array(end2);
      longer.set(file);
      longer.set(content, offset);
      this.files.set(name2, longer);
      return { kind: "replace", name: name2, content: file };
    }
    const old = file.slice(offset, end2);
    file.set(content, offset);
    return { kind: "overwrite", name: name2, offset, content: old };
  }
};
function flip(bytes3, bit) {
  const at = bit >> 3;
  if (at >= bytes3.length) throw new RangeError(`there is no bit ${bit}`);
  bytes3[at] = (bytes3[at] ?? 0) ^ 1 << (bit & 7);
}

// src/sim/disk/journal.ts
var CHANGES_MAX = 64;
var Journal = class {
  #image;
  #entries = [];
  constructor(image) {
    this.#image = image;
  }
  /** The changes that can be taken back, oldest first. */
  get entries() {
    return this.#entries;
  }
  apply(change, footing) {
    this.#entries.push({ change, inverse: this.#image.apply(change), footing });
    while (this.#entries.length > CHANGES_MAX && this.#entries[0]?.footing !== "doomed")
      this.#entries.shift();
  }
  /** One honest sync writes all that a cache holds: file systems commit their journal as a whole. */
  sync() {
    for (const entry of this.#entries) if (entry.footing === "unsynced") entry.footing = "synced";
  }
  /** Takes back every change that is not kept, however it lies between others. Returns how many those are. */
  keep(isKept) {
    const entries2 = this.#entries;
    const kept = entries2.filter(isKept);
    if (kept.length === entries2.length) return 0;
    for (const { inverse } of entries2.toReversed()) this.#image.apply(inverse);
    for (const entry of kept) entry.inverse = this.#image.apply(entry.change);
    this.#entries = kept;
    return entries2.length - kept.length;
  }
  /** The image was replaced: there is no way back. */
  forget() {
    this.#entries = [];
  }
};

// src/sim/disk/device.ts
var Device = class {
  image = new DiskImage();
  journal = new Journal(this.image);
  counts = new FaultCounts();
  dice;
  /** The process that has the log open. */
  lockedBy = null;
  #faults = SOUND_DISK;
  #held = [];
  constructor(name2, random) {
    this.dice = new DiskDice(random, name2);
  }
  get faults() {
    return this.#faults;
  }
  setFaults(faults) {
    this.#faults = { ...this.#faults, ...faults };
    if (this.#faults.stuck) return;
    for (const goOn of this.#held.splice(0)) goOn();
  }
  readMs() {
    return drawMs(this.dice.latency, this.#faults.readMs);
  }
  syncMs() {
    const usualMs = drawMs(this.dice.latency, this.#faults.syncMs);
    const isSlow = this.dice.slow.chance(this.#faults.slowSyncPercent);
    const slowMs = drawMs(this.dice.slow, this.#faults.slowSyncMs);
    if (isSlow) this.counts.count("slow sync");
    return isSlow ? slowMs : usualMs;
  }
  /** True while syncs are stuck: `goOn` is called when they are not any more. */
  holds(goOn) {
    if (!this.#faults.stuck) return false;
    this.counts.count("stuck sync");
    this.#held.push(goOn);
    return true;
  }
  drawReadError() {
    if (!this.dice.readError.chance(this.#faults.readErrorPercent)) return null;
    this.counts.count("read error");
    return systemError("EIO", "read");
  }
  /** Every fault is drawn for every operation, whichever comes to pass. */
  drawFate(change) {
    const isFailing = this.dice.writeError.chance(this.#faults.writeErrorPercent);
    const isLost = this.dice.lost.chance(this.#faults.lostWritePercent);
    const isMisdirected = this.dice.misdirected.chance(this.#faults.misdirectedWritePercent);
    if (this.#faults.full && change.kind !== "overwrite") return "no space";
    if (isFailing) return "write error";
    if (change.kind !== "folder" && isLost) return "lost";
    if ((change.kind === "batch" || change.kind === "overwrite") && isMisdirected) return "misdirected";
    return this.#faults.lying ? "unsynced" : "stored";
  }
  /** What the process is told of it. */
  perform(change, fate) {
    switch (fate) {
      case "stored":
        this.#store(change);
        return null;
      case "unsynced":
        this.counts.count("lying sync");
        this.#put(change, "unsynced");
        return null;
      case "lost":
        this.counts.count("lost write");
        this.#put(change, "doomed");
        return null;
      case "misdirected":
        this.#store(this.#misdirect(change));
        return null;
      case "write error":
        this.counts.count("write error");
        this.journal.apply(unfinished(change), "unsynced");
        return systemError("EIO", "fdatasync");
      case "no space":
        this.counts.count("no space");
        if (change.kind === "replace") this.journal.apply(unfinished(change), "unsynced");
        return systemError("ENOSPC", "write");
      case "refused":
        return systemError("EIO", "fdatasync");
    }
  }
  #store(change) {
    this.#put(change, "synced");
    this.journal.sync();
  }
  #put(change, footing) {
    this.journal.apply(change, footing);
    if (change.kind !== "replace") return;
    const beside = unfinishedName(change.name);
    if (this.image.files.has(beside)) {
      this.journal.apply({ kind: "replace", name: beside, content: null }, footing);
    }
  }
  /** A put lands on another record, a part of a file elsewhere in it; what should have changed stays as it was. */
  #misdirect(change) {
    if (change.kind === "batch" && change.puts.length > 0 && this.image.records.size > 0) {
      const at = this.dice.target.below(change.puts.length);
      const victim = this.image.records.at(this.dice.target.below(this.image.records.size));
      const lands = change.puts.map(
        (put4, i) => i === at && victim !== void 0 ? { key: victim.key, value: put4.value } : put4
      );
      if (victim !== void 0 && keyText(victim.key) !== keyText(change.puts[at]?.key ?? victim.key)) {
        this.counts.count("misdirected write");
        return { ...change, puts: lands };
      }
    }
    if (change.kind === "overwrite") {
      const sectors = Math.floor((this.image.files.get(change.name)?.length ?? 0) / SECTOR_BYTES);
      const offset = this.dice.target.below(Math.max(1, sectors)) * SECTOR_BYTES;
      if (offset !== change.offset) {
        this.counts.count("misdirected write");
        return { ...change, offset };
      }
    }
    return change;
  }
};
var SECTOR_BYTES = 512;
function unfinished(change) {
  return change.kind === "replace" ? { ...change, name: unfinishedName(change.name) } : change;
}

// src/wire/errors.ts
var ERROR_CODES = {
  CONFLICT: { retryable: false, outcome: "not-applied", meaning: "A condition of the write did not hold." },
  NOT_FOUND: { retryable: false, outcome: "not-applied", meaning: "The key does not exist (CLI only)." },
  NO_QUORUM: {
    retryable: true,
    outcome: "not-applied",
    meaning: "No leader with a majority can be reached from this node."
  },
  TIMEOUT: { retryable: true, outcome: "unknown", meaning: "The deadline passed before an answer came." },
  UNAVAILABLE: { retryable: true, outcome: "not-applied", meaning: "No endpoint could be reached." },
  OVERLOADED: {
    retryable: true,
    outcome: "not-applied",
    meaning: "The node refuses more work for now; see retryAfterMs."
  },
  ABORTED: { retryable: false, outcome: "unknown", meaning: "The caller gave up through its AbortSignal." },
  CLOSED: { retryable: false, outcome: "not-applied", meaning: "The client was closed." },
  SHUTTING_DOWN: { retryable: true, outcome: "not-applied", meaning: "The node is stopping; ask another." },
  INVALID_ARGUMENT: {
    retryable: false,
    outcome: "not-applied",
    meaning: "The request makes no sense; the message says why."
  },
  KEY_TOO_LARGE: { retryable: false, outcome: "not-applied", meaning: "The key is longer than the limit." },
  VALUE_TOO_LARGE: {
    retryable: false,
    outcome: "not-applied",
    meaning: "The value is longer than the limit."
  },
  REQUEST_TOO_LARGE: {
    retryable: false,
    outcome: "not-applied",
    meaning: "The request is larger than the limit."
  },
  NOT_A_COUNTER: {
    retryable: false,
    outcome: "not-applied",
    meaning: "The value is not a decimal 64-bit integer."
  },
  COUNTER_OVERFLOW: { retryable: false, outcome: "not-applied", meaning: "The sum does not fit in 64 bits." },
  COMPACTED: {
    retryable: false,
    outcome: "not-applied",
    meaning: "History ends above the revision asked for; see floor."
  },
  FUTURE_REVISION: {
    retryable: false,
    outcome: "not-applied",
    meaning: "The store has not reached the revision asked for."
  },
  DUPLICATE_KEY: {
    retryable: false,
    outcome: "not-applied",
    meaning: "A transaction writes one key twice."
  },
  TOO_MANY_OPERATIONS: {
    retryable: false,
    outcome: "not-applied",
    meaning: "The transaction has more operations than the limit."
  },
  LEASE_NOT_FOUND: {
    retryable: false,
    outcome: "not-applied",
    meaning: "The lease does not exist: it expired, was revoked, or never was."
  },
  LEASE_EXISTS: {
    retryable: false,
    outcome: "not-applied",
    meaning: "A lease with the id that was chosen exists."
  },
  SESSION_EXPIRED: {
    retryable: false,
    outcome: "unknown",
    meaning: "The session is gone, so the write was not done again; whether it was before is unknown."
  },
  SEQUENCE_ACKNOWLEDGED: {
    retryable: false,
    outcome: "unknown",
    meaning: "The reply asked for was acknowledged before and is no longer kept."
  },
  RESOLVED_NEVER: {
    retryable: false,
    outcome: "not-applied",
    meaning: "The write was resolved as one that never takes effect."
  },
  TOO_MANY_UNACKNOWLEDGED: {
    retryable: true,
    outcome: "not-applied",
    meaning: "The session keeps as many replies as it may; acknowledge some first."
  },
  WRONG_CLUSTER: {
    retryable: false,
    outcome: "not-applied",
    meaning: "The other side belongs to another cluster."
  },
  WRONG_NODE: {
    retryable: false,
    outcome: "not-applied",
    meaning: "The address answers with another node id."
  },
  INCARNATION_FENCED: {
    retryable: false,
    outcome: "not-applied",
    meaning: "The data directory is not the one that joined under this node id."
  },
  PROTOCOL_MISMATCH: {
    retryable: false,
    outcome: "not-applied",
    meaning: "The two sides have no protocol version in common."
  },
  CONFIG_INVALID: {
    retryable: false,
    outcome: "not-applied",
    meaning: "A setting is unknown, missing or out of range."
  },
  ADDRESS_IN_USE: {
    retryable: false,
    outcome: "not-applied",
    meaning: "A port is taken by another process."
  },
  DATA_LOCKED: {
    retryable: false,
    outcome: "not-applied",
    meaning: "Another process has the data directory open."
  },
  DATA_DIR_UNUSABLE: {
    retryable: false,
    outcome: "not-applied",
    meaning: "The data directory cannot be written or is not ours."
  },
  FORMAT_UNSUPPORTED: {
    retryable: false,
    outcome: "not-applied",
    meaning: "The data was written by another format version."
  },
  CORRUPT: {
    retryable: false,
    outcome: "not-applied",
    meaning: "Stored data fails its checks; nothing of it is served."
  },
  RECOVERING: {
    retryable: true,
    outcome: "not-applied",
    meaning: "The node may have lost acknowledged data and neither votes nor serves."
  },
  IO_FAILED: { retryable: false, outcome: "unknown", meaning: "A disk write failed; the node has stopped." },
  FRAME_INVALID: {
    retryable: false,
    outcome: "unknown",
    meaning: "A frame was malformed or too large; the connection is closed."
  },
  INTERNAL: {
    retryable: false,
    outcome: "unknown",
    meaning: "An invariant of Quorate is broken; please report it."
  }
};
function isErrorCode(code) {
  return Object.hasOwn(ERROR_CODES, code);
}
var MARK = /* @__PURE__ */ Symbol.for("quorate.error");
var QuorateError = class extends Error {
  name = "QuorateError";
  code;
  retryable;
  outcome;
  details;
  [MARK] = true;
  constructor(code, message, init = {}) {
    super(message, init.cause === void 0 ? void 0 : { cause: init.cause });
    this.code = code;
    this.retryable = ERROR_CODES[code].retryable;
    this.outcome = init.outcome ?? ERROR_CODES[code].outcome;
    this.details = init.details ?? {};
  }
  /** True for an error of any loaded copy of this package. */
  static is(value) {
    return value instanceof Error && MARK in value;
  }
};
function fromFailedMessage(failed) {
  const { code, message, outcome: outcome2, details } = failed;
  return new QuorateError(code, message, { outcome: outcome2, details });
}
function fromFailure(failure2) {
  switch (failure2.code) {
    case "CONFLICT":
      return conflict(failure2.current?.modRevision ?? 0);
    case "NOT_A_COUNTER":
      return new QuorateError("NOT_A_COUNTER", "the value is not a decimal 64-bit integer");
    case "COUNTER_OVERFLOW":
      return new QuorateError("COUNTER_OVERFLOW", `${failure2.value} plus the amount does not fit in 64 bits`);
    case "COMPACTED": {
      const { floor } = failure2;
      return new QuorateError("COMPACTED", `history begins at revision ${floor}`, { details: { floor } });
    }
    case "DUPLICATE_KEY":
      return new QuorateError("DUPLICATE_KEY", "an earlier operation of the transaction writes the key");
    case "TXN_FAILED": {
      const { code, message, details } = fromFailure(failure2.cause);
      return new QuorateError(code, `${failure2.at}: ${message}`, { details: { ...details, at: failure2.at } });
    }
    case "LEASE_NOT_FOUND":
      return new QuorateError("LEASE_NOT_FOUND", `there is no lease ${failure2.lease}`);
    case "LEASE_EXISTS":
      return new QuorateError("LEASE_EXISTS", `lease ${failure2.lease} exists`);
    case "SESSION_EXPIRED":
      return new QuorateError("SESSION_EXPIRED", "the session has expired, or was closed or evicted");
    case "SEQUENCE_ACKNOWLEDGED": {
      const message = `replies through sequence ${failure2.acknowledgedThrough} are acknowledged`;
      return new QuorateError("SEQUENCE_ACKNOWLEDGED", message);
    }
    case "RESOLVED_NEVER":
      return new QuorateError("RESOLVED_NEVER", "the write was resolved and will never take effect");
    case "TOO_MANY_UNACKNOWLEDGED": {
      const message = `too much above sequence ${failure2.acknowledgedThrough} is not acknowledged`;
      return new QuorateError("TOO_MANY_UNACKNOWLEDGED", message);
    }
    case "FUTURE_REVISION": {
      const { revision } = failure2;
      return new QuorateError("FUTURE_REVISION", `the store is at revision ${revision}`, {
        details: { revision }
      });
    }
  }
}
function conflict(currentRevision) {
  const found = currentRevision === 0 ? "the key does not exist" : `the key stands at revision ${currentRevision}`;
  const details = { currentRevision };
  return new QuorateError("CONFLICT", `the condition does not hold: ${found}`, { details });
}

// src/storage/refusals.ts
var LEAVE_IT = "Leave this node stopped: the others go on without it. Do not empty the directory or put an older copy in its place: under the same node id that would forget votes and entries that the cluster counts on.";
function corrupt(message, cause) {
  return new QuorateError("CORRUPT", message, { details: { hint: LEAVE_IT }, cause });
}
function recovering(message) {
  return new QuorateError("RECOVERING", `${message}: acknowledged data may be lost here`, {
    details: { hint: LEAVE_IT }
  });
}
function unsupported(what, version, known) {
  return new QuorateError(
    "FORMAT_UNSUPPORTED",
    `${what} has format ${version}; this version of Quorate reads format ${known}`,
    {
      details: { hint: "Start the version of Quorate that wrote this directory; nothing in it was changed." }
    }
  );
}
function locked(path4, cause) {
  return new QuorateError("DATA_LOCKED", `another process has ${path4} open`, {
    details: { hint: "Stop that process, or give this node a data directory of its own." },
    cause
  });
}
function unusable(path4, why, hint, cause) {
  return new QuorateError("DATA_DIR_UNUSABLE", `${path4} ${why}`, { details: { hint }, cause });
}
function wrongNode(path4, owner, asked) {
  return new QuorateError("WRONG_NODE", `${path4} belongs to node ${owner}, not to ${asked}`, {
    details: { hint: `Start it with the id ${owner}, or name the data directory of ${asked}.` }
  });
}
function ioFailed(what, cause) {
  if (QuorateError.is(cause)) return cause;
  return new QuorateError("IO_FAILED", `${what}: ${cause.message}`, {
    details: { hint: "Check the disk (space, health, mount), then start the node again." },
    cause
  });
}

// src/storage/sealed.ts
import { crc32 } from "node:zlib";
var SEAL_BYTES = 5;
function seal(record2, version) {
  const view = new DataView(record2.buffer, record2.byteOffset, record2.byteLength);
  view.setUint8(4, version);
  view.setUint32(0, crc32(record2.subarray(4)));
}
function sealState(record2, version) {
  if (record2.length < SEAL_BYTES) return { kind: "damaged" };
  const view = new DataView(record2.buffer, record2.byteOffset, record2.byteLength);
  if (view.getUint32(0) !== crc32(record2.subarray(4))) return { kind: "damaged" };
  const found = view.getUint8(4);
  return found === version ? { kind: "sound" } : { kind: "unsupported", version: found };
}

// src/storage/identity.ts
var IDENTITY_FILE = "quorate.identity";
var DIRECTORY_VERSION = 1;
var INCARNATION_BYTES = 16;
function drawIncarnation(randomBytes) {
  return Buffer.from(randomBytes(INCARNATION_BYTES)).toString("hex");
}
function encodeIdentity({ nodeId: nodeId3, incarnation, genesis: genesis2 }) {
  const body = Buffer.from(JSON.stringify({ nodeId: nodeId3, incarnation, genesis: genesis2 }), "utf8");
  const record2 = Buffer.concat([new Uint8Array(SEAL_BYTES), body]);
  seal(record2, DIRECTORY_VERSION);
  return record2;
}
function decodeIdentity(record2, path4) {
  const state = sealState(record2, DIRECTORY_VERSION);
  if (state.kind === "unsupported") throw unsupported(path4, state.version, DIRECTORY_VERSION);
  const identity = state.kind === "sound" ? parseIdentity(record2.subarray(SEAL_BYTES)) : null;
  if (identity === null) throw corrupt(`the identity file of ${path4} fails its checks`);
  return identity;
}
function parseIdentity(body) {
  const parsed = parseObject(Buffer.from(body).toString("utf8"));
  if (parsed === null) return null;
  const { nodeId: nodeId3, incarnation, genesis: genesis2 } = parsed;
  if (typeof nodeId3 !== "string" || !isHexId(incarnation)) return null;
  if (genesis2 === null) return { nodeId: nodeId3, incarnation, genesis: genesis2 };
  const known = parseGenesis(genesis2);
  return known === null ? null : { nodeId: nodeId3, incarnation, genesis: known };
}
function parseGenesis(value) {
  if (!isObject(value)) return null;
  const { clusterId, clusterName, voters } = value;
  if (!isHexId(clusterId) || typeof clusterName !== "string" || !Array.isArray(voters)) return null;
  const known = voters;
  return known.every(isVoter) ? { clusterId, clusterName, voters: known } : null;
}
function isVoter(value) {
  return isObject(value) && typeof value["id"] === "string" && isHexId(value["incarnation"]);
}
function isHexId(value) {
  return typeof value === "string" && /^[0-9a-f]{32}$/u.test(value);
}
function parseObject(text3) {
  try {
    const value = JSON.parse(text3);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// src/wire/uint53.ts
var TWO_32 = 4294967296;
var HIGH_MAX = 2097151;
var UINT53_BYTES = 8;
function setUint53(view, at, value) {
  view.setUint32(at, Math.floor(value / TWO_32));
  view.setUint32(at + 4, value % TWO_32);
}
function getUint53(view, at) {
  const high = view.getUint32(at);
  return high > HIGH_MAX ? -1 : high * TWO_32 + view.getUint32(at + 4);
}

// src/storage/chain.ts
import { hash } from "node:crypto";
var HASH_BYTES = 16;
var CHAIN_POINT_BYTES = 16 + HASH_BYTES;
function chainStart(incarnation) {
  return { index: 0, term: 0, hash: digest(Buffer.from(incarnation, "utf8")) };
}
function chainHash(blockHeader) {
  return digest(blockHeader);
}
function samePoint(a, b) {
  return a.index === b.index && a.term === b.term && Buffer.compare(a.hash, b.hash) === 0;
}
function writeChainPoint(target, at, point) {
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
  setUint53(view, at, point.index);
  setUint53(view, at + 8, point.term);
  target.set(point.hash, at + 16);
}
function readChainPoint(source, at) {
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  const index = getUint53(view, at);
  const term = getUint53(view, at + 8);
  if (index < 0 || term < 0) return null;
  return { index, term, hash: source.slice(at + 16, at + CHAIN_POINT_BYTES) };
}
function digest(bytes3) {
  return hash("sha256", bytes3, "buffer").subarray(0, HASH_BYTES);
}

// src/storage/watermark-slots.ts
var WATERMARK_FILE = "quorate.watermark";
var WATERMARK_VERSION = 1;
var SLOT_BYTES = 4096;
var END_AT = SEAL_BYTES + 16;
function slotOffset(watermark) {
  return watermark.sequence % 2 * SLOT_BYTES;
}
function encodeSlot(watermark) {
  const slot2 = new Uint8Array(SLOT_BYTES);
  const view = new DataView(slot2.buffer);
  setUint53(view, SEAL_BYTES, watermark.sequence);
  setUint53(view, SEAL_BYTES + 8, watermark.writes);
  writeChainPoint(slot2, END_AT, watermark.end);
  seal(slot2, WATERMARK_VERSION);
  return slot2;
}
function freshSlots(start) {
  const slots = [0, 1].map((sequence) => encodeSlot({ sequence, writes: 0, end: start }));
  return Buffer.concat(slots);
}
function readSlots(file) {
  let newest = null;
  let unreadable2 = 0;
  let unsupported2 = null;
  for (const number of [0, 1]) {
    const slot2 = file.subarray(number * SLOT_BYTES, (number + 1) * SLOT_BYTES);
    const state = sealState(slot2, WATERMARK_VERSION);
    if (state.kind === "unsupported") unsupported2 = state.version;
    const watermark = state.kind === "sound" ? decodeSlot(slot2, number) : null;
    if (watermark === null) unreadable2 += 1;
    else if (newest === null || watermark.sequence > newest.sequence) newest = watermark;
  }
  return { newest, unreadable: unreadable2, unsupported: unsupported2 };
}
function decodeSlot(slot2, number) {
  if (slot2.length !== SLOT_BYTES) return null;
  const view = new DataView(slot2.buffer, slot2.byteOffset, slot2.byteLength);
  const sequence = getUint53(view, SEAL_BYTES);
  const writes = getUint53(view, SEAL_BYTES + 8);
  const end2 = readChainPoint(slot2, END_AT);
  if (sequence < 0 || sequence % 2 !== number || writes < 0 || end2 === null) return null;
  return { sequence, writes, end: end2 };
}

// src/storage/folder.ts
var LOG_FOLDER = "log";
var MAKINGS = /* @__PURE__ */ new Set([
  LOG_FOLDER,
  WATERMARK_FILE,
  unfinishedName(WATERMARK_FILE),
  unfinishedName(IDENTITY_FILE)
]);
async function inspectFolder(place) {
  const names = await place.list();
  if (names === null) return "absent";
  if (names.includes(IDENTITY_FILE)) return "ours";
  const foreign2 = names.find((name2) => !MAKINGS.has(name2));
  if (foreign2 !== void 0) throw notOurs(place.path, foreign2);
  return "fresh";
}
async function assertNothingPromised(place) {
  const log = await place.inspectLog();
  if (log.kind === "foreign") throw notOurs(place.path, `${LOG_FOLDER}/${log.name}`);
  const slots = await place.files.read(WATERMARK_FILE);
  const started = slots !== null && readSlots(slots).newest?.writes !== 0;
  if (started || log.kind === "records") {
    throw corrupt(`${place.path} has a log but its file ${IDENTITY_FILE} is missing`);
  }
}
function folderError(folder, error) {
  const told2 = diskError(folder, error);
  if (QuorateError.is(told2)) return told2;
  const code = codeOf(error);
  const hint = "Name a directory that this user may create and write (--data).";
  return unusable(folder, `cannot be used as a data directory (${code ?? String(error)})`, hint, error);
}
function diskError(folder, error) {
  const code = codeOf(error);
  if (!(error instanceof Error) || code !== "ENOSPC" && code !== "EDQUOT" && code !== "EIO") return error;
  return ioFailed(`${folder} could not be read or written`, error);
}
function codeOf(error) {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : void 0;
}
function notOurs(folder, name2) {
  const hint = "Name an empty directory, or one that Quorate made (--data).";
  return unusable(folder, `is not empty and not a Quorate data directory (it holds ${name2})`, hint);
}

// src/sim/disk/crash.ts
function crash(device, flying, how) {
  const { journal, counts } = device;
  const cached = how === "power cut" ? journal.entries.filter((each) => each.footing === "unsynced") : [];
  const survives = drawSurvivors(device, cached.length + flying.length);
  const gone = new Set(cached.filter((_, i) => survives[i] === false));
  for (let i = 0; i < gone.size; i += 1) counts.count("unsynced write lost");
  journal.keep((entry) => entry.footing !== "doomed" && !gone.has(entry));
  for (const [i, { change, fate }] of flying.entries()) {
    const canSurvive = fate !== "lost" && fate !== "no space" && fate !== "refused";
    const left = leave(device, change, canSurvive && survives[cached.length + i] === true, how);
    counts.count(left === null ? "write in flight lost" : "write in flight kept");
    if (left !== null) journal.apply(left, "unsynced");
  }
  if (how === "power cut") journal.sync();
}
function drawSurvivors({ dice, faults }, count2) {
  const first = dice.crash.below(count2 + 1);
  const each = Array.from({ length: count2 }, () => dice.crash.chance(50));
  return faults.unsynced === "prefix" ? each.map((_, i) => i < first) : each;
}
function leave(device, change, survives, how) {
  const isTorn = how === "power cut" && device.dice.crash.chance(device.faults.tornPercent);
  if (change.kind === "overwrite" && survives && isTorn) return torn(device, change, change.content);
  if (change.kind === "replace" && !survives && isTorn && change.content !== null) {
    return torn(device, { ...change, name: unfinishedName(change.name) }, change.content);
  }
  return survives ? change : null;
}
function torn({ dice, image, counts }, change, content) {
  counts.count("torn write");
  const offset = change.kind === "overwrite" ? change.offset : 0;
  const old = image.files.get(change.name)?.subarray(offset) ?? new Uint8Array(0);
  const mixed = content.slice();
  for (let at = 0; at < mixed.length; at += SECTOR_BYTES) {
    const end2 = Math.min(at + SECTOR_BYTES, mixed.length);
    const lot = dice.crash.below(10);
    if (lot < 4) mixed.fill(0, at, end2).set(old.subarray(at, end2), at);
    if (lot === 4) mixed.set(dice.crash.bytes(end2 - at), at);
  }
  return { ...change, content: mixed };
}

// src/sim/disk/process-disk.ts
var ProcessDisk = class {
  /** A crash may be made of any step: `detach` in here is heeded at once. */
  onStep = () => {
  };
  #device;
  #kernel;
  /** In the order in which they began. */
  #flying = /* @__PURE__ */ new Set();
  #isGone = false;
  constructor(device, kernel) {
    this.#device = device;
    this.#kernel = kernel;
  }
  at(path4) {
    return new SimulatedPlace(this, this.#device, path4);
  }
  /** The process ends: it hears of nothing any more, and its lock is free. Harmless afterwards. */
  detach(how) {
    if (this.#isGone) return;
    this.#isGone = true;
    if (this.#device.lockedBy === this) this.#device.lockedBy = null;
    const flying = [...this.#flying];
    this.#flying.clear();
    crash(this.#device, flying, how);
  }
  /** Makes a change durable, or fails to. */
  change(change, fate, done) {
    if (!this.#lives({ operation: change.kind, moment: "begins" })) return;
    const flying = { change, fate };
    this.#flying.add(flying);
    if (!this.#lives({ operation: change.kind, moment: "flies" })) return;
    this.#kernel.schedule(this.#device.syncMs(), () => this.#land(flying, done));
  }
  /** The same as a promise. */
  changed(change) {
    return new Promise((resolve2, reject2) => {
      this.change(change, this.#device.drawFate(change), (error) => {
        if (error === null) resolve2();
        else reject2(error);
      });
    });
  }
  /** After a while: what `look` returns then, or throws. */
  after(delayMs, look) {
    return new Promise((resolve2, reject2) => {
      if (this.#isGone) return;
      this.#kernel.schedule(delayMs, () => {
        if (this.#isGone) return;
        this.#kernel.promised();
        try {
          resolve2(look());
        } catch (error) {
          reject2(error);
        }
      });
    });
  }
  #land(flying, done) {
    if (this.#isGone) return;
    const again = () => {
      this.#kernel.schedule(0, () => this.#land(flying, done));
    };
    if (this.#device.holds(again)) return;
    this.#flying.delete(flying);
    const error = this.#device.perform(flying.change, flying.fate);
    if (!this.#lives({ operation: flying.change.kind, moment: "lands" })) return;
    this.#kernel.promised();
    done(error);
  }
  /** Says where things stand; false when that was the end of the process. */
  #lives(step) {
    if (!this.#isGone) this.onStep(step);
    return !this.#isGone;
  }
};
var SimulatedPlace = class {
  path;
  files;
  #process;
  #device;
  constructor(process2, device, path4) {
    this.path = path4;
    this.files = new SimulatedFiles(process2, device);
    this.#process = process2;
    this.#device = device;
  }
  list() {
    const { image } = this.#device;
    return this.#process.after(
      this.#device.readMs(),
      () => image.made ? [...image.hasLog ? [LOG_FOLDER] : [], ...image.files.keys()] : null
    );
  }
  inspectLog() {
    const { image } = this.#device;
    return this.#process.after(this.#device.readMs(), () => ({
      kind: image.records.size > 0 ? "records" : "empty"
    }));
  }
  async make() {
    const isThere = await this.#process.after(this.#device.readMs(), () => this.#device.image.made);
    if (!isThere) await this.#process.changed({ kind: "folder", folder: "directory", there: true });
  }
  closeToOthers() {
    return this.#process.after(this.#device.readMs(), () => []);
  }
  /** LevelDB writes whatever it found anew when it opens, so an opening is a sync, and fails where one would. */
  async openLog({ createIfMissing }) {
    const device = this.#device;
    await this.#process.after(device.readMs(), () => {
      if (device.lockedBy !== null) throw locked(this.path);
      if (!createIfMissing && !device.image.hasLog) {
        throw corrupt(`the log of ${this.path} is missing or has lost its file CURRENT`);
      }
      device.lockedBy = this.#process;
    });
    try {
      await this.#process.changed({ kind: "folder", folder: "log", there: true });
    } catch (error) {
      device.lockedBy = null;
      throw error;
    }
    return new SimulatedEngine(this.#process, device);
  }
  close() {
  }
};
var SimulatedFiles = class {
  #process;
  #device;
  constructor(process2, device) {
    this.#process = process2;
    this.#device = device;
  }
  read(name2) {
    return this.#process.after(this.#device.readMs(), () => {
      const failure2 = this.#device.drawReadError();
      if (failure2 !== null) throw failure2;
      return this.#device.image.files.get(name2)?.slice() ?? null;
    });
  }
  replace(name2, content) {
    return this.#process.changed({ kind: "replace", name: name2, content: content.slice() });
  }
  /** Holds the caller's bytes until they land, not a copy, just as the operating system does. */
  overwrite(name2, offset, content, done) {
    const change = { kind: "overwrite", name: name2, offset, content };
    const isThere = this.#device.image.files.has(name2);
    this.#process.change(change, this.#device.drawFate(change), (error) => {
      done(isThere ? error : systemError("ENOENT", "open"));
    });
  }
};
var SimulatedEngine = class {
  #process;
  #device;
  #isWriting = false;
  #isClosed = false;
  /**
   * LevelDB after a failed write (reliability.md 0): when a sync failed, it fails all that follow; when a record was
   * written in part for lack of space, it acknowledges all that follow, and reads none of them again.
   */
  #failed = null;
  constructor(process2, device) {
    this.#process = process2;
    this.#device = device;
  }
  write(batch2, done) {
    if (this.#isWriting) throw new Error("one batch is in flight at a time");
    if (this.#isClosed) throw new Error("the database is closed");
    this.#isWriting = true;
    const change = {
      kind: "batch",
      deletes: batch2.deletes.map((key) => key.slice()),
      puts: batch2.puts.map(({ key, value }) => ({ key: key.slice(), value: value.slice() }))
    };
    const fate = this.#fateOf(change);
    this.#process.change(change, fate, (error) => {
      this.#isWriting = false;
      if (error !== null) this.#failed ??= fate === "no space" ? "no space" : "write error";
      done(error);
    });
  }
  /** A snapshot of the moment of the call, like an iterator of LevelDB. */
  range(gte, lte, limit, reverse) {
    const records = this.#device.image.records.range(gte, lte, limit, reverse);
    return this.#process.after(this.#device.readMs(), () => {
      const failure2 = this.#device.drawReadError();
      if (failure2 !== null) throw ioFailed("the database cannot be read", failure2);
      return records;
    });
  }
  async close() {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#process.after(this.#device.readMs(), () => {
      if (this.#device.lockedBy === this.#process) this.#device.lockedBy = null;
    });
  }
  #fateOf(change) {
    const drawn = this.#device.drawFate(change);
    if (this.#failed === "write error") return "refused";
    return this.#failed === "no space" && drawn !== "no space" ? "lost" : drawn;
  }
};

// src/sim/disk/simulated-disk.ts
var SimulatedDisk = class {
  #device;
  /** `name` tells this disk's random streams from those of others. */
  constructor(name2, random) {
    this.#device = new Device(name2, random);
  }
  /** For a process that starts now. Two at a time may be attached; one of them can have the log open. */
  attach(kernel) {
    return new ProcessDisk(this.#device, kernel);
  }
  get faults() {
    return this.#device.faults;
  }
  /** From now on; operations in flight keep their fate, except that stuck ones go on when nothing is stuck any more. */
  setFaults(faults) {
    this.#device.setFaults(faults);
  }
  /** What has really happened so far. */
  get injected() {
    return this.#device.counts;
  }
  /** Something goes wrong with bytes at rest; false when there was nothing for it to happen to. */
  damage(damage) {
    return inflict(this.#device, damage);
  }
  /** A copy of all that a process would find now: a backup, or a clone for another node's disk. */
  snapshot() {
    return this.#device.image.copy();
  }
  /** Puts a copy in place of what is there, or only its log under the files that are there. */
  restore(image, part = "all") {
    const { image: own, journal, counts, lockedBy } = this.#device;
    if (lockedBy !== null) throw new Error("a process has the directory open");
    if (part === "all") own.become(image);
    else own.becomeLogOf(image);
    journal.forget();
    counts.count(part === "all" ? "restored" : "restored log");
  }
};

// src/sim/kernel/event-heap.ts
var EventHeap = class {
  #slots = [];
  #order = 0;
  push(atMs, task) {
    this.#order += 1;
    const event = { atMs, order: this.#order, task };
    this.#rise(event);
    return event;
  }
  /** The first event that was not taken back, if it is due by then; removed. */
  popUntil(untilMs) {
    for (let first = this.#slots[0]; first !== void 0 && first.atMs <= untilMs; first = this.#slots[0]) {
      this.#removeFirst();
      if (first.task !== null) return first;
    }
    return null;
  }
  #rise(event) {
    const slots = this.#slots;
    let at = slots.length;
    slots.push(event);
    while (at > 0) {
      const above = at - 1 >> 1;
      const parent = this.#slot(above);
      if (!precedes(event, parent)) break;
      slots[at] = parent;
      at = above;
    }
    slots[at] = event;
  }
  #removeFirst() {
    const slots = this.#slots;
    const last = slots.pop();
    if (last === void 0 || slots.length === 0) return;
    let at = 0;
    for (let below = 1; below < slots.length; below = 2 * at + 1) {
      let child = this.#slot(below);
      const right = slots[below + 1];
      if (right !== void 0 && precedes(right, child)) {
        below += 1;
        child = right;
      }
      if (!precedes(child, last)) break;
      slots[at] = child;
      at = below;
    }
    slots[at] = last;
  }
  #slot(at) {
    const event = this.#slots[at];
    if (event === void 0) throw new Error(`the heap has no slot ${at}`);
    return event;
  }
};
function precedes(left, right) {
  return left.atMs < right.atMs || left.atMs === right.atMs && left.order < right.order;
}

// src/sim/kernel/kernel.ts
var EVENTS_AT_ONCE_MAX = 2e5;
var Kernel = class {
  #heap = new EventHeap();
  #nowMs = 0;
  #promised = false;
  #events = 0;
  #eventsAtOnce = 0;
  #failure = null;
  now() {
    return this.#nowMs;
  }
  /** How many events have run. */
  get events() {
    return this.#events;
  }
  schedule(delayMs, task) {
    if (!(delayMs >= 0)) throw new RangeError(`an event cannot be ${delayMs} ms from now`);
    const event = this.#heap.push(this.#nowMs + delayMs, task);
    return () => {
      event.task = null;
    };
  }
  /** A promise was settled, or is about to be: its reactions run before the next event. */
  promised = () => {
    this.#promised = true;
  };
  /** Ends the run with this error, for what goes wrong where no caller listens. The first one counts. */
  fail = (error) => {
    this.#failure ??= { error };
  };
  /** Runs every event up to and including `untilMs`. Rejects with what an event threw, at its time. */
  async run(untilMs) {
    for (; ; ) {
      if (this.#promised) {
        this.#promised = false;
        await new Promise((resolve2) => setImmediate(resolve2));
      }
      if (this.#failure !== null) throw this.#failure.error;
      const event = this.#heap.popUntil(untilMs);
      if (event === null && !this.#promised) break;
      if (event === null) continue;
      this.#eventsAtOnce = event.atMs === this.#nowMs ? this.#eventsAtOnce + 1 : 0;
      if (this.#eventsAtOnce > EVENTS_AT_ONCE_MAX) throw new Error("time stands still: a busy loop");
      this.#nowMs = event.atMs;
      this.#events += 1;
      event.task?.();
    }
    this.#nowMs = untilMs;
  }
};

// src/sim/kernel/random.ts
var RandomSource = class {
  seed;
  /** `seed`: a whole number; its low 32 bits count. */
  constructor(seed) {
    this.seed = seed >>> 0;
  }
  /** Two calls with one name give two streams with the same draws: name every use. */
  stream(name2) {
    return new CountedStream(mix(this.seed ^ hashOf(name2)), mix(hashOf(name2) + 2654435769));
  }
};
var CountedStream = class {
  #key;
  #salt;
  #count = 0;
  constructor(key, salt) {
    this.#key = key;
    this.#salt = salt;
  }
  uint32() {
    this.#count = this.#count + 1 >>> 0;
    return mix(mix(this.#count ^ this.#salt) ^ this.#key);
  }
  /** The bias of the remainder is below bound / 2^32. */
  below(bound) {
    if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32)
      throw new RangeError(`no draw below ${bound}`);
    return this.uint32() % bound;
  }
  between(min, max) {
    return min + this.below(max - min + 1);
  }
  chance(percent) {
    return this.below(1e4) < percent * 100;
  }
  pick(items) {
    const index = this.below(items.length);
    const picked = items[index];
    if (picked === void 0 && !(index in items)) throw new RangeError("nothing to pick from");
    return picked;
  }
  bytes(count2) {
    return Uint8Array.from({ length: count2 }, () => this.uint32() & 255);
  }
};
function mix(word) {
  let h = word >>> 0;
  h = Math.imul(h ^ h >>> 16, 2246822507);
  h = Math.imul(h ^ h >>> 13, 3266489909);
  return (h ^ h >>> 16) >>> 0;
}
function hashOf(text3) {
  let h = 2166136261;
  for (let at = 0; at < text3.length; at += 1) h = Math.imul(h ^ text3.charCodeAt(at), 16777619);
  return h >>> 0;
}

// src/sim/kernel/trace-hash.ts
var TraceHash = class {
  #a = 2166136261;
  #b = 2654435769;
  text(text3) {
    for (let at = 0; at < text3.length; at += 1) this.#take(text3.charCodeAt(at));
    this.#take(65535);
  }
  /** Whole numbers and fractions alike. */
  number(value) {
    this.#take(value >>> 0);
    this.#take(Math.floor(value / 2 ** 32) >>> 0);
    this.#take((value - Math.floor(value)) * 2 ** 32 >>> 0);
  }
  bytes(bytes3) {
    for (const byte of bytes3) this.#take(byte);
    this.#take(bytes3.length);
  }
  /** 16 lower-case hex digits. */
  hex() {
    return [this.#a, this.#b].map((lane) => (lane >>> 0).toString(16).padStart(8, "0")).join("");
  }
  /** Two lanes of FNV-1a, of which the second is stirred by the first. */
  #take(word) {
    this.#a = Math.imul(this.#a ^ word, 16777619);
    this.#b = Math.imul(this.#b ^ word ^ this.#a >>> 15, 2246822507);
  }
};

// src/sim/laws/law.ts
var LawBroken = class extends Error {
  law;
  node;
  atMs;
  /** What happened, without law, node and time. */
  sentence;
  constructor(law, node, atMs, sentence2) {
    super(`${law} is broken${node === null ? "" : ` by ${node}`} at ${atMs.toFixed(1)} ms: ${sentence2}`);
    this.name = "LawBroken";
    this.law = law;
    this.node = node;
    this.atMs = atMs;
    this.sentence = sentence2;
  }
};

// src/sim/laws/per-node.ts
var PerNode = class {
  #records = /* @__PURE__ */ new Map();
  #make;
  constructor(make) {
    this.#make = make;
  }
  of(node) {
    const known = this.#records.get(node);
    if (known !== void 0) return known;
    const made = this.#make(node);
    this.#records.set(node, made);
    return made;
  }
  /** In the order in which the nodes were first heard of. */
  all() {
    return this.#records.entries();
  }
};

// src/sim/laws/applied-in-order.ts
var AppliedInOrder = class {
  name = "applied once and in order";
  hears = ["started", "applied"];
  #nodes = new PerNode(() => ({ applied: 0 }));
  observe(observation, nowMs) {
    const reached = this.#nodes.of(observation.node);
    if (observation.type === "started") reached.applied = 0;
    if (observation.type !== "applied") return;
    const { index } = observation.entry;
    if (index !== reached.applied + 1) {
      const fault = index <= reached.applied ? "a second time" : `without ${reached.applied + 1} before it`;
      throw new LawBroken(this.name, observation.node, nowMs, `it applies ${index} ${fault}`);
    }
    reached.applied = index;
  }
};

// src/sim/laws/commit-history.ts
var CommitHistory = class {
  #shadows;
  #terms = [];
  /** Term of a leader -> the highest index that it was the first to call committed. */
  #highest = /* @__PURE__ */ new Map();
  #claimant = null;
  #committedIn = null;
  constructor(shadows) {
    this.#shadows = shadows;
  }
  get lastIndex() {
    return this.#terms.length;
  }
  /** Who was the first to call the last entry committed. */
  get claimant() {
    return this.#claimant;
  }
  /**
   * The term of the leader that made the last entry the end of its commit index, and thereby the first to call it
   * committed; null when one cannot tell, because entries were applied before any index was named.
   */
  get committedIn() {
    return this.#committedIn;
  }
  termAt(index) {
    return this.#terms[index - 1];
  }
  /** The highest index that was committed in a term below `term`. */
  highestBefore(term) {
    let highest = 0;
    for (const [committedIn, index] of this.#highest) {
      if (committedIn < term && index > highest) highest = index;
    }
    return highest;
  }
  observe(observation) {
    const { node } = observation;
    switch (observation.type) {
      case "sent":
        if (observation.message.type === "append") this.#claim(node, observation.message.commit);
        return;
      case "persist":
        return this.#claim(node, observation.write.commitHint);
      case "turned":
        return this.#claim(node, observation.status.committed);
      case "applied":
        return this.#apply(node, observation.entry.index, observation.entry.term);
      case "started":
      case "durable":
      case "ended":
        return;
    }
  }
  /** A claim that goes beyond what one knows of the node's log is left until something is known. */
  #claim(node, committed) {
    if (committed <= this.lastIndex) return;
    const shadow = this.#shadows.of(node);
    this.#committedIn = null;
    while (this.lastIndex < committed) {
      const term = shadow.termAt(this.lastIndex + 1);
      if (term === void 0) return;
      this.#push(node, shadow, term);
    }
    if (shadow.leads) this.#committedIn = shadow.ledTerm;
  }
  #apply(node, index, term) {
    this.#claim(node, index - 1);
    if (index !== this.lastIndex + 1) return;
    this.#push(node, this.#shadows.of(node), term);
    this.#committedIn = null;
  }
  #push(node, shadow, term) {
    this.#terms.push(term);
    this.#highest.set(shadow.written.term, this.lastIndex);
    this.#claimant = node;
  }
};

// src/sim/laws/commits-own-term.ts
var CommitsOwnTerm = class {
  name = "commits by its own term";
  hears = ["sent", "persist", "turned"];
  #history;
  #judged = 0;
  constructor(history) {
    this.#history = history;
  }
  observe(_observation, nowMs) {
    const { lastIndex, committedIn, claimant } = this.#history;
    if (lastIndex === this.#judged) return;
    this.#judged = lastIndex;
    const term = this.#history.termAt(lastIndex);
    if (committedIn === null || committedIn === term) return;
    throw new LawBroken(
      this.name,
      claimant,
      nowMs,
      `it leads term ${committedIn} and calls ${lastIndex}@${term} committed, which no leader of term ${term} ever did`
    );
  }
};

// src/sim/laws/committed-on-quorum.ts
var CommittedOnQuorum = class {
  name = "committed on a durable quorum";
  hears = ["started", "persist", "sent", "applied", "turned"];
  #voters;
  #shadows;
  #history;
  #judged = 0;
  constructor(voters, shadows, history) {
    this.#voters = voters;
    this.#shadows = shadows;
    this.#history = history;
  }
  observe(observation, nowMs) {
    if (observation.type === "started") {
      this.#remembers(observation.node, observation.recovered.commitHint, nowMs);
    }
    if (this.#history.lastIndex > this.#judged) this.#judge(nowMs);
  }
  /** The newest one is enough: Log Matching answers for those below it. */
  #judge(nowMs) {
    const index = this.#history.lastIndex;
    const term = this.#history.termAt(index);
    this.#judged = index;
    const holders = this.#voters.filter((voter) => {
      const shadow = this.#shadows.of(voter);
      return shadow.disk.log.termAt(index) === term || index <= shadow.destroyedThrough;
    });
    if (holders.length * 2 > this.#voters.length) return;
    throw new LawBroken(
      this.name,
      this.#history.claimant,
      nowMs,
      `it calls ${index}@${term} committed, which is on the disks of ${holders.length === 0 ? "nobody" : holders.join(" and ")} only, out of ${this.#voters.length} voters`
    );
  }
  #remembers(node, commitHint, nowMs) {
    if (commitHint <= this.#history.lastIndex) return;
    throw new LawBroken(
      this.name,
      node,
      nowMs,
      `it opens with a commit index of ${commitHint}, but nobody ever committed more than ${this.#history.lastIndex}`
    );
  }
};

// src/sim/laws/durability.ts
var Durability = class {
  name = "durability";
  hears = ["started", "persist"];
  #shadows;
  constructor(shadows) {
    this.#shadows = shadows;
  }
  observe(observation, nowMs) {
    const { disorder, loss } = this.#shadows.of(observation.node);
    const broken = observation.type === "started" ? loss ?? disorder : disorder;
    if (broken !== null) throw new LawBroken(this.name, observation.node, nowMs, broken);
  }
};

// src/sim/laws/election-safety.ts
var ElectionSafety = class {
  name = "election safety";
  hears = ["turned", "sent"];
  #shadows;
  #leaders = /* @__PURE__ */ new Map();
  constructor(shadows) {
    this.#shadows = shadows;
  }
  observe(observation, nowMs) {
    if (observation.type === "turned") {
      const { role, term } = observation.status;
      if (role === "leader") this.#leads(observation.node, term, nowMs);
    } else if (observation.type === "sent" && observation.message.type === "append") {
      this.#leads(observation.node, observation.message.term, nowMs);
    }
  }
  #leads(node, term, nowMs) {
    const { incarnation } = this.#shadows.of(node);
    const known = this.#leaders.get(term);
    if (known === void 0) {
      this.#leaders.set(term, { node, incarnation });
    } else if (known.node !== node) {
      throw new LawBroken(this.name, node, nowMs, `it leads term ${term}, which ${known.node} led already`);
    } else if (known.incarnation !== incarnation) {
      throw new LawBroken(this.name, node, nowMs, `it leads term ${term}, which it led before it restarted`);
    }
  }
};

// src/sim/laws/equal-digests.ts
var EqualDigests = class {
  name = "equal digests";
  hears = ["applied"];
  /** By index. */
  #taken = /* @__PURE__ */ new Map();
  observe(observation, nowMs) {
    if (observation.type !== "applied" || observation.digest === null) return;
    const { node, digest: digest2 } = observation;
    const { index } = observation.entry;
    const known = this.#taken.get(index);
    if (known === void 0) {
      this.#taken.set(index, { digest: digest2, by: node });
    } else if (known.digest !== digest2) {
      const whose = known.by === node ? "it had" : `${known.by} has`;
      throw new LawBroken(
        this.name,
        node,
        nowMs,
        `after index ${index} its state has the digest ${digest2}, where ${whose} ${known.digest}`
      );
    }
  }
};

// src/sim/laws/leader-append-only.ts
var LeaderAppendOnly = class {
  name = "leader append-only";
  hears = ["turned", "persist"];
  #shadows;
  #longest = new PerNode(() => ({ term: 0, incarnation: 0, last: 0 }));
  constructor(shadows) {
    this.#shadows = shadows;
  }
  observe(observation, nowMs) {
    if (observation.type === "persist") {
      this.#writes(observation.node, observation.write, nowMs);
    } else if (observation.type === "turned" && observation.status.role === "leader") {
      this.#leads(observation.node, observation.status.term, observation.status.last.index, nowMs);
    }
  }
  #writes(node, write3, nowMs) {
    const shadow = this.#shadows.of(node);
    const term = shadow.written.term;
    if (shadow.ledTerm === 0 || shadow.ledTerm !== term) return;
    if (write3.truncateFrom !== null) {
      throw new LawBroken(
        this.name,
        node,
        nowMs,
        `it cuts its log from ${write3.truncateFrom} on, in term ${term}, which it led itself`
      );
    }
    const foreign2 = write3.append.find((entry) => entry.term !== term);
    if (foreign2 !== void 0) {
      throw new LawBroken(
        this.name,
        node,
        nowMs,
        `it appends ${foreign2.index}@${foreign2.term} in term ${term}, which it led itself`
      );
    }
  }
  #leads(node, term, last, nowMs) {
    const longest = this.#longest.of(node);
    const { incarnation } = this.#shadows.of(node);
    if (longest.term === term && longest.incarnation === incarnation && last < longest.last) {
      throw new LawBroken(
        this.name,
        node,
        nowMs,
        `its log ended at ${longest.last} and now at ${last}, both while leading term ${term}`
      );
    }
    longest.term = term;
    longest.incarnation = incarnation;
    longest.last = last;
  }
};

// src/sim/laws/leader-completeness.ts
var LeaderCompleteness = class {
  name = "leader completeness";
  hears = ["turned", "sent"];
  #shadows;
  #history;
  #judged = new PerNode(() => ({ term: 0 }));
  constructor(shadows, history) {
    this.#shadows = shadows;
    this.#history = history;
  }
  observe(observation, nowMs) {
    if (observation.type === "turned") {
      const { role, term } = observation.status;
      if (role === "leader") this.#leads(observation.node, term, nowMs);
    } else if (observation.type === "sent" && observation.message.type === "append") {
      this.#leads(observation.node, observation.message.term, nowMs);
    }
  }
  #leads(node, term, nowMs) {
    const judged = this.#judged.of(node);
    if (judged.term === term) return;
    judged.term = term;
    const index = this.#history.highestBefore(term);
    if (index === 0) return;
    const { log } = this.#shadows.of(node).written;
    const own = log.termAt(index);
    const committed = this.#history.termAt(index);
    if (own === committed) return;
    const has = own === void 0 ? `its log ends at ${log.last.index}@${log.last.term}` : `it has ${index}@${own}`;
    throw new LawBroken(
      this.name,
      node,
      nowMs,
      `it leads term ${term} without ${index}@${committed}, which was committed before: ${has}`
    );
  }
};

// src/sim/laws/log-matching.ts
var LogMatching = class {
  name = "log matching";
  hears = ["started", "persist", "sent"];
  #shadows;
  #hashes;
  /** By index - 1. */
  #branches = [];
  constructor(shadows, hashes) {
    this.#shadows = shadows;
    this.#hashes = hashes;
  }
  observe(observation, nowMs) {
    const { node } = observation;
    switch (observation.type) {
      case "started":
        return this.#chain(node, "finds", observation.entries, 0, nowMs);
      case "persist": {
        const { append } = observation.write;
        const [first] = append;
        if (first === void 0) return;
        const previous = this.#shadows.of(node).written.log.termAt(first.index - 1);
        return this.#chain(node, "writes", append, previous ?? 0, nowMs);
      }
      case "sent": {
        const { message } = observation;
        if (message.type !== "append" && message.type !== "pullReply") return;
        return this.#chain(node, "sends", message.entries, message.prev.term, nowMs);
      }
      case "ended":
      case "durable":
      case "applied":
      case "turned":
        return;
    }
  }
  #chain(node, verb, entries2, before, nowMs) {
    let previousTerm = before;
    for (const entry of entries2) {
      this.#seen(node, verb, entry, previousTerm, nowMs);
      previousTerm = entry.term;
    }
  }
  #seen(node, verb, entry, previousTerm, nowMs) {
    const hash2 = this.#hashes.of(entry);
    const known = this.#branch(entry.index, entry.term);
    if (known === void 0) {
      const older = this.#branches[entry.index - 1];
      this.#branches[entry.index - 1] = { term: entry.term, previousTerm, hash: hash2, seenAt: node, older };
      return;
    }
    if (known.hash === hash2 && known.previousTerm === previousTerm) return;
    const position2 = `${entry.index}@${entry.term}`;
    const difference = known.hash === hash2 ? `${position2} after ${entry.index - 1}@${previousTerm}, which ${known.seenAt} has after ${entry.index - 1}@${known.previousTerm}` : `${position2} with another content than ${known.seenAt} has there`;
    throw new LawBroken(this.name, node, nowMs, `it ${verb} ${difference}`);
  }
  #branch(index, term) {
    let branch = this.#branches[index - 1];
    while (branch !== void 0 && branch.term !== term) branch = branch.older;
    return branch;
  }
};

// src/sim/laws/message-budget.ts
var MessageBudget = class {
  name = "messages per commit";
  hears = ["sent", "persist"];
  #round;
  #entryPays;
  #perMs;
  #purseMax;
  #windowMs;
  #barriers = new PerNode(() => ({ term: 0, readSeq: 0 }));
  #purse;
  #paidAt = 0;
  constructor(nodes, options) {
    const { heartbeatMs, electionTimeoutMinMs, windowMs = 2e3, entryPays = 6 } = options;
    const peers = Math.max(1, nodes - 1);
    this.#round = 2 * peers;
    this.#entryPays = entryPays;
    this.#perMs = 2 * this.#round / heartbeatMs + 2 * nodes * this.#round / electionTimeoutMinMs;
    this.#windowMs = windowMs;
    this.#purseMax = this.#perMs * windowMs;
    this.#purse = this.#purseMax;
  }
  observe(observation, nowMs) {
    if (observation.type === "persist") {
      const { append, hardState } = observation.write;
      this.#pay(append.length * this.#entryPays + (hardState === null ? 0 : this.#round));
      return;
    }
    if (observation.type !== "sent") return;
    const { node, message } = observation;
    if (nowMs > this.#paidAt) {
      this.#pay((nowMs - this.#paidAt) * this.#perMs);
      this.#paidAt = nowMs;
    }
    if (message.type === "append") {
      const barrier = this.#barriers.of(node);
      if (barrier.term !== message.term || message.readSeq > barrier.readSeq) this.#pay(2 * this.#round);
      barrier.term = message.term;
      barrier.readSeq = message.readSeq;
    }
    this.#purse -= 1;
    if (this.#purse >= 0) return;
    throw new LawBroken(
      this.name,
      node,
      nowMs,
      `for ${this.#windowMs} ms at least, the nodes have sent more messages than time, entries, elections and reads account for; the last is ${message.type} to ${message.to}`
    );
  }
  #pay(messages) {
    this.#purse = Math.min(this.#purseMax, this.#purse + messages);
  }
};

// src/sim/laws/never-back.ts
var NeverBack = class {
  name = "nothing goes back";
  hears = ["started", "turned"];
  #shadows;
  #reached = new PerNode(() => ({ term: 0, votedFor: null, committed: 0, applied: 0 }));
  constructor(shadows) {
    this.#shadows = shadows;
  }
  observe(observation, nowMs) {
    const { node } = observation;
    if (observation.type === "turned") {
      this.#turned(node, observation.status, nowMs);
    } else if (observation.type === "started") {
      const { hardState, commitHint } = observation.recovered;
      const broken = hardStateBack(this.#shadows.of(node).durableBefore, hardState);
      if (broken !== null) throw new LawBroken(this.name, node, nowMs, `across its restart, ${broken}`);
      const reached = this.#reached.of(node);
      reached.term = hardState.term;
      reached.votedFor = hardState.votedFor;
      reached.committed = commitHint;
      reached.applied = 0;
    }
  }
  #turned(node, status, nowMs) {
    const reached = this.#reached.of(node);
    const broken = hardStateBack(reached, status) ?? back("its commit index", reached.committed, status.committed) ?? back("its applied index", reached.applied, status.applied);
    if (broken !== null) throw new LawBroken(this.name, node, nowMs, broken);
    reached.term = status.term;
    reached.votedFor = status.votedFor;
    reached.committed = status.committed;
    reached.applied = status.applied;
  }
};
function hardStateBack(before, after) {
  if (after.term < before.term) return back("its term", before.term, after.term);
  if (after.term > before.term || before.votedFor === null || after.votedFor === before.votedFor) return null;
  return `its vote in term ${after.term} goes from ${before.votedFor} to ${after.votedFor ?? "nobody"}`;
}
function back(cursor, from, to) {
  return to < from ? `${cursor} goes back from ${from} to ${to}` : null;
}

// src/sim/laws/payload-hash.ts
var PayloadHashes = class {
  #known = /* @__PURE__ */ new WeakMap();
  of(entry) {
    const known = this.#known.get(entry);
    if (known !== void 0) return known;
    const hash2 = hashOf2(entry);
    this.#known.set(entry, hash2);
    return hash2;
  }
};
var SEED = { command: 1668246893, noop: 1852796784, membership: 1835363682 };
function hashOf2(entry) {
  switch (entry.kind) {
    case "command":
      return murmur(entry.data, SEED.command);
    case "noop":
      return SEED.noop;
    case "membership":
      return murmur(new TextEncoder().encode(textOf(entry.membership)), SEED.membership);
  }
}
function textOf({ voters, outgoing, learners }) {
  return `${voters.join(",")};${outgoing.join(",")};${learners.join(",")}`;
}
function murmur(bytes3, seed) {
  const end2 = bytes3.length;
  const tail = end2 & ~3;
  let hash2 = seed;
  for (let at = 0; at < tail; at += 4) hash2 = mix2(hash2, wordAt(bytes3, at));
  if (tail < end2) hash2 = mix2(hash2, wordAt(bytes3, tail));
  hash2 ^= end2;
  hash2 = Math.imul(hash2 ^ hash2 >>> 16, 2246822507);
  hash2 = Math.imul(hash2 ^ hash2 >>> 13, 3266489909);
  return (hash2 ^ hash2 >>> 16) >>> 0;
}
function mix2(hash2, word) {
  let mixed = Math.imul(word, 3432918353);
  mixed = Math.imul(mixed << 15 | mixed >>> 17, 461845907);
  const rotated = (hash2 ^ mixed) << 13 | (hash2 ^ mixed) >>> 19;
  return Math.imul(rotated, 5) + 3864292196 | 0;
}
function wordAt(bytes3, at) {
  return (bytes3[at] ?? 0) | (bytes3[at + 1] ?? 0) << 8 | (bytes3[at + 2] ?? 0) << 16 | (bytes3[at + 3] ?? 0) << 24;
}

// src/sim/laws/promise-before-fsync.ts
var PromiseBeforeFsync = class {
  name = "no promise before fsync";
  hears = ["sent"];
  #shadows;
  constructor(shadows) {
    this.#shadows = shadows;
  }
  observe(observation, nowMs) {
    if (observation.type !== "sent") return;
    const { node, message } = observation;
    const broken = this.#brokenPromise(this.#shadows.of(node), message);
    if (broken !== null) throw new LawBroken(this.name, node, nowMs, broken);
  }
  #brokenPromise(sender, message) {
    switch (message.type) {
      case "vote":
        return voteOnDisk(sender, message.term, message.from) ? null : `it asks ${message.to} for a vote in term ${message.term}, ${contrast(sender)}`;
      case "append":
        return voteOnDisk(sender, message.term, message.from) ? null : `it leads ${message.to} in term ${message.term}, ${contrast(sender)}`;
      case "voteReply":
        return !message.granted || voteOnDisk(sender, message.term, message.to) ? null : `it gives ${message.to} its vote in term ${message.term}, ${contrast(sender)}`;
      case "appendReply":
        return message.result.accepted ? this.#brokenAck(sender, message, message.result.match) : null;
      case "preVote":
      case "preVoteReply":
      case "timeoutNow":
      case "pull":
      case "pullReply":
        return null;
    }
  }
  /** What the receiver has at `match` is known only while it leads that term, in one life. */
  #brokenAck(sender, message, match) {
    const held = sender.disk.log.termAt(match);
    if (sender.disk.term !== message.term || held === void 0) {
      return `it acknowledges ${message.to} up to ${match} in term ${message.term}, ${contrast(sender)}`;
    }
    const leader = this.#shadows.of(message.to);
    if (!leader.leads || leader.ledTerm !== message.term) return null;
    const meant = leader.termAt(match);
    if (meant === held) return null;
    return `it acknowledges ${match}@${meant} to ${message.to}, but its disk holds ${match}@${held} there`;
  }
};
function voteOnDisk({ disk }, term, votedFor) {
  return disk.term === term && disk.votedFor === votedFor;
}
function contrast({ disk }) {
  return `but its disk holds ${disk.describe()}`;
}

// src/sim/laws/shadow-log.ts
var ShadowLog = class {
  #terms = [];
  get lastIndex() {
    return this.#terms.length;
  }
  get last() {
    return { index: this.lastIndex, term: this.termAt(this.lastIndex) ?? 0 };
  }
  /** 0 before the log, undefined beyond it. */
  termAt(index) {
    return index === 0 ? 0 : this.#terms[index - 1];
  }
  /** Returns what is wrong with the write, or null. The log takes from it what it can. */
  perform(write3) {
    if (write3.truncateFrom !== null && write3.truncateFrom <= this.lastIndex) {
      this.#terms.length = Math.max(0, write3.truncateFrom - 1);
    }
    for (const entry of write3.append) {
      const expected = this.lastIndex + 1;
      if (entry.index !== expected)
        return `write #${write3.seq} puts ${entry.index} where ${expected} belongs`;
      this.#terms.push(entry.term);
    }
    return null;
  }
  replace(terms) {
    this.#terms = [...terms];
  }
  copyOf(other) {
    this.replace(other.#terms);
  }
  equals(terms) {
    if (terms.length !== this.#terms.length) return false;
    for (let at = terms.length - 1; at >= 0; at -= 1) if (terms[at] !== this.#terms[at]) return false;
    return true;
  }
};
var ShadowStore = class {
  log = new ShadowLog();
  term = 0;
  votedFor = null;
  perform(write3) {
    if (write3.hardState !== null) this.promise(write3.hardState);
    return this.log.perform(write3);
  }
  promise({ term, votedFor }) {
    this.term = term;
    this.votedFor = votedFor;
  }
  copyOf(other) {
    this.log.copyOf(other.log);
    this.promise(other);
  }
  equals(hardState, terms) {
    return this.term === hardState.term && this.votedFor === hardState.votedFor && this.log.equals(terms);
  }
  describe() {
    const { index, term } = this.log.last;
    return `term ${this.term}, ${this.votedFor === null ? "no vote" : `vote for ${this.votedFor}`}, log up to ${index}@${term}`;
  }
};

// src/sim/laws/shadow-logs.ts
var NodeShadow = class {
  /** Everything handed to the disk: the node's memory, save for what it has not handed over yet. */
  written = new ShadowStore();
  /** What is certainly on the disk. */
  disk = new ShadowStore();
  /** Handed over, not known to be durable; oldest first. */
  pending = [];
  running = false;
  /** Counts starts; 0 before the first. */
  incarnation = 0;
  /** The newest term that it was seen to lead, and in which life; 0 for none. */
  ledTerm = 0;
  ledIncarnation = 0;
  /** Its disk was destroyed on purpose: its next start answers for nothing from before. */
  forgiven = false;
  /** How far its log reached, at least, when its disk was destroyed; 0 if it never was. */
  destroyedThrough = 0;
  /** What the last start found wrong; null when it found what it had to. */
  loss = null;
  /** Term and vote that were certainly on the disk when it was last opened. */
  durableBefore = { term: 0, votedFor: null };
  /** What was wrong with the last write; null when it continues those before. */
  disorder = null;
  #nextSeq = 0;
  /** It leads now, as far as one can see from outside. */
  get leads() {
    return this.running && this.ledIncarnation === this.incarnation && this.ledTerm === this.written.term;
  }
  /** The term of its entry at `index`, what it has not handed over yet included when it leads: that is of its own term. */
  termAt(index) {
    return this.written.log.termAt(index) ?? (this.leads ? this.ledTerm : void 0);
  }
  started(found, entries2) {
    const terms = entries2.map((entry) => entry.term);
    const excused = this.forgiven || this.incarnation === 0;
    this.durableBefore = excused ? found : { term: this.disk.term, votedFor: this.disk.votedFor };
    const held = this.disk.describe();
    this.loss = excused || this.#replay(found, terms) ? null : this.#lossOf(found, entries2, held);
    this.forgiven = false;
    this.pending.length = 0;
    this.disk.promise(found);
    this.disk.log.replace(terms);
    this.written.copyOf(this.disk);
    this.running = true;
    this.incarnation += 1;
    this.#nextSeq = 0;
    this.disorder = gapIn(entries2);
  }
  ended() {
    this.running = false;
  }
  persist(write3) {
    const inOrder = this.#nextSeq === 0 || write3.seq === this.#nextSeq;
    this.#nextSeq = write3.seq + 1;
    this.pending.push(write3);
    const hole = this.written.perform(write3);
    this.disorder = inOrder ? hole : `write #${write3.seq} is out of turn`;
  }
  durable(through) {
    let done = 0;
    for (const write3 of this.pending) {
      if (write3.seq > through) break;
      this.disk.perform(write3);
      done += 1;
    }
    this.pending.splice(0, done);
  }
  leading(term) {
    this.ledTerm = Math.max(term, this.ledTerm);
    this.ledIncarnation = this.incarnation;
  }
  /** Lets pending writes reach the disk, one by one, until it is as it was found. */
  #replay(found, terms) {
    if (this.disk.equals(found, terms)) return true;
    return this.pending.some((write3) => {
      this.disk.perform(write3);
      return this.disk.equals(found, terms);
    });
  }
  #lossOf(found, entries2, held) {
    const opened = new ShadowStore();
    opened.promise(found);
    opened.log.replace(entries2.map((entry) => entry.term));
    const open3 = this.pending.length === 0 ? "" : `, with its open writes ${this.written.describe()}`;
    return `it opens with ${opened.describe()}, but its disk held ${held}${open3}`;
  }
};
var ShadowLogs = class {
  #nodes = new PerNode(() => new NodeShadow());
  of(node) {
    return this.#nodes.of(node);
  }
  /** The disk of this node was destroyed on purpose: whatever its next start finds is right. */
  forgive(node) {
    const shadow = this.of(node);
    shadow.forgiven = true;
    shadow.destroyedThrough = Math.max(shadow.destroyedThrough, shadow.disk.log.lastIndex);
  }
  observe(observation) {
    const shadow = this.of(observation.node);
    switch (observation.type) {
      case "started":
        return shadow.started(observation.recovered.hardState, observation.entries);
      case "ended":
        return shadow.ended();
      case "persist":
        return shadow.persist(observation.write);
      case "durable":
        return shadow.durable(observation.through);
      case "sent":
        if (observation.message.type === "append") shadow.leading(observation.message.term);
        return;
      case "turned":
        if (observation.status.role === "leader") shadow.leading(observation.status.term);
        return;
      case "applied":
        return;
    }
  }
};
function gapIn(entries2) {
  const at = entries2.findIndex((entry, place) => entry.index !== place + 1);
  return at === -1 ? null : `the log that it opens with has ${entries2[at]?.index} where ${at + 1} belongs`;
}

// src/sim/laws/state-machine-safety.ts
var StateMachineSafety = class {
  name = "state-machine safety";
  hears = ["applied"];
  #history;
  #hashes;
  /** By index - 1, of what was applied first. */
  #applied = [];
  constructor(history, hashes) {
    this.#history = history;
    this.#hashes = hashes;
  }
  observe(observation, nowMs) {
    if (observation.type !== "applied") return;
    const { node, entry } = observation;
    const term = this.#history.termAt(entry.index);
    if (term !== void 0 && term !== entry.term) {
      throw new LawBroken(
        this.name,
        node,
        nowMs,
        `it applies ${entry.index}@${entry.term}, but ${entry.index}@${term} is what was committed there`
      );
    }
    const hash2 = this.#hashes.of(entry);
    const known = this.#applied[entry.index - 1];
    if (known === void 0) {
      this.#applied[entry.index - 1] = hash2;
    } else if (known !== hash2) {
      throw new LawBroken(
        this.name,
        node,
        nowMs,
        `it applies ${entry.index}@${entry.term} with another content than was applied there before`
      );
    }
  }
};

// src/sim/laws/votes-for-as-good.ts
var VotesForAsGood = class {
  name = "votes for logs as good as its own";
  hears = ["sent", "persist"];
  #shadows;
  #asked = new PerNode(() => ({ term: 0, lastIndex: 0, lastTerm: 0 }));
  constructor(shadows) {
    this.#shadows = shadows;
  }
  observe(observation, nowMs) {
    const { node } = observation;
    if (observation.type === "sent" && observation.message.type === "vote") {
      const { term, last } = observation.message;
      const asked = this.#asked.of(node);
      asked.term = term;
      asked.lastIndex = last.index;
      asked.lastTerm = last.term;
    }
    if (observation.type !== "persist") return;
    const { write: write3 } = observation;
    if (write3.hardState === null || write3.hardState.votedFor === null) return;
    this.#votes(node, write3.hardState.votedFor, write3.hardState.term, write3, nowMs);
  }
  #votes(node, candidate, term, write3, nowMs) {
    const theirs = this.#asked.of(candidate);
    if (candidate === node || theirs.term !== term) return;
    const { log } = this.#shadows.of(node).written;
    const ownIndex = (write3.append[0]?.index ?? write3.truncateFrom ?? log.lastIndex + 1) - 1;
    const ownTerm = log.termAt(ownIndex) ?? 0;
    if (theirs.lastTerm > ownTerm || theirs.lastTerm === ownTerm && theirs.lastIndex >= ownIndex) return;
    throw new LawBroken(
      this.name,
      node,
      nowMs,
      `it votes in term ${term} for ${candidate}, whose log ends at ${theirs.lastIndex}@${theirs.lastTerm}, with ${ownIndex}@${ownTerm} in its own`
    );
  }
};

// src/sim/laws/all-laws.ts
function newBooks() {
  const shadows = new ShadowLogs();
  return { shadows, history: new CommitHistory(shadows), hashes: new PayloadHashes() };
}
function lawsFor(voters, books, budget) {
  const { shadows, history, hashes } = books;
  return [
    new Durability(shadows),
    new NeverBack(shadows),
    new PromiseBeforeFsync(shadows),
    new VotesForAsGood(shadows),
    new ElectionSafety(shadows),
    new LeaderAppendOnly(shadows),
    new LeaderCompleteness(shadows, history),
    new LogMatching(shadows, hashes),
    new CommittedOnQuorum(voters, shadows, history),
    new CommitsOwnTerm(history),
    new AppliedInOrder(),
    new StateMachineSafety(history, hashes),
    new EqualDigests(),
    new MessageBudget(voters.length, budget)
  ];
}
var Laws = class {
  #books;
  #hearers;
  #broken = null;
  constructor(voters, budget) {
    this.#books = newBooks();
    this.#hearers = byType(lawsFor(voters, this.#books, budget));
  }
  /** The first breach, for whoever runs the cluster: the code under test may have swallowed the throw. */
  get broken() {
    return this.#broken;
  }
  /** How far anybody knows the log to be committed. */
  get committed() {
    return this.#books.history.lastIndex;
  }
  /** @throws LawBroken */
  observe(observation, nowMs) {
    this.#books.shadows.observe(observation);
    this.#books.history.observe(observation);
    try {
      for (const law of this.#hearers[observation.type]) law.observe(observation, nowMs);
    } catch (error) {
      if (error instanceof LawBroken) this.#broken ??= error;
      throw error;
    }
  }
  /** The disk of this node was destroyed on purpose, while it was down: whatever its next start finds is right. */
  forgive(node) {
    this.#books.shadows.forgive(node);
  }
};
function byType(laws) {
  const hearing = (type) => laws.filter((law) => law.hears.includes(type));
  return {
    started: hearing("started"),
    ended: hearing("ended"),
    persist: hearing("persist"),
    durable: hearing("durable"),
    sent: hearing("sent"),
    applied: hearing("applied"),
    turned: hearing("turned")
  };
}

// src/wire/defaults.ts
var KIB = 1024;
var MIB = 1024 * KIB;
var DEFAULT_CLIENT_PORT = 7400;
var DEFAULT_LIMITS = {
  /** bytes, 16 to 4,096. A key stays in memory on every node (SPEC 2). */
  keyBytesMax: 4 * KIB,
  /** bytes, 1 to 8 MiB. A large value holds up the log for everybody behind it. */
  valueBytesMax: 1 * MIB,
  /** bytes, 1 KiB to 16 MiB. One value of the largest size with room for what surrounds it; etcd's number (SPEC 8). */
  requestBytesMax: 1.5 * MIB,
  /** records in a page of a scan, 1 to 10,000. A page is served in one turn of the loop. */
  pageRecordsMax: 1e3,
  /** bytes in a page of a scan, 1 KiB to 16 MiB; a page always holds at least one record. */
  pageBytesMax: 1 * MIB,
  /** clients at once on one node, 1 to 100,000. Mind the limit of open files. */
  connectionsMax: 1e4,
  /** requests in flight on one connection, 1 to 65,536. One client cannot take the whole node. */
  inFlightPerConnectionMax: 256
};
var DEFAULT_HISTORY = {
  /** milliseconds of cluster time, 10 s to 30 days. */
  keptMs: 60 * 60 * 1e3,
  /** revisions, 1 to 1,000,000,000. */
  keptRevisions: 1e6
};
var FRAME_OVERHEAD_BYTES = 512 * KIB;
function clientFrameBytesMax(requestBytesMax) {
  return requestBytesMax + FRAME_OVERHEAD_BYTES;
}
var CLIENT_FRAME_ELEMENTS_MAX = 131072;
function peerFrameBytesMax(requestBytesMax) {
  return 2 * requestBytesMax + 2 * FRAME_OVERHEAD_BYTES;
}
var SERVER_FRAME_BYTES_MAX = 64 * MIB;

// src/wire/endpoints.ts
function parseEndpoint(text3, defaultPort = DEFAULT_CLIENT_PORT) {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/?#@[\]]+))(?::(\d{1,5}))?$/.exec(text3);
  const host = match?.[1] ?? match?.[2];
  if (host === void 0) throw invalid(text3, "an endpoint is host:port, with an IPv6 address in brackets");
  const port = match?.[3] === void 0 ? defaultPort : Number(match[3]);
  if (port < 1 || port > 65535) throw invalid(text3, "a port is 1 to 65535");
  return { host, port };
}
function formatEndpoint({ host, port }) {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
function invalid(text3, rule) {
  const details = { hint: "for example quorate://127.0.0.1:7400,127.0.0.1:7410,127.0.0.1:7420" };
  return new QuorateError("INVALID_ARGUMENT", `"${text3}" is not an endpoint: ${rule}`, { details });
}

// src/wire/entry-codec.ts
var ENTRY_HEADER_BYTES = 21;
var KIND = { command: 1, noop: 2, membership: 3 };
var utf8 = new TextEncoder();
var strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
function encodedEntryBytes(entry) {
  return ENTRY_HEADER_BYTES + payloadOf(entry).length;
}
function encodedEntriesBytes(entries2) {
  let bytes3 = 0;
  for (const entry of entries2) bytes3 += encodedEntryBytes(entry);
  return bytes3;
}
function encodeEntries(entries2) {
  const target = new Uint8Array(encodedEntriesBytes(entries2));
  encodeEntriesInto(target, 0, entries2);
  return target;
}
function encodeEntriesInto(target, offset, entries2) {
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
  let at = offset;
  for (const entry of entries2) {
    const data = payloadOf(entry);
    view.setUint8(at, KIND[entry.kind]);
    setUint53(view, at + 1, entry.index);
    setUint53(view, at + 9, entry.term);
    view.setUint32(at + 17, data.length);
    target.set(data, at + ENTRY_HEADER_BYTES);
    at += ENTRY_HEADER_BYTES + data.length;
  }
  return at;
}
function decodeEntries(bytes3) {
  const view = new DataView(bytes3.buffer, bytes3.byteOffset, bytes3.byteLength);
  const entries2 = [];
  let previous = null;
  let at = 0;
  while (at < bytes3.length) {
    const entry = decodeEntryAt(bytes3, view, at);
    if (entry === null || !follows(entry, previous)) return null;
    entries2.push(entry);
    previous = entry;
    at += ENTRY_HEADER_BYTES + view.getUint32(at + 17);
  }
  return entries2;
}
function decodeEntryAt(bytes3, view, at) {
  if (bytes3.length - at < ENTRY_HEADER_BYTES) return null;
  const index = getUint53(view, at + 1);
  const term = getUint53(view, at + 9);
  const length = view.getUint32(at + 17);
  if (index < 1 || term < 1 || length > bytes3.length - at - ENTRY_HEADER_BYTES) return null;
  const data = new Uint8Array(bytes3.buffer, bytes3.byteOffset + at + ENTRY_HEADER_BYTES, length);
  switch (view.getUint8(at)) {
    case KIND.command:
      return { kind: "command", index, term, data };
    case KIND.noop:
      return length === 0 ? { kind: "noop", index, term } : null;
    case KIND.membership: {
      const membership = decodeMembership(data);
      return membership === null ? null : { kind: "membership", index, term, membership };
    }
    default:
      return null;
  }
}
function follows(entry, previous) {
  return previous === null || entry.index === previous.index + 1 && entry.term >= previous.term;
}
var EMPTY = new Uint8Array(0);
function payloadOf(entry) {
  if (entry.kind === "command") return entry.data;
  return entry.kind === "membership" ? encodeMembership(entry.membership) : EMPTY;
}
function encodeMembership(membership) {
  const bytes3 = [];
  for (const list2 of [membership.voters, membership.outgoing, membership.learners]) {
    bytes3.push(list2.length >>> 8, list2.length & 255);
    for (const id of list2) {
      const name2 = utf8.encode(id);
      if (name2.length === 0 || name2.length > 255)
        throw new Error(`node id of ${name2.length} bytes in a log entry`);
      bytes3.push(name2.length, ...name2);
    }
  }
  return Uint8Array.from(bytes3);
}
function decodeMembership(data) {
  const lists = [];
  let at = 0;
  for (let list2 = 0; list2 < 3; list2++) {
    const decoded = decodeIds(data, at);
    if (decoded === null) return null;
    lists.push(decoded.ids);
    at = decoded.end;
  }
  const [voters = [], outgoing = [], learners = []] = lists;
  if (at !== data.length || voters.length === 0) return null;
  if (learners.some((id) => voters.includes(id))) return null;
  return { voters, outgoing, learners };
}
function decodeIds(data, start) {
  const high = data[start];
  const low = data[start + 1];
  if (high === void 0 || low === void 0) return null;
  const ids = [];
  let at = start + 2;
  for (let left = high * 256 + low; left > 0; left--) {
    const length = data[at];
    if (length === void 0 || length === 0 || at + 1 + length > data.length) return null;
    const id = decodeId(data.subarray(at + 1, at + 1 + length));
    const previous = ids.at(-1);
    if (id === null || previous !== void 0 && previous >= id) return null;
    ids.push(id);
    at += 1 + length;
  }
  return { ids, end: at };
}
function decodeId(bytes3) {
  try {
    const name2 = strictUtf8.decode(bytes3);
    return isNodeId(name2) ? name2 : null;
  } catch {
    return null;
  }
}
function isNodeId(name2) {
  return name2.length > 0;
}

// src/wire/frame.ts
import { Packr } from "msgpackr/index-no-eval";
var DEPTH_MAX = 16;
var codec = new Packr({
  useRecords: false,
  mapsAsObjects: true,
  variableMapSize: true,
  moreTypes: false,
  int64AsType: "bigint",
  // Decoded bytes are views on the frame; whoever keeps them keeps the frame, or copies.
  copyBuffers: false
});
function packFrame(messages) {
  return codec.pack(messages);
}
function unpackFrame(bytes3, limits2) {
  if (bytes3.length > limits2.frameBytesMax) {
    return bad(`a frame of ${bytes3.length} bytes; the most is ${limits2.frameBytesMax}`);
  }
  const flaw = scan(bytes3, Math.min(limits2.elementsMax ?? bytes3.length, bytes3.length));
  if (flaw !== null) return bad(flaw);
  try {
    const messages = codec.unpack(bytes3);
    return Array.isArray(messages) ? { ok: true, value: messages } : bad("a frame is an array of messages");
  } catch (error) {
    return bad(`not MessagePack: ${error instanceof Error ? error.message : String(error)}`);
  }
}
function bad(reason) {
  return { ok: false, reason };
}
var FIXED_BYTES = [
  /* c0 nil, (never used), false, true */
  0,
  -1,
  0,
  0,
  /* c4 bin 8, 16, 32 */
  1,
  2,
  4,
  /* c7 ext 8, 16, 32 */
  -1,
  -1,
  -1,
  /* ca float 32, 64 */
  -1,
  8,
  /* cc uint 8, 16, 32, 64 */
  1,
  2,
  4,
  8,
  /* d0 int 8, 16, 32, 64 */
  1,
  2,
  4,
  8,
  /* d4 fixext 1, 2, 4, 8, 16 */
  -1,
  -1,
  -1,
  -1,
  -1,
  /* d9 str 8, 16, 32 */
  1,
  2,
  4,
  /* dc array 16, 32 */
  2,
  4,
  /* de map 16, 32 */
  -1,
  -1
];
var FLOAT64 = 203;
function scan(bytes3, elementsMax) {
  const view = new DataView(bytes3.buffer, bytes3.byteOffset, bytes3.byteLength);
  const open3 = [];
  let left = 1;
  let at = 0;
  let elements = 0;
  for (; ; ) {
    while (left === 0) {
      const outer = open3.pop();
      if (outer === void 0) return at === bytes3.length ? null : "bytes behind the end of the frame";
      left = outer;
    }
    left -= 1;
    const type = bytes3[at];
    if (type === void 0) return "the frame ends in the middle";
    at += 1;
    let children = 0;
    if (type >= 192 && type <= 223) {
      const size = FIXED_BYTES[type - 192] ?? -1;
      if (size < 0) return `type 0x${type.toString(16)} has no place in a frame`;
      if (at + size > bytes3.length) return "the frame ends in the middle";
      if (type === FLOAT64 && !isInteger(view.getFloat64(at))) return "a fraction has no place in a frame";
      const length = lengthAt(view, at, type, size);
      at += size;
      if (type >= 220) children = length;
      else at += length;
    } else if (type >= 160 && type < 192) {
      at += type & 31;
    } else if (type >= 144 && type < 160) {
      children = type & 15;
    } else if (type >= 128 && type < 144) {
      return "a map has no place in a frame";
    }
    if (at > bytes3.length) return "the frame ends in the middle";
    if (children === 0) continue;
    elements += children;
    if (elements > elementsMax) return `more than ${elementsMax} elements`;
    if (open3.length === DEPTH_MAX) return `nested deeper than ${DEPTH_MAX}`;
    open3.push(left);
    left = children;
  }
}
function isInteger(float) {
  return Number.isSafeInteger(float) && !Object.is(float, -0);
}
function lengthAt(view, at, type, size) {
  const announces = type >= 196 && type <= 198 || type >= 217;
  if (!announces) return 0;
  if (size === 1) return view.getUint8(at);
  return size === 2 ? view.getUint16(at) : view.getUint32(at);
}

// src/wire/shape.ts
var Malformed = class extends Error {
  name = "Malformed";
};
function malformed(expected, wire) {
  throw new Malformed(`expected ${expected}, got ${describe(wire)}`);
}
function describe(wire) {
  if (wire === null) return "nil";
  if (wire instanceof Uint8Array) return `${wire.length} bytes`;
  if (Array.isArray(wire)) return `a list of ${wire.length}`;
  return typeof wire === "string" ? `a string of ${wire.length}` : String(wire);
}
function integer(min = 0, max = Number.MAX_SAFE_INTEGER) {
  return {
    encode: (value) => value,
    decode: (wire) => {
      const value = typeof wire === "bigint" ? Number(wire) : wire;
      if (typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max)
        return value;
      return malformed(`an integer from ${min} to ${max}`, wire);
    }
  };
}
var INT64_MIN = -(2n ** 63n);
var INT64_MAX = 2n ** 63n - 1n;
var int64 = {
  encode: (value) => value,
  decode: (wire) => {
    if (typeof wire === "number" && Number.isSafeInteger(wire)) return BigInt(wire);
    if (typeof wire === "bigint" && wire >= INT64_MIN && wire <= INT64_MAX) return wire;
    return malformed("a signed 64-bit integer", wire);
  }
};
var bool = {
  encode: (value) => value,
  decode: (wire) => typeof wire === "boolean" ? wire : malformed("true or false", wire)
};
var BYTE_ORDER_MARK = "\uFEFF";
function text(lengthMax) {
  return {
    encode: (value) => value,
    decode: (wire) => typeof wire === "string" && wire.length <= lengthMax && !wire.startsWith(BYTE_ORDER_MARK) ? wire : malformed(`a string of at most ${lengthMax} characters`, wire)
  };
}
var bytes = {
  encode: (value) => value,
  decode: (wire) => wire instanceof Uint8Array ? wire : malformed("bytes", wire)
};
function nullable(shape) {
  return {
    encode: (value) => value === null ? null : shape.encode(value),
    decode: (wire) => wire === null ? null : shape.decode(wire)
  };
}
function list(shape) {
  return {
    encode: (values) => values.map((value) => shape.encode(value)),
    decode: (wire) => isList(wire) ? wire.map((item) => shape.decode(item)) : malformed("a list", wire)
  };
}
function oneOf(...names) {
  return {
    encode: (value) => names.indexOf(value),
    decode: (wire) => (typeof wire === "number" ? names[wire] : void 0) ?? malformed(`one of ${names.join(", ")}`, wire)
  };
}
function record(fields) {
  const columns = columnsOf(fields);
  return {
    encode: (value) => encodeColumns([], columns, value),
    decode: (wire) => typed(decodeColumns({}, columns, wire, 0))
  };
}
function variants(cases) {
  return union("type", cases);
}
function union(by, cases) {
  const rows = Object.entries(cases).map(
    ([kind, { tag, fields }]) => ({ kind, tag, columns: columnsOf(fields) })
  );
  const byKind = new Map(rows.map((row) => [row.kind, row]));
  const byTag = new Map(rows.map((row) => [row.tag, row]));
  if (byTag.size !== rows.length) throw new Error("two messages share a tag");
  return {
    encode: (value) => {
      const row = byKind.get(value[by]);
      if (row === void 0) throw new Error(`no row for ${value[by]}`);
      return encodeColumns([row.tag], row.columns, value);
    },
    decode: (wire) => {
      if (!isList(wire) || typeof wire[0] !== "number") return malformed("a tagged tuple", wire);
      const row = byTag.get(wire[0]);
      if (row === void 0) return malformed("a known tag", wire[0]);
      return typed(decodeColumns({ [by]: row.kind }, row.columns, wire, 1));
    }
  };
}
function columnsOf(fields) {
  return Object.entries({ ...fields }).map(([name2, shape]) => ({ name: name2, shape }));
}
function encodeColumns(tuple, columns, value) {
  const fields = typed(value);
  for (const { name: name2, shape } of columns) tuple.push(shape.encode(fields[name2]));
  return tuple;
}
function decodeColumns(value, columns, wire, skip) {
  if (!isList(wire) || wire.length !== columns.length + skip) {
    return malformed(`a tuple of ${columns.length + skip}`, wire);
  }
  let at = skip;
  for (const { name: name2, shape } of columns) {
    value[name2] = shape.decode(wire[at] ?? null);
    at += 1;
  }
  return value;
}
function typed(value) {
  return value;
}
function isList(wire) {
  return Array.isArray(wire);
}
function isAscending(keys) {
  return keys.every((key, at) => {
    const before = keys[at - 1];
    return before === void 0 || before < key;
  });
}

// src/wire/messages.ts
function decodeMessages(frame, shape) {
  if (!frame.ok) return frame;
  try {
    return { ok: true, value: frame.value.map((message) => shape.decode(message)) };
  } catch (error) {
    if (error instanceof Malformed) return { ok: false, reason: error.message };
    throw error;
  }
}

// src/wire/allocate.ts
var allocate = typeof Buffer === "undefined" ? (bytes3) => new Uint8Array(bytes3) : (bytes3) => Buffer.allocUnsafe(bytes3);

// src/wire/decoded.ts
function refuse(code, message) {
  return { ok: false, code, message };
}
function checkKey(key, limits2, emptyAllowed) {
  if (key.length === 0 && !emptyAllowed) return refuse("INVALID_ARGUMENT", "a key has at least one byte");
  return key.length > limits2.keyBytesMax ? tooLarge("KEY", key.length, limits2.keyBytesMax) : null;
}
function checkValue(value, limits2) {
  return value.length > limits2.valueBytesMax ? tooLarge("VALUE", value.length, limits2.valueBytesMax) : null;
}
function tooLarge(what, bytes3, bytesMax) {
  return refuse(`${what}_TOO_LARGE`, `a ${what.toLowerCase()} of ${bytes3} bytes; the most is ${bytesMax}`);
}

// src/wire/parts-writer.ts
var UINT16_MAX = 65535;
var PartsWriter = class {
  #parts = [];
  #length = 0;
  append(part) {
    this.#parts.push(part);
    this.#length += part.length;
  }
  byte(value) {
    this.append(Uint8Array.of(value));
  }
  length16(value) {
    if (value > UINT16_MAX) throw new QuorateError("TOO_MANY_OPERATIONS", `a list of ${value}`);
    this.append(Uint8Array.of(value >>> 8, value));
  }
  uint53(value) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new QuorateError("INVALID_ARGUMENT", `${value} is no whole number from 0 to 2^53 - 1`);
    }
    const bytes3 = new Uint8Array(UINT53_BYTES);
    setUint53(new DataView(bytes3.buffer), 0, value);
    this.append(bytes3);
  }
  int64(value) {
    if (BigInt.asIntN(64, value) !== value) {
      throw new QuorateError("INVALID_ARGUMENT", `${value} does not fit in 64 bits`);
    }
    const bytes3 = new Uint8Array(8);
    new DataView(bytes3.buffer).setBigInt64(0, value);
    this.append(bytes3);
  }
  key(key) {
    if (key.length > UINT16_MAX) {
      const details = { limit: UINT16_MAX, actual: key.length };
      throw new QuorateError("KEY_TOO_LARGE", `a key of ${key.length} bytes`, { details });
    }
    this.length16(key.length);
    this.append(key);
  }
  value({ length, buffer, byteOffset }) {
    this.append(Uint8Array.of(length >>> 24, length >>> 16, length >>> 8, length));
    this.append(new Uint8Array(buffer, byteOffset, length));
  }
  join() {
    const all = allocate(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
};

// src/wire/bare-codec.ts
var TTL_MS_MIN = 100;
var TTL_MS_MAX = 2 ** 40;
function encodeBareOperation(operation) {
  const writer = new PartsWriter();
  switch (operation.type) {
    case "leaseGrant":
      writer.int64(operation.id);
      writer.uint53(operation.ttlMs);
      break;
    case "sessionOpen":
      writer.uint53(operation.ttlMs);
      break;
    case "leaseRenew":
    case "sessionRenew":
      writeIds(writer, operation.ids);
      break;
    case "leaseRevoke":
    case "sessionClose":
      writer.int64(operation.id);
      break;
    case "leaseExpire":
    case "sessionExpire":
      writer.uint53(operation.term);
      writeIds(writer, operation.ids);
      break;
    case "resolve":
      writer.int64(operation.session);
      writer.uint53(operation.sequence);
      break;
  }
  return writer.join();
}
function decodeBareOperation(reader, type) {
  switch (type) {
    case "leaseGrant": {
      const id = reader.int64();
      const ttlMs = reader.uint53();
      return checkTtl(ttlMs) ?? { ok: true, value: { type, id, ttlMs } };
    }
    case "sessionOpen": {
      const ttlMs = reader.uint53();
      return checkTtl(ttlMs) ?? { ok: true, value: { type, ttlMs } };
    }
    case "leaseRenew":
    case "sessionRenew":
      return { ok: true, value: { type, ids: readIds(reader) } };
    case "leaseRevoke":
    case "sessionClose":
      return { ok: true, value: { type, id: reader.int64() } };
    case "leaseExpire":
    case "sessionExpire": {
      const term = reader.uint53();
      if (term < 0) return refuse("INVALID_ARGUMENT", "a term beyond 2^53");
      return { ok: true, value: { type, ids: readIds(reader), term } };
    }
    case "resolve": {
      const session = reader.int64();
      const sequence = reader.uint53();
      if (sequence < 0) return refuse("INVALID_ARGUMENT", "a sequence beyond 2^53");
      return { ok: true, value: { type, session, sequence } };
    }
  }
}
function checkTtl(ttlMs) {
  if (ttlMs >= TTL_MS_MIN && ttlMs <= TTL_MS_MAX) return null;
  return refuse("INVALID_ARGUMENT", `a time to live is ${TTL_MS_MIN} ms to 2^40 ms`);
}
function writeIds(writer, ids) {
  writer.length16(ids.length);
  for (const id of ids) writer.int64(id);
}
function readIds(reader) {
  const ids = [];
  const length = reader.uint16();
  while (ids.length < length && !reader.short) ids.push(reader.int64());
  return ids;
}

// src/wire/byte-reader.ts
var NOTHING2 = new Uint8Array(0);
var ByteReader = class {
  #bytes;
  #view;
  #at = 0;
  #short = false;
  constructor(bytes3) {
    this.#bytes = bytes3;
    this.#view = new DataView(bytes3.buffer, bytes3.byteOffset, bytes3.byteLength);
  }
  get complete() {
    return !this.#short && this.#at === this.#bytes.length;
  }
  /** Whether something was asked for that is not there. */
  get short() {
    return this.#short;
  }
  byte() {
    const at = this.#take(1);
    return at < 0 ? 0 : this.#view.getUint8(at);
  }
  uint16() {
    const at = this.#take(2);
    return at < 0 ? 0 : this.#view.getUint16(at);
  }
  /** -1 for eight bytes that are no safe integer. */
  uint53() {
    const at = this.#take(UINT53_BYTES);
    return at < 0 ? 0 : getUint53(this.#view, at);
  }
  int64() {
    const at = this.#take(8);
    return at < 0 ? 0n : this.#view.getBigInt64(at);
  }
  /** Bytes behind a length of 2 bytes. */
  bytes16() {
    const at = this.#take(2);
    return at < 0 ? NOTHING2 : this.#slice(this.#view.getUint16(at));
  }
  /** Bytes behind a length of 4 bytes. */
  bytes32() {
    const at = this.#take(4);
    return at < 0 ? NOTHING2 : this.#slice(this.#view.getUint32(at));
  }
  #slice(length) {
    const at = this.#take(length);
    return at < 0 ? NOTHING2 : this.#bytes.subarray(at, at + length);
  }
  /** Where the next `count` bytes begin; -1 when they are not there. */
  #take(count2) {
    const at = this.#at;
    if (this.#short || at + count2 > this.#bytes.length) {
      this.#short = true;
      return -1;
    }
    this.#at = at + count2;
    return at;
  }
};

// src/wire/operation-kinds.ts
var KIND2 = {
  put: 1,
  delete: 2,
  increment: 3,
  compact: 4,
  txn: 5,
  sessionOpen: 6,
  sessionRenew: 7,
  sessionClose: 8,
  sessionExpire: 9,
  resolve: 10,
  leaseGrant: 11,
  leaseRenew: 12,
  leaseRevoke: 13,
  leaseExpire: 14
};
var BARE_TYPES = new Map(
  [
    "sessionOpen",
    "sessionRenew",
    "sessionClose",
    "sessionExpire",
    "resolve",
    "leaseGrant",
    "leaseRenew",
    "leaseRevoke",
    "leaseExpire"
  ].map((type) => [KIND2[type], type])
);

// src/wire/operation-writer.ts
var CONDITION = { absent: 1, present: 2, revision: 3, version: 4 };
var AMOUNT_BYTES = 8;
var OperationWriter = class {
  bytes;
  #at = 0;
  constructor(bytes3) {
    this.bytes = bytes3;
  }
  byte(value) {
    this.bytes[this.#at] = value;
    this.#at += 1;
  }
  condition(condition) {
    this.byte(CONDITION[condition.type]);
    this.uint53(numberOf(condition));
  }
  uint53(value) {
    setUint53(this.#view(), this.#at, value);
    this.#at += UINT53_BYTES;
  }
  key(key) {
    this.byte(key.length >>> 8);
    this.byte(key.length);
    this.#append(key);
  }
  value(value) {
    const { length } = value;
    this.byte(length >>> 24);
    this.byte(length >>> 16);
    this.byte(length >>> 8);
    this.byte(length);
    this.#append(value);
  }
  #append(bytes3) {
    this.bytes.set(bytes3, this.#at);
    this.#at += bytes3.length;
  }
  /** Wrapping around would count the wrong way in silence. */
  int64(by) {
    if (BigInt.asIntN(64, by) !== by) {
      throw new QuorateError("INVALID_ARGUMENT", `${by} does not fit in 64 bits`);
    }
    this.#view().setBigInt64(this.#at, by);
    this.#at += AMOUNT_BYTES;
  }
  /** A plain put, the hottest operation, gets by without. */
  #view() {
    return new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
  }
};
function numberOf(condition) {
  if (condition.type === "absent" || condition.type === "present") return 0;
  return checkedNumber(
    condition.type === "revision" ? condition.modRevision : condition.version,
    condition.type
  );
}
function checkedNumber(number, what) {
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new QuorateError("INVALID_ARGUMENT", `${number} is not a ${what}`);
}

// src/wire/txn-check.ts
var TXN_OPERATIONS_MAX = 128;
var TXN_DEPTH_MAX = 4;
function isReadOnly(txn) {
  return [...txn.do, ...txn.otherwise].every(readsOnly);
}
function readsOnly(step) {
  if (step.type === "txn") return isReadOnly(step);
  return step.type === "get" || step.type === "scan" || step.type === "past";
}
function checkTxn(txn, operationsMax = TXN_OPERATIONS_MAX) {
  const size = sizeOf(txn);
  if (size.depth > TXN_DEPTH_MAX) {
    const message = `transactions nested ${size.depth} deep; the most is ${TXN_DEPTH_MAX}`;
    return { code: "TOO_MANY_OPERATIONS", message };
  }
  if (size.steps > operationsMax || size.compares > operationsMax) {
    const message = `${size.steps} operations and ${size.compares} compares; the most of each is ${operationsMax}`;
    return { code: "TOO_MANY_OPERATIONS", message };
  }
  const again = writesOf(txn, "").again;
  if (again === null) return null;
  return { code: "DUPLICATE_KEY", message: `${again} writes a key that an earlier operation writes` };
}
function sizeOf(txn) {
  let [steps, compares, depth] = [0, txn.when.length, 1];
  for (const step of [...txn.do, ...txn.otherwise]) {
    steps += stepsIn(step);
    if (step.type !== "txn") continue;
    const nested2 = sizeOf(step);
    steps += nested2.steps;
    compares += nested2.compares;
    depth = Math.max(depth, nested2.depth + 1);
  }
  return { steps, compares, depth };
}
function stepsIn(step) {
  const read5 = step.type === "past" ? step.read : step;
  return read5.type === "get" ? Math.max(1, read5.keys.length) : 1;
}
function writesOf(txn, place) {
  const branches = [writesOfSteps(txn.do, `${place}do`), writesOfSteps(txn.otherwise, `${place}otherwise`)];
  return {
    keys: branches.flatMap(({ keys }) => keys),
    ranges: branches.flatMap(({ ranges }) => ranges),
    again: branches.find((branch) => branch.again !== null)?.again ?? null
  };
}
function writesOfSteps(steps, place) {
  const keys = /* @__PURE__ */ new Set();
  const ranges = [];
  let again = null;
  for (const [number, step] of steps.entries()) {
    const at = `${place}[${number}]`;
    const writes = writesOfStep(step, at);
    const meets = writes.keys.some((key) => keys.has(key) || ranges.some((range) => isIn(key, range))) || writes.ranges.some((range) => [...keys].some((key) => isIn(key, range)));
    again ??= writes.again ?? (meets ? at : null);
    for (const key of writes.keys) keys.add(key);
    ranges.push(...writes.ranges);
  }
  return { keys: [...keys], ranges, again };
}
function writesOfStep(step, at) {
  switch (step.type) {
    case "put":
    case "increment":
      return { keys: [textOf2(step.key)], ranges: [], again: null };
    case "delete":
      return { keys: [], ranges: [textRange(step.target)], again: null };
    case "txn":
      return writesOf(step, `${at}.`);
    case "get":
    case "scan":
    case "past":
      return { keys: [], ranges: [], again: null };
  }
}
function textRange({ start, end: end2 }) {
  const first = textOf2(start);
  if (end2 === null) return { start: first, end: `${first}\0` };
  return { start: first, end: end2.length === 0 ? null : textOf2(end2) };
}
function isIn(key, { start, end: end2 }) {
  return key >= start && (end2 === null || key < end2);
}
function textOf2(key) {
  let text3 = "";
  for (const byte of key) text3 += String.fromCharCode(byte);
  return text3;
}

// src/wire/txn-codec.ts
var FLAG_RANGE = 2;
var FLAG_REVERSE = 4;
var FLAG_KEYS_ONLY = 8;
var FLAG_COUNT_ONLY = 16;
var FLAGS_SCAN = FLAG_RANGE | FLAG_REVERSE | FLAG_KEYS_ONLY | FLAG_COUNT_ONLY;
var OPERAND = {
  value: 1,
  version: 2,
  createRevision: 3,
  modRevision: 4,
  lease: 5
};
var OPERATOR = { "=": 1, "!=": 2, "<": 3, ">": 4 };
var KIND_OPERATION = 1;
var KIND_GET = 2;
var KIND_SCAN = 3;
var KIND_PAST = 4;
function encodeTxn(txn, encode) {
  const writer = new PartsWriter();
  writer.length16(txn.when.length);
  for (const compare2 of txn.when) writeCompare(writer, compare2);
  for (const steps of [txn.do, txn.otherwise]) {
    writer.length16(steps.length);
    for (const step of steps) writeStep(writer, step, encode);
  }
  return writer.join();
}
function writeCompare(writer, { target, operator, operand }) {
  writer.byte(OPERAND[operand.type]);
  writer.byte(OPERATOR[operator]);
  writer.byte(target.end === null ? 0 : FLAG_RANGE);
  writeRange(writer, target);
  if (operand.type === "value") writer.value(operand.value);
  else if (operand.type === "lease") writer.int64(operand.lease);
  else writer.uint53(operand.number);
}
function writeRange(writer, { start, end: end2 }) {
  writer.key(start);
  if (end2 !== null) writer.key(end2);
}
function writeStep(writer, step, encode) {
  switch (step.type) {
    case "get":
    case "scan":
      writeRead(writer, step);
      break;
    case "past":
      writer.byte(KIND_PAST);
      writer.uint53(step.revision);
      writeRead(writer, step.read);
      break;
    case "put":
    case "delete":
    case "increment":
    case "txn":
      writer.byte(KIND_OPERATION);
      writer.value(encode(step));
      break;
  }
}
function writeRead(writer, read5) {
  if (read5.type === "get") {
    writer.byte(KIND_GET);
    writer.length16(read5.keys.length);
    for (const key of read5.keys) writer.key(key);
    return;
  }
  writer.byte(KIND_SCAN);
  const { range, reverse, keysOnly, countOnly } = read5;
  writer.byte(
    (range.end === null ? 0 : FLAG_RANGE) | (reverse ? FLAG_REVERSE : 0) | (keysOnly ? FLAG_KEYS_ONLY : 0) | (countOnly ? FLAG_COUNT_ONLY : 0)
  );
  writeRange(writer, range);
  writer.uint53(read5.limit);
}
function decodeTxn(reader, limits2, decode) {
  const source = { reader, limits: limits2, decode };
  const when = readList(source, readCompare);
  if (!when.ok) return when;
  const first = readList(source, readStep);
  if (!first.ok) return first;
  const otherwise = readList(source, readStep);
  if (!otherwise.ok) return otherwise;
  return accept({ type: "txn", when: when.value, do: first.value, otherwise: otherwise.value });
}
function readList(source, read5) {
  const items = [];
  const length = source.reader.uint16();
  for (let number = 0; number < length; number += 1) {
    const item = read5(source);
    if (!item.ok) return item;
    items.push(item.value);
  }
  return accept(items);
}
function readCompare(source) {
  const { reader } = source;
  const what = nameOf(OPERAND, reader.byte());
  const operator = nameOf(OPERATOR, reader.byte());
  const flags = reader.byte();
  if (what === null || operator === null || (flags | FLAG_RANGE) !== FLAG_RANGE) {
    return refuse("INVALID_ARGUMENT", "a compare of a kind that is not known here");
  }
  const target = readRange(source, (flags & FLAG_RANGE) !== 0);
  if (!target.ok) return target;
  const operand = readOperand(source, what);
  return operand.ok ? accept({ target: target.value, operator, operand: operand.value }) : operand;
}
function readOperand({ reader, limits: limits2 }, type) {
  if (type === "lease") return accept({ type, lease: reader.int64() });
  if (type === "value") {
    const value = reader.bytes32();
    return checkValue(value, limits2) ?? accept({ type, value });
  }
  const number = reader.uint53();
  return number < 0 ? refuse("INVALID_ARGUMENT", `a ${type} beyond 2^53`) : accept({ type, number });
}
function readRange({ reader, limits: limits2 }, isRange) {
  const start = reader.bytes16();
  const end2 = isRange ? reader.bytes16() : null;
  const flaw = checkKey(start, limits2, isRange) ?? (end2 === null ? null : checkKey(end2, limits2, true));
  return flaw ?? accept({ start, end: end2 });
}
function readStep(source) {
  const { reader, decode } = source;
  const kind = reader.byte();
  if (kind === KIND_OPERATION) {
    const operation = decode(reader.bytes32());
    if (!operation.ok) return operation;
    const step = operation.value;
    return isStep(step) ? accept(step) : refuse("INVALID_ARGUMENT", `a ${step.type} stands alone`);
  }
  if (kind !== KIND_PAST) return readRead(source, kind);
  const revision = reader.uint53();
  if (revision < 0) return refuse("INVALID_ARGUMENT", "a revision beyond 2^53");
  const read5 = readRead(source, reader.byte());
  return read5.ok ? accept({ type: "past", revision, read: read5.value }) : read5;
}
function isStep(operation) {
  const { type } = operation;
  return type === "put" || type === "delete" || type === "increment" || type === "txn";
}
function readRead(source, kind) {
  if (kind === KIND_SCAN) return readScan(source);
  if (kind !== KIND_GET) return refuse("INVALID_ARGUMENT", `step kind ${kind} is not known here`);
  const keys = readList(source, readKey);
  return keys.ok ? accept({ type: "get", keys: keys.value }) : keys;
}
function readKey({ reader, limits: limits2 }) {
  const key = reader.bytes16();
  return checkKey(key, limits2, false) ?? accept(key);
}
function readScan(source) {
  const flags = source.reader.byte();
  if ((flags | FLAGS_SCAN) !== FLAGS_SCAN) {
    return refuse("INVALID_ARGUMENT", "a scan with flags that are not known here");
  }
  const range = readRange(source, (flags & FLAG_RANGE) !== 0);
  if (!range.ok) return range;
  const limit = source.reader.uint53();
  if (limit < 0) return refuse("INVALID_ARGUMENT", "a limit beyond 2^53");
  return accept({
    type: "scan",
    range: range.value,
    limit,
    reverse: (flags & FLAG_REVERSE) !== 0,
    keysOnly: (flags & FLAG_KEYS_ONLY) !== 0,
    countOnly: (flags & FLAG_COUNT_ONLY) !== 0
  });
}
function accept(value) {
  return { ok: true, value };
}
function nameOf(table, number) {
  for (const name2 in table) if (table[name2] === number) return name2;
  return null;
}

// src/wire/operation-codec.ts
var FORMAT = 1;
var HEADER_BYTES = 4;
var CONDITION_BYTES = 1 + UINT53_BYTES;
var FLAG_PREVIOUS = 1;
var FLAG_RANGE2 = 2;
var FLAG_LEASE = 4;
var FLAG_KEEP_LEASE = 8;
var LEASE_BYTES = 8;
var FLAGS_PUT = FLAG_PREVIOUS | FLAG_LEASE | FLAG_KEEP_LEASE;
var CONDITIONS_MAX = 8;
var KEY_HEADER_BYTES = 2;
var KEY_LAYOUT_MAX = 65535;
var VALUE_HEADER_BYTES = 4;
var CUT_SHORT = "the operation is cut short, or something follows it";
var NOT_TAKEN = "the operation has flags or conditions that its kind does not take";
var NESTED_TOO_DEEP = `transactions nest at most ${TXN_DEPTH_MAX} deep`;
function encodeOperation(operation) {
  if (operation.type === "txn") {
    const head2 = Uint8Array.of(FORMAT, KIND2.txn, 0, 0);
    return joined(head2, encodeTxn(operation, encodeOperation));
  }
  if (!isKeyed(operation)) {
    const head2 = Uint8Array.of(FORMAT, KIND2[operation.type], 0, 0);
    return joined(head2, encodeBareOperation(operation));
  }
  const conditions = conditionsOf(operation);
  if (conditions.length > CONDITIONS_MAX) {
    throw new QuorateError("INVALID_ARGUMENT", `a write takes at most ${CONDITIONS_MAX} conditions`);
  }
  const writer = new OperationWriter(allocate(encodedBytes(operation, conditions)));
  writer.byte(FORMAT);
  writer.byte(KIND2[operation.type]);
  writer.byte(flagsOf(operation));
  writer.byte(conditions.length);
  for (const condition of conditions) writer.condition(condition);
  switch (operation.type) {
    case "put":
      writer.key(operation.key);
      writer.value(operation.value);
      if (hasLease(operation)) writer.int64(operation.lease);
      break;
    case "delete":
      writer.key(operation.target.start);
      if (operation.target.end !== null) writer.key(operation.target.end);
      break;
    case "increment":
      writer.key(operation.key);
      writer.int64(operation.by);
      break;
    case "compact":
      writer.uint53(checkedNumber(operation.revision, "revision"));
      break;
  }
  return writer.bytes;
}
function isKeyed(operation) {
  const { type } = operation;
  return type === "put" || type === "delete" || type === "increment" || type === "compact";
}
function conditionsOf(operation) {
  return operation.type === "put" || operation.type === "delete" ? operation.conditions : [];
}
function flagsOf(operation) {
  if (operation.type !== "put" && operation.type !== "delete") return 0;
  const previous = operation.returnPrevious ? FLAG_PREVIOUS : 0;
  if (operation.type === "delete") return operation.target.end === null ? previous : previous | FLAG_RANGE2;
  if (operation.lease === "keep") return previous | FLAG_KEEP_LEASE;
  return hasLease(operation) ? previous | FLAG_LEASE : previous;
}
function hasLease(put4) {
  return typeof put4.lease === "bigint" && put4.lease !== 0n;
}
function encodedBytes(operation, conditions) {
  const head2 = HEADER_BYTES + conditions.length * CONDITION_BYTES;
  if (operation.type === "put") {
    const lease = hasLease(operation) ? LEASE_BYTES : 0;
    return head2 + keyBytes(operation.key) + VALUE_HEADER_BYTES + operation.value.length + lease;
  }
  if (operation.type === "increment") return head2 + keyBytes(operation.key) + AMOUNT_BYTES;
  if (operation.type === "compact") return head2 + UINT53_BYTES;
  const { start, end: end2 } = operation.target;
  return head2 + keyBytes(start) + (end2 === null ? 0 : keyBytes(end2));
}
function keyBytes(key) {
  if (key.length > KEY_LAYOUT_MAX) {
    const details = { limit: KEY_LAYOUT_MAX, actual: key.length };
    throw new QuorateError("KEY_TOO_LARGE", `a key of ${key.length} bytes`, { details });
  }
  return KEY_HEADER_BYTES + key.length;
}
function decodeOperation(bytes3, limits2) {
  return decodeNested(bytes3, limits2, 0);
}
function decodeNested(bytes3, limits2, depth) {
  const reader = new ByteReader(bytes3);
  const format = reader.byte();
  if (format !== FORMAT) return refuse("INVALID_ARGUMENT", `operation format ${format} is not known here`);
  const kind = reader.byte();
  const flags = reader.byte();
  const conditions = decodeConditions(reader);
  if (kind === KIND2.txn) {
    if (flags !== 0 || conditions?.length !== 0) return refuse("INVALID_ARGUMENT", NOT_TAKEN);
    if (depth === TXN_DEPTH_MAX) return refuse("TOO_MANY_OPERATIONS", NESTED_TOO_DEEP);
    const txn = decodeTxn(reader, limits2, (nested2) => decodeNested(nested2, limits2, depth + 1));
    return txn.ok && !reader.complete ? refuse("INVALID_ARGUMENT", CUT_SHORT) : txn;
  }
  if (kind === KIND2.compact) return decodeCompact(reader, flags, conditions);
  const bare = BARE_TYPES.get(kind);
  if (bare !== void 0) {
    if (flags !== 0 || conditions?.length !== 0) return refuse("INVALID_ARGUMENT", NOT_TAKEN);
    const decoded = decodeBareOperation(reader, bare);
    return decoded.ok && !reader.complete ? refuse("INVALID_ARGUMENT", CUT_SHORT) : decoded;
  }
  const key = reader.bytes16();
  const range = (flags & FLAG_RANGE2) !== 0;
  const end2 = kind === KIND2.delete && range ? reader.bytes16() : null;
  const value = kind === KIND2.put ? reader.bytes32() : null;
  const lease = kind === KIND2.put ? decodeLease(reader, flags) : void 0;
  const by = kind === KIND2.increment ? reader.int64() : 0n;
  if (conditions === null || !reader.complete) {
    return refuse("INVALID_ARGUMENT", CUT_SHORT);
  }
  const flaw = checkKey(key, limits2, range) ?? (end2 === null ? null : checkKey(end2, limits2, true));
  if (flaw !== null) return flaw;
  const returnPrevious = (flags & FLAG_PREVIOUS) !== 0;
  switch (kind) {
    case KIND2.put:
      if (value === null || lease === null || (flags & ~FLAGS_PUT) !== 0) break;
      return checkValue(value, limits2) ?? { ok: true, value: putOf(key, value, conditions, returnPrevious, lease) };
    case KIND2.delete: {
      if (flags > (FLAG_PREVIOUS | FLAG_RANGE2)) break;
      if (range && conditions.length > 0) return refuse("INVALID_ARGUMENT", "a range takes no conditions");
      const target = { start: key, end: end2 };
      return { ok: true, value: { type: "delete", target, conditions, returnPrevious } };
    }
    case KIND2.increment:
      if (flags !== 0 || conditions.length > 0) break;
      return { ok: true, value: { type: "increment", key, by } };
    default:
      return refuse("INVALID_ARGUMENT", `operation kind ${kind} is not known here`);
  }
  return refuse("INVALID_ARGUMENT", NOT_TAKEN);
}
function decodeLease(reader, flags) {
  const keeps = (flags & FLAG_KEEP_LEASE) !== 0;
  if ((flags & FLAG_LEASE) === 0) return keeps ? "keep" : void 0;
  const lease = reader.int64();
  return keeps || lease === 0n ? null : lease;
}
function putOf(key, value, conditions, returnPrevious, lease) {
  const put4 = { type: "put", key, value, conditions, returnPrevious };
  return lease === void 0 ? put4 : { ...put4, lease };
}
function decodeCompact(reader, flags, conditions) {
  const revision = reader.uint53();
  if (!reader.complete) return refuse("INVALID_ARGUMENT", CUT_SHORT);
  if (flags !== 0 || conditions === null || conditions.length > 0 || revision < 1) {
    return refuse("INVALID_ARGUMENT", "a compaction takes a revision and nothing else");
  }
  return { ok: true, value: { type: "compact", revision } };
}
function decodeConditions(reader) {
  const count2 = reader.byte();
  if (count2 > CONDITIONS_MAX) return null;
  const conditions = [];
  for (let i = 0; i < count2; i += 1) {
    const condition = conditionOf(reader.byte(), reader.uint53());
    if (condition === null) return null;
    conditions.push(condition);
  }
  return conditions;
}
function conditionOf(type, number) {
  if (number < 0) return null;
  switch (type) {
    case CONDITION.absent:
      return number === 0 ? { type: "absent" } : null;
    case CONDITION.present:
      return number === 0 ? { type: "present" } : null;
    case CONDITION.revision:
      return { type: "revision", modRevision: number };
    case CONDITION.version:
      return { type: "version", version: number };
    default:
      return null;
  }
}
function joined(head2, body) {
  const bytes3 = new Uint8Array(head2.length + body.length);
  bytes3.set(head2);
  bytes3.set(body, head2.length);
  return bytes3;
}

// src/wire/shared-shapes.ts
var count = integer();
var name = text(256);
var ANY_SIZE = { keyBytesMax: Number.POSITIVE_INFINITY, valueBytesMax: Number.POSITIVE_INFINITY };
var SENTENCE_LENGTH_MAX = 4096;
var sentence = {
  ...text(SENTENCE_LENGTH_MAX),
  encode: (value) => value.slice(0, SENTENCE_LENGTH_MAX)
};
var outcome = oneOf("applied", "not-applied", "unknown");
var errorCode = {
  encode: (code) => code,
  decode: (wire) => {
    if (typeof wire === "string" && isErrorCode(wire)) return wire;
    throw new Malformed(`unknown error code ${String(wire)}`);
  }
};
var asItIs = { encode: (value) => value, decode: (wire) => wire };
var rawPairs = list(record({ place: count, value: asItIs }));
var DETAILS = [
  ["leader", name],
  ["retryAfterMs", count],
  ["currentRevision", count],
  ["limit", count],
  ["actual", count],
  ["hint", sentence],
  ["floor", count],
  ["revision", count],
  ["at", sentence]
];
var errorDetails = {
  encode: (details) => {
    const pairs = [];
    DETAILS.forEach(([field], place) => {
      const value = details[field];
      if (value !== void 0)
        pairs.push([place, typeof value === "string" ? sentence.encode(value) : value]);
    });
    return pairs;
  },
  decode: (wire) => {
    const pairs = rawPairs.decode(wire);
    if (!isAscending(pairs.map(({ place }) => place))) throw new Malformed("error details are not in order");
    return Object.fromEntries(
      pairs.map(({ place, value }) => {
        const row = DETAILS[place];
        if (row === void 0) throw new Malformed(`error detail ${place} is not known here`);
        return [row[0], row[1].decode(value)];
      })
    );
  }
};
var keyRange = record({ start: bytes, end: nullable(bytes) });
var kvRecord = record({
  key: bytes,
  value: bytes,
  createRevision: count,
  modRevision: count,
  version: count,
  lease: int64
});
var get = { tag: 1, fields: { keys: list(bytes) } };
var scan2 = {
  tag: 2,
  fields: { range: keyRange, limit: count, reverse: bool, keysOnly: bool, countOnly: bool }
};
var past = { tag: 3, fields: { revision: count, read: variants({ get, scan: scan2 }) } };
var reads = variants({ get, scan: scan2, past });
var readTxn = {
  encode: encodeOperation,
  decode: (wire) => {
    const decoded = decodeOperation(bytes.decode(wire), ANY_SIZE);
    if (!decoded.ok) throw new Malformed(decoded.message);
    if (decoded.value.type === "txn" && isReadOnly(decoded.value)) return decoded.value;
    throw new Malformed("expected a transaction that only reads");
  }
};
var TAG_TXN = 4;
var query = {
  encode: (value) => value.type === "txn" ? [TAG_TXN, readTxn.encode(value)] : reads.encode(value),
  decode: (wire) => {
    if (!isList(wire) || wire[0] !== TAG_TXN) return reads.decode(wire);
    if (wire.length !== 2) throw new Malformed("expected a tuple of 2");
    return readTxn.decode(wire[1] ?? null);
  }
};
var stepFailures = {
  CONFLICT: { tag: 1, fields: { current: nullable(kvRecord) } },
  NOT_A_COUNTER: { tag: 2, fields: {} },
  COUNTER_OVERFLOW: { tag: 3, fields: { value: int64 } },
  COMPACTED: { tag: 4, fields: { floor: count } },
  FUTURE_REVISION: { tag: 5, fields: { revision: count } },
  DUPLICATE_KEY: { tag: 6, fields: {} },
  LEASE_NOT_FOUND: { tag: 12, fields: { lease: int64 } }
};
var failure = union("code", {
  ...stepFailures,
  TXN_FAILED: { tag: 7, fields: { at: sentence, cause: union("code", stepFailures) } },
  SESSION_EXPIRED: { tag: 8, fields: {} },
  SEQUENCE_ACKNOWLEDGED: { tag: 9, fields: { acknowledgedThrough: count } },
  RESOLVED_NEVER: { tag: 10, fields: {} },
  TOO_MANY_UNACKNOWLEDGED: { tag: 11, fields: { acknowledgedThrough: count } },
  LEASE_EXISTS: { tag: 13, fields: { lease: int64 } }
});
var writeReplies = {
  put: { tag: 1, fields: { revision: count, previous: nullable(kvRecord) } },
  delete: { tag: 2, fields: { revision: count, deleted: count, previous: list(kvRecord) } },
  increment: { tag: 3, fields: { revision: count, value: int64 } }
};
var gotten = { records: list(nullable(kvRecord)) };
var scanned = { records: list(kvRecord), count, more: bool };
var pastResult = {
  result: variants({
    get: { tag: 1, fields: gotten },
    scan: { tag: 2, fields: scanned }
  }),
  resume: nullable(bytes)
};
var stepResult = {
  encode: (result) => stepResults.encode(result),
  decode: (wire) => stepResults.decode(wire)
};
var txnReply = { revision: count, succeeded: bool, results: list(stepResult) };
var stepResults = variants({
  ...writeReplies,
  get: { tag: 4, fields: gotten },
  scan: { tag: 5, fields: scanned },
  past: { tag: 6, fields: pastResult },
  txn: { tag: 7, fields: txnReply }
});
var queryResult = variants({
  get: { tag: 1, fields: gotten },
  scan: { tag: 2, fields: scanned },
  past: { tag: 3, fields: pastResult },
  failure: { tag: 4, fields: { failure } },
  txn: { tag: 5, fields: txnReply }
});
var earlier = {
  encode: (value) => reply.encode(value),
  decode: (wire) => reply.decode(wire)
};
var resolution = variants({
  applied: { tag: 1, fields: { reply: earlier } },
  never: { tag: 2, fields: {} }
});
var reply = variants({
  ...writeReplies,
  failure: { tag: 4, fields: { revision: count, failure } },
  compact: { tag: 5, fields: { revision: count, floor: count } },
  txn: { tag: 6, fields: txnReply },
  sessionOpen: { tag: 7, fields: { revision: count, session: int64 } },
  sessionRenew: { tag: 8, fields: { revision: count, ttlsMs: list(count) } },
  sessionClose: { tag: 9, fields: { revision: count, closed: bool } },
  sessionExpire: { tag: 10, fields: { revision: count, expired: list(int64) } },
  resolve: { tag: 11, fields: { revision: count, resolution } },
  leaseGrant: { tag: 12, fields: { revision: count, lease: int64, ttlMs: count } },
  leaseRenew: { tag: 13, fields: { revision: count, ttlsMs: list(count) } },
  leaseRevoke: { tag: 14, fields: { revision: count, deleted: count } },
  leaseExpire: { tag: 15, fields: { revision: count, expired: list(int64), deleted: count } }
});

// src/wire/peer-codec.ts
var nodeId = {
  encode: (id) => id,
  decode: (wire) => {
    const id = name.decode(wire);
    if (isNodeId2(id)) return id;
    throw new Malformed("a node id has at least one character");
  }
};
function isNodeId2(id) {
  return id !== "";
}
var position = record({ index: count, term: count });
var entries = {
  encode: (value) => value.length === 0 ? null : encodeOnce(value),
  decode: (wire) => {
    if (wire === null) return [];
    const decoded = decodeEntries(bytes.decode(wire));
    if (decoded === null) throw new Malformed("the entries of an append cannot be read");
    return decoded;
  }
};
var encodedSlices = /* @__PURE__ */ new WeakMap();
function encodeOnce(slice) {
  const known = encodedSlices.get(slice);
  if (known !== void 0) return known;
  const encoded = encodeEntries(slice);
  encodedSlices.set(slice, encoded);
  return encoded;
}
var rejected = record({ prevIndex: count, hint: position });
var appendResult = {
  encode: (result) => result.accepted ? result.match : rejected.encode(result),
  decode: (wire) => isList(wire) ? { accepted: false, ...rejected.decode(wire) } : { accepted: true, match: count.decode(wire) }
};
var head = { from: nodeId, to: nodeId, term: count };
var raftMessage = variants({
  preVote: { tag: 1, fields: { ...head, last: position } },
  preVoteReply: { tag: 2, fields: { ...head, granted: bool, ahead: nullable(position) } },
  vote: {
    tag: 3,
    fields: { ...head, last: position, reason: oneOf("election", "transfer") }
  },
  voteReply: { tag: 4, fields: { ...head, granted: bool } },
  append: {
    tag: 5,
    fields: { ...head, prev: position, entries, commit: count, readSeq: count, sentAt: count }
  },
  appendReply: { tag: 6, fields: { ...head, result: appendResult, readSeq: count, sentAt: count } },
  timeoutNow: { tag: 7, fields: { ...head, last: position } },
  pull: { tag: 8, fields: { ...head, after: position } },
  pullReply: { tag: 9, fields: { ...head, asked: position, prev: position, entries } }
});
var hexId = {
  encode: (id) => id,
  decode: (wire) => {
    if (typeof wire === "string" && /^[0-9a-f]{32}$/.test(wire)) return wire;
    throw new Malformed("an id is 32 hex digits");
  }
};
var genesis = record({
  clusterId: hexId,
  clusterName: name,
  voters: list(record({ id: name, incarnation: hexId }))
});
var settingPairs = list(record({ setting: name, printed: sentence }));
var settings = {
  encode: (value) => settingPairs.encode(
    Object.entries(value).map(([setting, printed]) => ({ setting, printed })).toSorted((a, b) => a.setting < b.setting ? -1 : 1)
  ),
  decode: (wire) => {
    const pairs = settingPairs.decode(wire);
    if (!isAscending(pairs.map(({ setting }) => setting))) throw new Malformed("settings are not in order");
    return Object.fromEntries(pairs.map(({ setting, printed }) => [setting, printed]));
  }
};
var forwardedRequest = record({
  session: int64,
  sequence: count,
  operation: bytes
});
var accepted = record({ term: count, index: count, ordinal: count });
var refused = record({ code: errorCode, message: sentence, outcome });
var forwardResult = {
  encode: (result) => result.accepted ? accepted.encode(result) : refused.encode(result),
  decode: (wire) => isList(wire) && typeof wire[0] === "string" ? { accepted: false, ...refused.decode(wire) } : { accepted: true, ...accepted.decode(wire) }
};
var batch = count;
var peerMessage = variants({
  hello: {
    tag: 10,
    fields: {
      protocolMin: count,
      protocolMax: count,
      clusterName: name,
      clusterId: nullable(hexId),
      nodeId: name,
      incarnation: hexId,
      voters: list(name),
      expects: name,
      client: name,
      settings
    }
  },
  refuse: { tag: 11, fields: { code: errorCode, message: sentence } },
  genesis: { tag: 12, fields: { genesis } },
  raft: { tag: 13, fields: { message: raftMessage } },
  forward: { tag: 14, fields: { batch, requests: list(forwardedRequest) } },
  forwarded: { tag: 15, fields: { batch, results: list(forwardResult) } },
  readIndex: { tag: 16, fields: { batch } },
  readIndexReply: { tag: 17, fields: { batch, index: nullable(count) } },
  ping: { tag: 18, fields: {} }
});
function encodePeerMessages(messages) {
  return packFrame(messages.map(peerMessage.encode));
}
function decodePeerFrame(frame, limits2) {
  return decodeMessages(unpackFrame(frame, limits2), peerMessage);
}

// src/sim/network/message-faults.ts
var FRAME_LIMITS = { frameBytesMax: 64 * 1024 * 1024 };
var UNTOUCHED = (bytes3) => ({ inTurn: bytes3, later: [], replays: [] });
var MessageTreatment = class {
  counts = { dropped: 0, doubled: 0, delayed: 0, replayed: 0 };
  treat(frame, faults, draws) {
    const total = faults.dropped + faults.doubled + faults.delayed + faults.replayed;
    if (total === 0 || !draws.chance(Math.min(100, total))) return UNTOUCHED(frame);
    const decoded = decodePeerFrame(frame, FRAME_LIMITS);
    if (!decoded.ok || decoded.value.some(({ type }) => type === "hello" || type === "refuse"))
      return UNTOUCHED(frame);
    const raft = decoded.value.filter(({ type }) => type === "raft");
    if (raft.length === 0) return UNTOUCHED(frame);
    const others = decoded.value.filter(({ type }) => type !== "raft");
    return this.#apply(drawKind(faults, total, draws), frame, raft, others, draws);
  }
  #apply(kind, frame, raft, others, draws) {
    this.counts[kind] += raft.length;
    const alone = others.length === 0 ? null : encodePeerMessages(others);
    const again = { delayMs: draws.between(1, 100), bytes: encodePeerMessages(raft) };
    switch (kind) {
      case "dropped":
        return { inTurn: alone, later: [], replays: [] };
      case "doubled":
        return { inTurn: frame, later: [again], replays: [] };
      case "delayed":
        return { inTurn: alone, later: [again], replays: [] };
      case "replayed":
        return { inTurn: frame, later: [], replays: [{ ...again, delayMs: draws.between(200, 1e4) }] };
    }
  }
};
function drawKind(faults, total, draws) {
  let drawn = draws.below(1e4) / 1e4 * total;
  for (const kind of ["dropped", "doubled", "delayed", "replayed"]) {
    drawn -= faults[kind];
    if (drawn < 0) return kind;
  }
  return "dropped";
}

// src/sim/network/simulated-socket.ts
var KERNEL_BUFFER_BYTES = 256 * 1024;
var CLOSE_TIMEOUT_MS = 5e3;
var SimulatedSocket = class {
  owner;
  #network;
  #listeners = /* @__PURE__ */ new Map();
  #state = "connecting";
  #other = null;
  #paused = false;
  /** Arrived while paused. */
  #unread = [];
  #bytesUnderWay = 0;
  constructor(owner, network) {
    this.owner = owner;
    this.#network = network;
  }
  get other() {
    return this.#other;
  }
  get isOpen() {
    return this.#state === "open";
  }
  get isClosed() {
    return this.#state === "closed";
  }
  get bufferedAmount() {
    return Math.max(0, this.#bytesUnderWay - KERNEL_BUFFER_BYTES);
  }
  on(event, listener) {
    const listeners = this.#listeners.get(event);
    if (listeners === void 0) this.#listeners.set(event, [listener]);
    else listeners.push(listener);
  }
  send(frame, sent) {
    if (this.#state !== "open") {
      if (sent !== void 0) this.#network.later(this, 0, sent);
      return;
    }
    this.#bytesUnderWay += frame.length;
    this.#network.transmit(this, { type: "frame", bytes: frame });
    if (sent !== void 0) this.#network.later(this, 0, sent);
  }
  close() {
    if (this.#state === "closed" || this.#state === "closing") return;
    if (this.#state === "connecting") return this.terminate();
    this.#state = "closing";
    this.#network.transmit(this, { type: "end" });
    this.#network.later(this, CLOSE_TIMEOUT_MS, () => this.#end());
  }
  terminate() {
    if (this.#state === "closed") return;
    if (this.#state === "open") this.#network.transmit(this, { type: "end" });
    this.#state = "closing";
    this.#network.later(this, 0, () => this.#end());
  }
  pause() {
    this.#paused = true;
  }
  resume() {
    this.#paused = false;
    for (const delivery of this.#unread.splice(0)) this.#receive(delivery);
  }
  /** For the network: both ends are there. */
  connect(other) {
    this.#other = other;
    if (this.#state === "connecting") this.#state = "open";
  }
  /** For the network: the dialling end hears of it. */
  announceOpen() {
    if (this.#state === "open") this.#emit("open");
  }
  /** For the network: nobody answers there. */
  refuse(reason) {
    if (this.#state !== "connecting") return;
    this.#emit("error", Object.assign(new Error(reason), { code: "ECONNREFUSED" }));
    this.#end();
  }
  /** For the network: it has left the sender's buffers. */
  arrived(bytes3) {
    this.#bytesUnderWay -= bytes3;
  }
  /** For the network: something has arrived here. */
  receive(delivery) {
    if (this.#paused) this.#unread.push(delivery);
    else this.#receive(delivery);
  }
  #receive(delivery) {
    if (this.#state === "closed") return;
    switch (delivery.type) {
      case "frame":
        if (this.#state === "open") this.#emit("message", delivery.bytes, true);
        return;
      case "end":
        if (this.#state === "open") this.#network.transmit(this, { type: "end" });
        return this.#end();
    }
  }
  #end() {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#network.forget(this);
    this.#emit("close");
  }
  #emit(event, ...args) {
    for (const listener of this.#listeners.get(event) ?? []) Reflect.apply(listener, void 0, args);
  }
};

// src/sim/network/network.ts
var Network = class {
  weather;
  treatment = new MessageTreatment();
  #kernel;
  #trace;
  #ports = /* @__PURE__ */ new Map();
  #lanes = /* @__PURE__ */ new Map();
  #framesDelivered = 0;
  #framesHeld = 0;
  constructor(kernel, weather, trace) {
    this.weather = weather;
    this.#kernel = kernel;
    this.#trace = trace;
    weather.onChange(() => this.#releaseHeld());
  }
  get counts() {
    return { framesDelivered: this.#framesDelivered, framesHeld: this.#framesHeld };
  }
  /** Until the resident dies or calls what is returned. */
  listen(address, port) {
    const name2 = formatEndpoint(address);
    this.#ports.set(name2, port);
    return () => {
      if (this.#ports.get(name2) === port) this.#ports.delete(name2);
    };
  }
  dial(from, address) {
    const socket = new SimulatedSocket(from, this);
    this.#knock(socket, address);
    return socket;
  }
  /** A packet that a block stops is sent again, a second later (TCP's first retry of a SYN). */
  #knock(socket, address) {
    const { host } = address;
    const { weather } = this;
    const nowMs = this.#kernel.now();
    const thereMs = weather.delayMs(socket.owner.host, host, nowMs);
    this.#kernel.schedule(thereMs, () => {
      if (socket.isClosed || !socket.owner.isAlive) return;
      if (weather.isBlocked(socket.owner.host, host) || weather.isBlocked(host, socket.owner.host)) {
        this.#kernel.schedule(1e3, () => this.#knock(socket, address));
        return;
      }
      this.#answer(socket, address);
    });
  }
  #answer(socket, address) {
    const backMs = this.weather.delayMs(address.host, socket.owner.host, this.#kernel.now());
    const port = this.#ports.get(formatEndpoint(address));
    if (port === void 0 || !port.resident.isAlive) {
      this.later(socket, backMs, () => socket.refuse(`nobody listens at ${formatEndpoint(address)}`));
      return;
    }
    const accepted2 = new SimulatedSocket(port.resident, this);
    accepted2.connect(socket);
    socket.connect(accepted2);
    this.#lane(socket, accepted2, port.kind);
    const back2 = this.#lane(accepted2, socket, port.kind);
    back2.lastArrivalMs = this.#kernel.now() + backMs;
    this.later(socket, backMs, () => socket.announceOpen());
    port.resident.run(() => port.accept(accepted2));
  }
  #lane(from, to, kind) {
    const lane = { from, to, kind, lastArrivalMs: 0, held: [], framesArrived: 0 };
    this.#lanes.set(from, lane);
    return lane;
  }
  later(socket, delayMs, task) {
    this.#kernel.schedule(delayMs, () => socket.owner.run(task));
  }
  forget(socket) {
    const lane = this.#lanes.get(socket);
    if (lane !== void 0 && lane.held.length === 0 && lane.lastArrivalMs <= this.#kernel.now())
      this.#lanes.delete(socket);
  }
  transmit(from, delivery) {
    const lane = this.#lanes.get(from);
    if (lane === void 0) return;
    if (delivery.type === "end" || lane.kind === "client") return this.#send(lane, delivery);
    const draws = this.weather.streamOf(from.owner.host, lane.to.owner.host);
    const { inTurn, later, replays } = this.treatment.treat(
      delivery.bytes,
      this.weather.climate.messages,
      draws
    );
    if (inTurn === null) from.arrived(delivery.bytes.length);
    else this.#send(lane, delivery, inTurn);
    for (const { delayMs, bytes: bytes3 } of later) this.#kernel.schedule(delayMs, () => this.#inject(lane, bytes3));
    for (const { delayMs, bytes: bytes3 } of replays) this.#kernel.schedule(delayMs, () => this.#replay(lane, bytes3));
  }
  /** `bytes` may differ from what was sent, whose length is what the sender's buffer knows. */
  #send(lane, delivery, bytes3) {
    const nowMs = this.#kernel.now();
    const [from, to] = [lane.from.owner.host, lane.to.owner.host];
    lane.lastArrivalMs = Math.max(lane.lastArrivalMs, nowMs + this.weather.delayMs(from, to, nowMs));
    this.#kernel.schedule(lane.lastArrivalMs - nowMs, () => {
      if (lane.held.length > 0 || this.weather.isBlocked(from, to)) {
        this.#framesHeld += 1;
        lane.held.push({ delivery, bytes: bytes3 });
        return;
      }
      this.#arrive(lane, delivery, bytes3);
    });
  }
  #arrive(lane, delivery, bytes3) {
    if (delivery.type === "frame") lane.from.arrived(delivery.bytes.length);
    else this.#lanes.delete(lane.from);
    if (!lane.to.owner.isAlive) {
      if (delivery.type === "frame" && lane.from.owner.isAlive) this.#reset(lane);
      return;
    }
    if (lane.to.isClosed) return;
    const arrived = delivery.type === "frame" && bytes3 !== void 0 ? { type: "frame", bytes: bytes3 } : delivery;
    if (arrived.type === "frame") this.#count(arrived.bytes);
    lane.to.owner.run(() => {
      lane.framesArrived += 1;
      lane.to.receive(arrived);
    });
  }
  #count(bytes3) {
    this.#framesDelivered += 1;
    this.#trace.number(this.#kernel.now());
    this.#trace.bytes(bytes3);
  }
  /** Out of turn: past whatever the link has under way. */
  #inject(lane, bytes3) {
    const [from, to] = [lane.from.owner.host, lane.to.owner.host];
    if (!isGreeted(lane) || !lane.to.isOpen || !lane.to.owner.isAlive || this.weather.isBlocked(from, to))
      return;
    this.#count(bytes3);
    lane.to.owner.run(() => lane.to.receive({ type: "frame", bytes: bytes3 }));
  }
  /** Over the link that there is now between the two hosts in that direction. */
  #replay(old, bytes3) {
    const [from, to] = [old.from.owner.host, old.to.owner.host];
    for (const lane of this.#lanes.values()) {
      const fits = lane.kind === "peer" && lane.from.owner.host === from && lane.to.owner.host === to;
      if (fits && isGreeted(lane) && lane.to.isOpen) return this.#inject(lane, bytes3);
    }
  }
  #releaseHeld() {
    for (const lane of this.#lanes.values()) {
      const [from, to] = [lane.from.owner.host, lane.to.owner.host];
      if (lane.held.length === 0 || this.weather.isBlocked(from, to)) continue;
      for (const { delivery, bytes: bytes3 } of lane.held.splice(0)) this.#send(lane, delivery, bytes3);
    }
  }
  /** The kernel of a process that was killed closes its sockets: everybody connected hears of it. */
  processKilled(resident) {
    for (const lane of this.#lanesOf(resident)) this.#send(lane, { type: "end" });
  }
  /** The machine is gone and says nothing: the other ends stay as they are until they send something (half-open). */
  machineLost(resident) {
    for (const lane of this.#lanesOf(resident)) this.#lanes.delete(lane.from);
  }
  #lanesOf(resident) {
    return [...this.#lanes.values()].filter((lane) => lane.from.owner === resident);
  }
  #reset(lane) {
    const back2 = { ...lane, from: lane.to, to: lane.from, held: [], lastArrivalMs: this.#kernel.now() };
    const isHostUp = [...this.#ports.values()].some(
      ({ resident }) => resident.host === lane.to.owner.host && resident.isAlive
    );
    if (isHostUp) this.#send(back2, { type: "end" });
  }
};
function isGreeted({ framesArrived }) {
  return framesArrived >= 2;
}

// src/sim/network/weather.ts
var CALM = {
  delayLeastMs: 0.3,
  delaySpreadMs: 0.5,
  lossPercent: 0,
  messages: { dropped: 0, doubled: 0, delayed: 0, replayed: 0 }
};
var RETRANSMIT_MS = 200;
var Weather = class {
  #random;
  #streams = /* @__PURE__ */ new Map();
  #blocked = /* @__PURE__ */ new Set();
  #clogged = /* @__PURE__ */ new Map();
  #watchers = [];
  #climate = CALM;
  constructor(random) {
    this.#random = random;
  }
  get climate() {
    return this.#climate;
  }
  set climate(climate) {
    this.#climate = climate;
  }
  isBlocked(from, to) {
    return this.#blocked.size > 0 && this.#blocked.has(pair(from, to));
  }
  /** From now on exactly these directed pairs. */
  setBlocked(pairs) {
    const before = this.#blocked;
    this.#blocked = new Set(pairs.map(({ from, to }) => pair(from, to)));
    if ([...before].every((each) => this.#blocked.has(each))) return;
    for (const watcher of this.#watchers) watcher();
  }
  clog(from, to, untilMs) {
    this.#clogged.set(pair(from, to), untilMs);
  }
  unclog() {
    this.#clogged.clear();
  }
  /** Called whenever something is not blocked any more. */
  onChange(watcher) {
    this.#watchers.push(watcher);
  }
  /** How long what is sent now is on its way. */
  delayMs(from, to, nowMs) {
    const { delayLeastMs, delaySpreadMs, lossPercent } = this.#climate;
    const draws = this.streamOf(from, to);
    const share = Math.min(draws.below(1e3), draws.below(1e3), draws.below(1e3)) / 1e3;
    const lost = lossPercent > 0 && draws.chance(lossPercent) ? RETRANSMIT_MS : 0;
    return delayLeastMs + delaySpreadMs * share + lost + this.#cloggedMs(from, to, nowMs);
  }
  /** The draws of one directed pair. */
  streamOf(from, to) {
    let streams = this.#streams.get(from);
    if (streams === void 0) {
      streams = /* @__PURE__ */ new Map();
      this.#streams.set(from, streams);
    }
    let stream = streams.get(to);
    if (stream === void 0) {
      stream = this.#random.stream(`network ${pair(from, to)}`);
      streams.set(to, stream);
    }
    return stream;
  }
  #cloggedMs(from, to, nowMs) {
    if (this.#clogged.size === 0) return 0;
    return Math.max(0, (this.#clogged.get(pair(from, to)) ?? 0) - nowMs);
  }
};
function pair(from, to) {
  return `${from} \u2192 ${to}`;
}

// src/kv/compaction.ts
function compactionDue(history, { keptMs, keptRevisions }) {
  const old = history.revisionAt(history.clusterTimeMs - keptMs);
  const due = Math.max(old, history.revision - keptRevisions);
  return due > history.floor && due > 0 ? due : null;
}

// src/kv/assert.ts
var InvariantError = class extends Error {
  name = "InvariantError";
};
function invariant(holds3, law) {
  if (!holds3) throw new InvariantError(law);
}
function unreachable(value) {
  throw new InvariantError(`unreachable: ${String(value)}`);
}

// src/kv/key-text.ts
var LOWEST_BYTE = "\0";
function keyText2(key) {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString("latin1");
}
function textBytes(text3) {
  const bytes3 = new Uint8Array(text3.length);
  for (let at = 0; at < text3.length; at++) bytes3[at] = text3.charCodeAt(at);
  return bytes3;
}
function textRange2({ start, end: end2 }) {
  const first = keyText2(start);
  if (end2 === null) return { start: first, end: first + LOWEST_BYTE };
  return { start: first, end: end2.length === 0 ? null : keyText2(end2) };
}
function inRange(text3, { start, end: end2 }) {
  return text3 >= start && (end2 === null || text3 < end2);
}

// src/kv/past.ts
var LOOKS_PER_RECORD = 4;
function answerPast(past2, query2, limits2) {
  const failure2 = unreadable(past2, query2.revision);
  if (failure2 !== null) return { type: "failure", failure: failure2 };
  const boundary = past2.history.events.firstAfter(query2.revision);
  const { read: read5 } = query2;
  if (read5.type === "scan") return scan3(past2, boundary, read5, limits2);
  return { type: "past", result: get2(past2, boundary, read5), resume: null };
}
function unreadable({ history, revision }, wanted) {
  if (wanted > revision) return { code: "FUTURE_REVISION", revision };
  return wanted < history.floor ? { code: "COMPACTED", floor: history.floor } : null;
}
function get2({ records }, boundary, { keys }) {
  return { type: "get", records: keys.map((key) => records.readBefore(boundary, keyText2(key), key)) };
}
function scan3(past2, boundary, query2, limits2) {
  const { limit, keysOnly, countOnly } = query2;
  const texts = keysOf(past2, query2, limits2.pageRecordsMax * LOOKS_PER_RECORD + 1);
  const looksMax = limits2.pageRecordsMax * LOOKS_PER_RECORD;
  const recordsMax = limit === 0 ? limits2.pageRecordsMax : Math.min(limit, limits2.pageRecordsMax);
  const found = [];
  let count2 = 0;
  let bytes3 = 0;
  let looks = 0;
  for (const text3 of texts) {
    if (looks === looksMax) break;
    const record2 = past2.records.readBefore(boundary, text3, textBytes(text3));
    if (record2 !== null && !countOnly) {
      bytes3 += text3.length + (keysOnly ? 0 : record2.value.length);
      if (count2 === recordsMax || count2 > 0 && bytes3 > limits2.pageBytesMax) break;
      found.push(keysOnly ? { ...record2, value: new Uint8Array(0) } : record2);
    }
    if (record2 !== null) count2 += 1;
    looks += 1;
  }
  const more = looks < texts.length;
  const resume = more ? textBytes(texts[looks - 1] ?? "") : null;
  return { type: "past", result: { type: "scan", records: found, count: count2, more }, resume };
}
function keysOf({ records, history }, { range, reverse }, max) {
  const within = textRange2(range);
  const present2 = records.keys(within, reverse, max);
  const gone = history.goneKeys(within, reverse, max);
  if (gone.length === 0) return present2;
  const all = [...present2, ...gone].toSorted(reverse ? descending : ascending);
  return all.slice(0, max);
}
function ascending(left, right) {
  return left < right ? -1 : 1;
}
function descending(left, right) {
  return left < right ? 1 : -1;
}

// src/kv/answer.ts
function answerRead(state, query2, limits2) {
  const { records } = state;
  if (query2.type === "past") return answerPast(state, query2, limits2);
  if (query2.type === "get") return { type: "get", records: query2.keys.map((key) => get3(records, key)) };
  if (!query2.countOnly) return page(records, query2, limits2);
  return { type: "scan", records: [], count: records.count(textRange2(query2.range)), more: false };
}
function get3(records, key) {
  const row = records.find(keyText2(key));
  return row === void 0 ? null : records.read(row, key);
}
function page(records, query2, limits2) {
  invariant(limits2.pageRecordsMax >= 1, "a page holds a record, so that paging comes to an end");
  const { pageRecordsMax, pageBytesMax } = limits2;
  const recordsMax = query2.limit === 0 ? pageRecordsMax : Math.min(query2.limit, pageRecordsMax);
  const texts = records.keys(textRange2(query2.range), query2.reverse, recordsMax + 1);
  const found = [];
  let bytes3 = 0;
  for (const text3 of texts) {
    const row = records.rowOf(text3);
    bytes3 += text3.length + (query2.keysOnly ? 0 : records.valueBytes(row));
    if (found.length === recordsMax || found.length > 0 && bytes3 > pageBytesMax) break;
    const key = textBytes(text3);
    found.push(query2.keysOnly ? records.readWithoutValue(row, key) : records.read(row, key));
  }
  return { type: "scan", records: found, count: found.length, more: found.length < texts.length };
}

// src/kv/lease.ts
function performLeaseOperation(state, operation) {
  switch (operation.type) {
    case "leaseGrant":
      return grant(state, operation.id, operation.ttlMs);
    case "leaseRenew": {
      const ttlsMs = operation.ids.map((id) => renew(state, id));
      return { type: "leaseRenew", revision: state.revision, ttlsMs };
    }
    case "leaseRevoke":
      return revoke(state, operation.id);
    case "leaseExpire":
      return expire(state, operation.ids, operation.term);
    default:
      return unreachable(operation);
  }
}
function grant(state, chosen, ttlMs) {
  const { leases } = state.tables;
  const lease = chosen === 0n ? state.madeId((id) => leases.find(id) !== null) : chosen;
  if (leases.find(lease) !== null) return fail(state, { code: "LEASE_EXISTS", lease });
  leases.grant(lease, ttlMs, state.clusterTimeMs + ttlMs);
  return { type: "leaseGrant", revision: state.revision, lease, ttlMs };
}
function renew(state, id) {
  const lease = state.tables.leases.find(id);
  if (lease === null) return 0;
  state.tables.leases.renew(id, state.clusterTimeMs + lease.ttlMs);
  return lease.ttlMs;
}
function revoke(state, id) {
  const lease = state.tables.leases.find(id);
  if (lease === null) return fail(state, { code: "LEASE_NOT_FOUND", lease: id });
  const deleted2 = end(state, lease);
  return { type: "leaseRevoke", revision: state.revision, deleted: deleted2 };
}
function expire(state, ids, term) {
  const { leases } = state.tables;
  const expired = [];
  let deleted2 = 0;
  for (const id of term === state.term ? ids : []) {
    const lease = leases.find(id);
    if (lease === null || lease.deadlineMs > state.clusterTimeMs) continue;
    state.beginChange();
    deleted2 += end(state, lease);
    expired.push(id);
  }
  return { type: "leaseExpire", revision: state.revision, expired, deleted: deleted2 };
}
function end(state, lease) {
  const { records, leases } = state.tables;
  const texts = [...lease.keys].toSorted();
  for (const text3 of texts) records.remove(text3, records.rowOf(text3), state.revisionOfChange());
  leases.remove(lease.id);
  return texts.length;
}
function fail(state, failure2) {
  return { type: "failure", revision: state.revision, failure: failure2 };
}
function answerLeaseQuery(state, query2, limits2) {
  const { leases } = state.tables;
  if (query2.type === "leaseInspect") {
    const lease = leases.find(query2.id);
    if (lease === null) return { type: "leaseInspect", lease: null, keys: [] };
    const texts = [...lease.keys].toSorted().slice(0, limits2.pageRecordsMax);
    return { type: "leaseInspect", lease: infoOf(state, lease), keys: texts.map(textBytes) };
  }
  const { limit, after } = query2;
  const max = limit === 0 ? limits2.pageRecordsMax : Math.min(limit, limits2.pageRecordsMax);
  const ids = leases.idsAfter(after, max + 1);
  const found = ids.slice(0, max).map((id) => leases.find(id));
  const infos = found.filter((lease) => lease !== null).map((lease) => infoOf(state, lease));
  return { type: "leaseList", leases: infos, more: ids.length > max };
}
function infoOf({ clusterTimeMs }, { id, ttlMs, deadlineMs, keys }) {
  return { id, ttlMs, remainingMs: Math.max(0, deadlineMs - clusterTimeMs), keyCount: keys.size };
}

// src/kv/condition.ts
function allHold(conditions, current) {
  return conditions.every((condition) => holds(condition, current));
}
function holds(condition, current) {
  switch (condition.type) {
    case "absent":
      return current === null;
    case "present":
      return current !== null;
    case "revision":
      return current?.modRevision === condition.modRevision;
    case "version":
      return current?.version === condition.version;
    default:
      return unreachable(condition);
  }
}

// src/kv/counter.ts
var INT64_MIN2 = -(2n ** 63n);
var INT64_MAX2 = 2n ** 63n - 1n;
var DIGITS_MAX = INT64_MIN2.toString().length;
var CANONICAL = /^(?:0|-?[1-9][0-9]*)$/u;
function parseCounter(value) {
  if (value.length > DIGITS_MAX) return null;
  const digits = keyText2(value);
  if (!CANONICAL.test(digits)) return null;
  const counter = BigInt(digits);
  return isInt64(counter) ? counter : null;
}
function printCounter(counter) {
  return textBytes(counter.toString());
}
function isInt64(counter) {
  return counter >= INT64_MIN2 && counter <= INT64_MAX2;
}

// src/kv/deadlines.ts
var SWEPT_AT_LEAST = 64;
var Deadlines = class {
  /** The children of the entry at i stand at 2i + 1 and 2i + 2, and neither is before it. */
  #heap = [];
  #deadlineOf = /* @__PURE__ */ new Map();
  get size() {
    return this.#deadlineOf.size;
  }
  set(id, deadlineMs) {
    if (this.#deadlineOf.get(id) === deadlineMs) return;
    this.#deadlineOf.set(id, deadlineMs);
    this.#push({ deadlineMs, id });
    if (this.#heap.length > 2 * this.#deadlineOf.size + SWEPT_AT_LEAST) this.#sweep();
  }
  delete(id) {
    this.#deadlineOf.delete(id);
  }
  /** The one with the oldest deadline; of equals, the least id. */
  first() {
    for (; ; ) {
      const entry = this.#heap[0];
      if (entry === void 0) return null;
      if (this.#holds(entry)) return entry.id;
      this.#pop();
    }
  }
  /** At most `max` ids whose deadline has come, those due first before the others. */
  due(timeMs, max) {
    const found = /* @__PURE__ */ new Map();
    for (; ; ) {
      const id = this.first();
      const entry = this.#heap[0];
      if (id === null || entry === void 0 || entry.deadlineMs > timeMs || found.size === max) break;
      found.set(id, entry);
      this.#pop();
    }
    for (const entry of found.values()) this.#push(entry);
    return [...found.keys()];
  }
  #holds({ id, deadlineMs }) {
    return this.#deadlineOf.get(id) === deadlineMs;
  }
  #sweep() {
    const entries2 = [...this.#deadlineOf].map(([id, deadlineMs]) => ({ id, deadlineMs }));
    this.#heap = entries2.toSorted((left, right) => isBefore(left, right) ? -1 : 1);
  }
  #push(entry) {
    let at = this.#heap.push(entry) - 1;
    while (at > 0) {
      const parentAt = at - 1 >>> 1;
      const parent = this.#at(parentAt);
      if (!isBefore(entry, parent)) break;
      this.#heap[at] = parent;
      at = parentAt;
    }
    this.#heap[at] = entry;
  }
  /** Takes the first entry out; there is one. */
  #pop() {
    const entry = this.#heap.pop();
    const { length } = this.#heap;
    if (entry === void 0 || length === 0) return;
    let at = 0;
    for (; ; ) {
      let childAt = 2 * at + 1;
      if (childAt >= length) break;
      if (childAt + 1 < length && isBefore(this.#at(childAt + 1), this.#at(childAt))) childAt += 1;
      const child = this.#at(childAt);
      if (!isBefore(child, entry)) break;
      this.#heap[at] = child;
      at = childAt;
    }
    this.#heap[at] = entry;
  }
  #at(at) {
    const entry = this.#heap[at];
    invariant(entry !== void 0, "the heap has no holes");
    return entry;
  }
};
function isBefore(left, right) {
  return left.deadlineMs < right.deadlineMs || left.deadlineMs === right.deadlineMs && left.id < right.id;
}

// src/kv/ordered-keys.ts
var CHUNK_KEYS_MAX = 512;
var OrderedKeys = class {
  #chunks = [];
  #chunkKeysMax;
  #size = 0;
  constructor(chunkKeysMax = CHUNK_KEYS_MAX) {
    this.#chunkKeysMax = chunkKeysMax;
  }
  get size() {
    return this.#size;
  }
  get chunkCount() {
    return this.#chunks.length;
  }
  insert(key) {
    const number = this.#chunkFor(key);
    const chunk = this.#chunks[number];
    if (chunk === void 0) this.#chunks.push([key]);
    else this.#insertInto(chunk, number, key);
    this.#size += 1;
  }
  remove(key) {
    const number = this.#chunkFor(key);
    const chunk = this.#chunks[number] ?? [];
    const at = lowerBound(chunk, key);
    invariant(chunk[at] === key, "a key that disappears was there");
    chunk.splice(at, 1);
    this.#size -= 1;
    if (chunk.length === 0) this.#chunks.splice(number, 1);
    this.#joinAround(number);
  }
  /** Removes and returns the keys of the range, in order. */
  removeRange(range) {
    const removed = this.keys(range, Number.POSITIVE_INFINITY);
    if (removed.length === 0) return removed;
    const { from, to } = this.#span(range);
    const left = this.#chunks[from.chunk]?.slice(0, from.at) ?? [];
    const right = to.at === 0 ? [] : this.#chunks[to.chunk]?.slice(to.at) ?? [];
    const touched = to.chunk - from.chunk + (to.at === 0 ? 0 : 1);
    const kept = left.length + right.length > this.#chunkKeysMax ? [left, right] : [[...left, ...right]];
    this.#chunks.splice(from.chunk, touched, ...kept.filter((chunk) => chunk.length > 0));
    this.#joinAround(from.chunk);
    this.#size -= removed.length;
    return removed;
  }
  count(range) {
    const { from, to } = this.#span(range);
    let count2 = to.at - from.at;
    for (let number = from.chunk; number < to.chunk; number++) count2 += this.#chunks[number]?.length ?? 0;
    return count2;
  }
  /** The first `max` keys of the range, in order. */
  keys(range, max) {
    const { from, to } = this.#span(range);
    const keys = [];
    for (let number = from.chunk; number <= to.chunk && keys.length < max; number++) {
      const chunk = this.#chunks[number] ?? [];
      const end2 = number === to.chunk ? to.at : chunk.length;
      const start = number === from.chunk ? from.at : 0;
      const last = Math.min(end2, start + max - keys.length);
      for (let at = start; at < last; at++) keys.push(chunk[at] ?? "");
    }
    return keys;
  }
  /** The last `max` keys of the range, the last one first. */
  keysReversed(range, max) {
    const { from, to } = this.#span(range);
    const keys = [];
    for (let number = to.chunk; number >= from.chunk && keys.length < max; number--) {
      const chunk = this.#chunks[number] ?? [];
      const end2 = number === to.chunk ? to.at : chunk.length;
      const start = number === from.chunk ? from.at : 0;
      const first = Math.max(start, end2 - (max - keys.length));
      for (let at = end2 - 1; at >= first; at--) keys.push(chunk[at] ?? "");
    }
    return keys;
  }
  /** `from` is never behind `to`: a range that ends before it starts is empty. */
  #span({ start, end: end2 }) {
    const from = this.#placeOf(start);
    if (end2 === null) return { from, to: { chunk: this.#chunks.length, at: 0 } };
    return { from, to: end2 <= start ? from : this.#placeOf(end2) };
  }
  /** Before the first key that is not below `key`. */
  #placeOf(key) {
    const number = this.#chunkFor(key);
    const chunk = this.#chunks[number] ?? [];
    const at = lowerBound(chunk, key);
    return at < chunk.length || chunk.length === 0 ? { chunk: number, at } : { chunk: number + 1, at: 0 };
  }
  /** The last chunk whose first key is not above `key`, or the first chunk. */
  #chunkFor(key) {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = low + high >>> 1;
      if ((this.#chunks[middle]?.[0] ?? "") <= key) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }
  #insertInto(chunk, number, key) {
    const at = lowerBound(chunk, key);
    invariant(chunk[at] !== key, "a key appears once");
    chunk.splice(at, 0, key);
    if (chunk.length > this.#chunkKeysMax) this.#split(number, at);
  }
  /** In halves; but keys that arrive in order leave full chunks behind them, as an append would. */
  #split(number, insertedAt) {
    const chunk = this.#chunks[number] ?? [];
    const appended = number === this.#chunks.length - 1 && insertedAt === this.#chunkKeysMax;
    const cut = appended ? this.#chunkKeysMax : chunk.length >>> 1;
    this.#chunks.splice(number + 1, 0, chunk.splice(cut));
  }
  /** After chunk `number` or the one behind it has shrunk or gone; from the right, so that each pair is seen once. */
  #joinAround(number) {
    for (let left = number + 1; left >= Math.max(0, number - 1); left--) {
      const first = this.#chunks[left];
      const second = this.#chunks[left + 1];
      if (first === void 0 || second === void 0) continue;
      if (first.length + second.length > this.#chunkKeysMax >>> 1) continue;
      this.#chunks.splice(left, 2, [...first, ...second]);
    }
  }
};
function lowerBound(chunk, key) {
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = low + high >>> 1;
    if ((chunk[middle] ?? "") < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

// src/kv/set-digest.ts
var SetDigest = class {
  a = 0;
  b = 0;
  c = 0;
  d = 0;
  add(hash2) {
    this.a = this.a + hash2.a | 0;
    this.b = this.b + hash2.b | 0;
    this.c = this.c + hash2.c | 0;
    this.d = this.d + hash2.d | 0;
  }
  /** As the member at a place of an order: odd factors lose no bit, and each place has its own. */
  addWeighted({ a, b, c, d }, place) {
    const factor = 2 * place + 1;
    this.a = this.a + Math.imul(a, factor) | 0;
    this.b = this.b + Math.imul(b, factor) | 0;
    this.c = this.c + Math.imul(c, factor) | 0;
    this.d = this.d + Math.imul(d, factor) | 0;
  }
  set({ a, b, c, d }) {
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
  }
  subtract(hash2) {
    this.a = this.a - hash2.a | 0;
    this.b = this.b - hash2.b | 0;
    this.c = this.c - hash2.c | 0;
    this.d = this.d - hash2.d | 0;
  }
  /** 32 lower-case hex digits. */
  print() {
    return [this.a, this.b, this.c, this.d].map(hexWord).join("");
  }
};
function hexWord(word) {
  return (word >>> 0).toString(16).padStart(8, "0");
}

// src/kv/murmur128.ts
var BLOCK_BYTES = 16;
var A = 597399067;
var B = 2869860233;
var C = 951274213;
var D = 2716044179;
var Murmur128 = class {
  a = 0;
  b = 0;
  c = 0;
  d = 0;
  start(seed) {
    this.a = seed | 0;
    this.b = seed | 0;
    this.c = seed | 0;
    this.d = seed | 0;
  }
  absorb(view, offset, length) {
    const end2 = offset + length;
    const tail = end2 - length % BLOCK_BYTES;
    let { a, b, c, d } = this;
    for (let at = offset; at < tail; at += BLOCK_BYTES) {
      a = Math.imul(rotate(a ^ mixA(view.getInt32(at, true)), 19) + b, 5) + 1444728091 | 0;
      b = Math.imul(rotate(b ^ mixB(view.getInt32(at + 4, true)), 17) + c, 5) + 197830471 | 0;
      c = Math.imul(rotate(c ^ mixC(view.getInt32(at + 8, true)), 15) + d, 5) + 2530024501 | 0;
      d = Math.imul(rotate(d ^ mixD(view.getInt32(at + 12, true)), 13) + a, 5) + 850148119 | 0;
    }
    this.a = a ^ mixA(wordAt2(view, tail, end2));
    this.b = b ^ mixB(wordAt2(view, tail + 4, end2));
    this.c = c ^ mixC(wordAt2(view, tail + 8, end2));
    this.d = d ^ mixD(wordAt2(view, tail + 12, end2));
    this.#close(length);
  }
  #close(length) {
    let a = this.a ^ length;
    let b = this.b ^ length;
    let c = this.c ^ length;
    let d = this.d ^ length;
    a = a + b + c + d | 0;
    b = avalanche(b + a | 0);
    c = avalanche(c + a | 0);
    d = avalanche(d + a | 0);
    a = avalanche(a) + b + c + d | 0;
    this.a = a;
    this.b = b + a | 0;
    this.c = c + a | 0;
    this.d = d + a | 0;
  }
};
function rotate(word, by) {
  return word << by | word >>> 32 - by;
}
function mixA(word) {
  return Math.imul(rotate(Math.imul(word, A), 15), B);
}
function mixB(word) {
  return Math.imul(rotate(Math.imul(word, B), 16), C);
}
function mixC(word) {
  return Math.imul(rotate(Math.imul(word, C), 17), D);
}
function mixD(word) {
  return Math.imul(rotate(Math.imul(word, D), 18), A);
}
function wordAt2(view, at, end2) {
  if (end2 - at >= 4) return view.getInt32(at, true);
  let word = 0;
  for (let byte = end2 - 1; byte >= at; byte--) word = word << 8 | view.getUint8(byte);
  return word;
}
function avalanche(word) {
  let mixed = Math.imul(word ^ word >>> 16, 2246822507);
  mixed = Math.imul(mixed ^ mixed >>> 13, 3266489909);
  return mixed ^ mixed >>> 16;
}

// src/kv/record-layout.ts
var ROW_BYTES = 64;
var CREATE_REVISION = 0;
var MOD_REVISION = 8;
var VERSION = 16;
var LEASE = 24;
var HASH = 32;
var VALUE_OFFSET = 48;
var VALUE_LENGTH = 52;
var LAST_EVENT = 56;
var NO_BUFFER = new ArrayBuffer(0);
function writeRecord(fields, at, record2, hash2) {
  fields.setFloat64(at + CREATE_REVISION, record2.createRevision, true);
  fields.setFloat64(at + MOD_REVISION, record2.modRevision, true);
  fields.setFloat64(at + VERSION, record2.version, true);
  fields.setBigInt64(at + LEASE, record2.lease, true);
  writeLanes(fields, at + HASH, hash2);
  const { buffer, byteOffset, byteLength } = record2.value;
  fields.setUint32(at + VALUE_OFFSET, byteLength === 0 ? 0 : byteOffset, true);
  fields.setUint32(at + VALUE_LENGTH, byteLength, true);
  return byteLength === 0 ? NO_BUFFER : buffer;
}
function readRecord(fields, at, key, value) {
  return {
    key,
    value,
    createRevision: fields.getFloat64(at + CREATE_REVISION, true),
    modRevision: fields.getFloat64(at + MOD_REVISION, true),
    version: fields.getFloat64(at + VERSION, true),
    lease: fields.getBigInt64(at + LEASE, true)
  };
}
function readValue(fields, at, buffer) {
  return new Uint8Array(
    buffer,
    fields.getUint32(at + VALUE_OFFSET, true),
    fields.getUint32(at + VALUE_LENGTH, true)
  );
}
function copyRow(from, fromAt, to, toAt) {
  to.setFloat64(toAt + CREATE_REVISION, from.getFloat64(fromAt + CREATE_REVISION, true), true);
  to.setFloat64(toAt + MOD_REVISION, from.getFloat64(fromAt + MOD_REVISION, true), true);
  to.setFloat64(toAt + VERSION, from.getFloat64(fromAt + VERSION, true), true);
  for (let byte = LEASE; byte < LAST_EVENT; byte += 4) {
    to.setInt32(toAt + byte, from.getInt32(fromAt + byte, true), true);
  }
  to.setFloat64(toAt + LAST_EVENT, from.getFloat64(fromAt + LAST_EVENT, true), true);
}
function writeLanes(fields, at, { a, b, c, d }) {
  fields.setInt32(at, a, true);
  fields.setInt32(at + 4, b, true);
  fields.setInt32(at + 8, c, true);
  fields.setInt32(at + 12, d, true);
}
function readLanes(fields, at) {
  return {
    a: fields.getInt32(at, true),
    b: fields.getInt32(at + 4, true),
    c: fields.getInt32(at + 8, true),
    d: fields.getInt32(at + 12, true)
  };
}

// src/kv/state-hash.ts
var SEEDS = { scalars: 0, record: 1, removal: 2, session: 3, answered: 4, lease: 5 };
var RECORD_NUMBERS_BYTES = 32;
var SCALARS_BYTES = 24;
var REMOVAL_BYTES = 24;
var RecordHasher = class {
  #murmur = new Murmur128();
  #numbers = new DataView(new ArrayBuffer(RECORD_NUMBERS_BYTES));
  /** Of the buffer seen last: keys and values of one log block share theirs, and a view costs half of the hashing. */
  #view = new DataView(new ArrayBuffer(0));
  /** Valid until the next call. */
  hash(record2) {
    this.#murmur.start(SEEDS.record);
    this.#absorb(record2.key);
    this.#absorb(record2.value);
    this.#numbers.setFloat64(0, record2.createRevision, true);
    this.#numbers.setFloat64(8, record2.modRevision, true);
    this.#numbers.setFloat64(16, record2.version, true);
    this.#numbers.setBigInt64(24, record2.lease, true);
    this.#murmur.absorb(this.#numbers, 0, RECORD_NUMBERS_BYTES);
    return this.#murmur;
  }
  /** Of a removal as an event. Valid until the next call. */
  hashRemoval(removed, revision) {
    writeLanes(this.#numbers, 0, removed);
    this.#numbers.setFloat64(16, revision, true);
    this.#murmur.start(SEEDS.removal);
    this.#murmur.absorb(this.#numbers, 0, REMOVAL_BYTES);
    return this.#murmur;
  }
  #absorb(bytes3) {
    if (this.#view.buffer !== bytes3.buffer) this.#view = new DataView(bytes3.buffer);
    this.#murmur.absorb(this.#view, bytes3.byteOffset, bytes3.byteLength);
  }
};
var LEASE_BYTES2 = 24;
var LeaseHasher = class {
  #murmur = new Murmur128();
  #numbers = new DataView(new ArrayBuffer(LEASE_BYTES2));
  /** Valid until the next call. */
  hash(id, ttlMs, deadlineMs) {
    this.#numbers.setBigInt64(0, id, true);
    this.#numbers.setFloat64(8, ttlMs, true);
    this.#numbers.setFloat64(16, deadlineMs, true);
    this.#murmur.start(SEEDS.lease);
    this.#murmur.absorb(this.#numbers, 0, LEASE_BYTES2);
    return this.#murmur;
  }
};
var SESSION_BYTES = 32;
var ANSWERED_BYTES = 16;
var SessionHasher = class {
  #murmur = new Murmur128();
  #numbers = new DataView(new ArrayBuffer(SESSION_BYTES));
  hash(id, ttlMs, deadlineMs, acknowledgedThrough) {
    this.#numbers.setBigInt64(0, id, true);
    this.#numbers.setFloat64(8, ttlMs, true);
    this.#numbers.setFloat64(16, deadlineMs, true);
    this.#numbers.setFloat64(24, acknowledgedThrough, true);
    this.#murmur.start(SEEDS.session);
    this.#murmur.absorb(this.#numbers, 0, SESSION_BYTES);
    return this.#murmur;
  }
  hashAnswered(id, sequence, reply2, replyBytes) {
    this.#numbers.setBigInt64(0, id, true);
    this.#numbers.setFloat64(8, sequence, true);
    this.#murmur.start(SEEDS.answered);
    this.#murmur.absorb(this.#numbers, 0, ANSWERED_BYTES);
    this.#murmur.absorb(reply2, 0, replyBytes);
    return this.#murmur;
  }
};
function hashScalars(revision, clusterTimeMs, floor) {
  const numbers = new DataView(new ArrayBuffer(SCALARS_BYTES));
  numbers.setFloat64(0, revision, true);
  numbers.setFloat64(8, clusterTimeMs, true);
  numbers.setFloat64(16, floor, true);
  const murmur2 = new Murmur128();
  murmur2.start(SEEDS.scalars);
  murmur2.absorb(numbers, 0, SCALARS_BYTES);
  return murmur2;
}

// src/kv/lease-table.ts
var NO_LEASE = 0n;
var LeaseTable = class {
  digest = new SetDigest();
  #rows = /* @__PURE__ */ new Map();
  #order = new OrderedKeys();
  #deadlines = new Deadlines();
  #hasher = new LeaseHasher();
  get size() {
    return this.#rows.size;
  }
  find(id) {
    return this.#rows.get(id) ?? null;
  }
  /** The id is free. */
  grant(id, ttlMs, deadlineMs) {
    const hash2 = this.#hashOf(id, ttlMs, deadlineMs);
    this.#rows.set(id, { id, ttlMs, deadlineMs, hash: hash2, keys: /* @__PURE__ */ new Set() });
    this.#order.insert(idText(id));
    this.#deadlines.set(id, deadlineMs);
    this.digest.add(hash2);
  }
  renew(id, deadlineMs) {
    const row = this.#row(id);
    this.digest.subtract(row.hash);
    row.deadlineMs = deadlineMs;
    row.hash = this.#hashOf(id, row.ttlMs, deadlineMs);
    this.digest.add(row.hash);
    this.#deadlines.set(id, deadlineMs);
  }
  /** Its keys are gone. */
  remove(id) {
    const row = this.#row(id);
    invariant(row.keys.size === 0, "no key hangs on a lease that is gone");
    this.digest.subtract(row.hash);
    this.#rows.delete(id);
    this.#order.remove(idText(id));
    this.#deadlines.delete(id);
  }
  attach(id, text3) {
    if (id !== NO_LEASE) this.#row(id).keys.add(text3);
  }
  detach(id, text3) {
    if (id !== NO_LEASE) this.#row(id).keys.delete(text3);
  }
  /** Of those whose deadline has come, as many as have `max` keys and leases in all; one at least. */
  due(clusterTimeMs, max) {
    const found = [];
    let weight = 0;
    for (const id of this.#deadlines.due(clusterTimeMs, max)) {
      weight += 1 + this.#row(id).keys.size;
      if (weight > max && found.length > 0) break;
      found.push(id);
    }
    return found;
  }
  /** At most `max` ids above `after`, in order. */
  idsAfter(after, max) {
    const start = after === null ? "" : `${idText(after)}\0`;
    return this.#order.keys({ start, end: null }, max).map(textId);
  }
  #row(id) {
    const row = this.#rows.get(id);
    invariant(row !== void 0, "a key hangs on a lease that is there");
    return row;
  }
  #hashOf(id, ttlMs, deadlineMs) {
    const { a, b, c, d } = this.#hasher.hash(id, ttlMs, deadlineMs);
    return { a, b, c, d };
  }
};
var SIGN = 2n ** 63n;
function idText(id) {
  const bytes3 = new Uint8Array(8);
  new DataView(bytes3.buffer).setBigUint64(0, id + SIGN);
  return keyText2(bytes3);
}
function textId(text3) {
  return new DataView(Uint8Array.from(textBytes(text3)).buffer).getBigUint64(0) - SIGN;
}

// src/kv/session.ts
function performOnce(state, request, perform2) {
  const { session: id, sequence } = request;
  const { sessions } = state.tables;
  sessions.acknowledge(id, Math.min(request.acknowledgedThrough, sequence - 1));
  const session = sessions.find(id);
  if (session === null) return refuse2(state, { code: "SESSION_EXPIRED" });
  const { acknowledgedThrough } = session;
  if (sequence <= acknowledgedThrough) {
    return refuse2(state, { code: "SEQUENCE_ACKNOWLEDGED", acknowledgedThrough });
  }
  const answered = session.answered.get(sequence);
  if (answered !== void 0) return answered.reply ?? refuse2(state, { code: "RESOLVED_NEVER" });
  if (!sessions.hasRoom(id, sequence)) {
    return refuse2(state, { code: "TOO_MANY_UNACKNOWLEDGED", acknowledgedThrough });
  }
  const reply2 = perform2();
  sessions.keep(id, sequence, reply2);
  return reply2;
}
var TYPES = {
  sessionOpen: true,
  sessionRenew: true,
  sessionClose: true,
  sessionExpire: true,
  resolve: true
};
function isSessionOperation(operation) {
  return Object.hasOwn(TYPES, operation.type);
}
function performSessionOperation(state, operation) {
  const { revision } = state;
  switch (operation.type) {
    case "sessionOpen":
      return { type: "sessionOpen", revision, session: open2(state, operation.ttlMs) };
    case "sessionRenew":
      return { type: "sessionRenew", revision, ttlsMs: operation.ids.map((id) => renew2(state, id)) };
    case "sessionClose":
      return { type: "sessionClose", revision, closed: state.tables.sessions.close(operation.id) };
    case "sessionExpire":
      return { type: "sessionExpire", revision, expired: expire2(state, operation.ids, operation.term) };
    case "resolve":
      return resolve(state, operation.session, operation.sequence);
    default:
      return unreachable(operation);
  }
}
function open2(state, ttlMs) {
  const { sessions } = state.tables;
  const id = state.madeId((made) => sessions.find(made) !== null);
  sessions.open(id, ttlMs, state.clusterTimeMs + ttlMs);
  return id;
}
function renew2(state, id) {
  const session = state.tables.sessions.find(id);
  if (session === null) return 0;
  state.tables.sessions.renew(id, state.clusterTimeMs + session.ttlMs);
  return session.ttlMs;
}
function expire2(state, ids, term) {
  if (term !== state.term) return [];
  const { sessions } = state.tables;
  return ids.filter((id) => {
    const session = sessions.find(id);
    return session !== null && session.deadlineMs <= state.clusterTimeMs && sessions.close(id);
  });
}
function resolve(state, id, sequence) {
  const { sessions } = state.tables;
  const session = sessions.find(id);
  if (session === null) return refuse2(state, { code: "SESSION_EXPIRED" });
  const { acknowledgedThrough } = session;
  if (sequence <= acknowledgedThrough) {
    return refuse2(state, { code: "SEQUENCE_ACKNOWLEDGED", acknowledgedThrough });
  }
  const answered = session.answered.get(sequence);
  if (answered === void 0) {
    if (!sessions.hasRoom(id, sequence)) {
      return refuse2(state, { code: "TOO_MANY_UNACKNOWLEDGED", acknowledgedThrough });
    }
    sessions.keep(id, sequence, null);
  }
  const reply2 = answered?.reply ?? null;
  const resolution2 = reply2 === null ? { type: "never" } : { type: "applied", reply: reply2 };
  return { type: "resolve", revision: state.revision, resolution: resolution2 };
}
function refuse2(state, failure2) {
  return { type: "failure", revision: state.revision, failure: failure2 };
}

// src/kv/compare.ts
function compareHolds(records, { target, operator, operand }) {
  const texts = target.end === null ? [keyText2(target.start)] : records.keys(textRange2(target), false, Infinity);
  const present2 = texts.filter((text3) => records.find(text3) !== void 0);
  if (present2.length === 0) return operand.type !== "value" && accepts(operator, sign(0, zeroOf(operand)));
  return present2.every((text3) => {
    const record2 = records.read(records.rowOf(text3), textBytes(text3));
    return accepts(operator, order(record2, operand));
  });
}
function zeroOf(operand) {
  return operand.type === "lease" ? operand.lease : operand.number;
}
function order(record2, operand) {
  switch (operand.type) {
    case "value":
      return compareBytes(record2.value, operand.value);
    case "lease":
      return sign(record2.lease, operand.lease);
    case "version":
    case "createRevision":
    case "modRevision":
      return sign(record2[operand.type], operand.number);
    default:
      return unreachable(operand);
  }
}
function accepts(operator, difference) {
  switch (operator) {
    case "=":
      return difference === 0;
    case "!=":
      return difference !== 0;
    case "<":
      return difference < 0;
    case ">":
      return difference > 0;
    default:
      return unreachable(operator);
  }
}
function sign(left, right) {
  return Number(left > right) - Number(left < right);
}
function compareBytes(left, right) {
  return Buffer.compare(left, right);
}

// src/kv/txn.ts
var PAGE = { pageRecordsMax: 1e3, pageBytesMax: 1 << 20 };
function performTxn(state, txn, write3) {
  const start = state.savepoint();
  const changes = new Changes(state.tables.records, start.next);
  const outcome2 = run(
    planOf(state.tables.records, txn),
    "",
    () => state.revision,
    (step) => {
      if (isRead(step)) return read(state.view(), step);
      if (changes.twice(step)) return { cause: { code: "DUPLICATE_KEY" } };
      const reply2 = write3(step);
      return reply2.type === "failure" ? { cause: stepFailure(reply2.failure) } : { result: reply2 };
    }
  );
  if ("type" in outcome2) return outcome2;
  state.takeBack(start);
  return { type: "failure", revision: state.revision, failure: outcome2 };
}
function answerTxn(state, txn) {
  const outcome2 = run(
    planOf(state.records, txn),
    "",
    () => state.revision,
    (step) => {
      if (isRead(step)) return read(state, step);
      throw new InvariantError("a transaction that reads has no other steps");
    }
  );
  return "type" in outcome2 ? outcome2 : { type: "failure", failure: outcome2 };
}
function planOf(records, txn) {
  const branch = txn.when.every((compare2) => compareHolds(records, compare2)) ? "do" : "otherwise";
  const choose = (step) => step.type === "txn" ? planOf(records, step) : step;
  return { branch, steps: txn[branch].map(choose) };
}
function run(plan, place, revision, perform2) {
  const results = [];
  for (const [number, step] of plan.steps.entries()) {
    const at = `${place}${plan.branch}[${number}]`;
    if ("branch" in step) {
      const outcome2 = run(step, `${at}.`, revision, perform2);
      if ("code" in outcome2) return outcome2;
      results.push(outcome2);
      continue;
    }
    const done = perform2(step);
    if ("cause" in done) return { code: "TXN_FAILED", at, cause: done.cause };
    results.push(done.result);
  }
  return { type: "txn", revision: revision(), succeeded: plan.branch === "do", results };
}
function isRead(step) {
  return step.type === "get" || step.type === "scan" || step.type === "past";
}
function read(state, step) {
  const result = answerRead(state, step, PAGE);
  return result.type === "failure" ? { cause: stepFailure(result.failure) } : { result };
}
function stepFailure(failure2) {
  switch (failure2.code) {
    case "TXN_FAILED":
    case "LEASE_EXISTS":
    case "SESSION_EXPIRED":
    case "SEQUENCE_ACKNOWLEDGED":
    case "RESOLVED_NEVER":
    case "TOO_MANY_UNACKNOWLEDGED":
      throw new InvariantError("a step is no transaction, no request, and grants nothing");
    case "CONFLICT":
    case "NOT_A_COUNTER":
    case "COUNTER_OVERFLOW":
    case "COMPACTED":
    case "FUTURE_REVISION":
    case "DUPLICATE_KEY":
    case "LEASE_NOT_FOUND":
      return failure2;
  }
}
var Changes = class {
  #records;
  /** The first event of the transaction. */
  #start;
  #put = [];
  constructor(records, start) {
    this.#records = records;
    this.#start = start;
  }
  /** Takes note of the step if it is in order. */
  twice(step) {
    if (step.type === "delete") {
      const range = textRange2(step.target);
      return this.#put.some((text4) => inRange(text4, range));
    }
    const text3 = keyText2(step.key);
    if (this.#put.includes(text3) || this.#records.lastEvent(text3) >= this.#start) return true;
    this.#put.push(text3);
    return false;
  }
};

// src/kv/perform.ts
function performRequest(state, request, ordinal) {
  state.beginOperation(ordinal);
  const { session, operation } = request;
  if (session === 0n || isSessionOperation(operation)) return perform(state, operation);
  return performOnce(state, request, () => perform(state, operation));
}
function perform(state, operation) {
  switch (operation.type) {
    case "txn":
      return performTxn(state, operation, (step) => write2(state, step));
    case "compact":
      return compact(state, operation);
    case "put":
    case "delete":
    case "increment":
      return write2(state, operation);
    case "leaseGrant":
    case "leaseRenew":
    case "leaseRevoke":
    case "leaseExpire":
      return performLeaseOperation(state, operation);
    case "sessionOpen":
    case "sessionRenew":
    case "sessionClose":
    case "sessionExpire":
    case "resolve":
      return performSessionOperation(state, operation);
    default:
      return unreachable(operation);
  }
}
function write2(state, operation) {
  switch (operation.type) {
    case "put":
      return put(state, operation);
    case "delete":
      return remove(state, operation);
    case "increment":
      return increment(state, operation);
    default:
      return unreachable(operation);
  }
}
function put(state, { key, value, conditions, returnPrevious, lease: wanted = NO_LEASE }) {
  const { records } = state.tables;
  const text3 = keyText2(key);
  const row = records.find(text3);
  const readsCurrent = conditions.length > 0 || returnPrevious;
  const current = readsCurrent && row !== void 0 ? records.read(row, key) : null;
  if (!allHold(conditions, current)) return fail2(state, { code: "CONFLICT", current });
  const lease = wanted === "keep" ? leaseOf(records, row) : wanted;
  if (lease !== NO_LEASE && state.tables.leases.find(lease) === null) {
    return fail2(state, { code: "LEASE_NOT_FOUND", lease });
  }
  const revision = state.revisionOfChange();
  records.put(text3, row, key, value, revision, lease);
  return { type: "put", revision, previous: returnPrevious ? current : null };
}
function leaseOf(records, row) {
  return row === void 0 ? NO_LEASE : records.lease(row);
}
function remove(state, operation) {
  const { target } = operation;
  return target.end === null ? removeKey(state, target.start, operation) : removeRange(state, target, operation);
}
function removeKey(state, key, { conditions, returnPrevious }) {
  const { records } = state.tables;
  const text3 = keyText2(key);
  const row = records.find(text3);
  const current = row === void 0 ? null : records.read(row, key);
  if (!allHold(conditions, current)) return fail2(state, { code: "CONFLICT", current });
  if (row === void 0 || current === null) return deleted(state, 0, []);
  records.remove(text3, row, state.revisionOfChange());
  return deleted(state, 1, returnPrevious ? [current] : []);
}
function removeRange(state, target, operation) {
  if (operation.conditions.length > 0) return fail2(state, { code: "CONFLICT", current: null });
  const { records } = state.tables;
  const range = textRange2(target);
  const previous = operation.returnPrevious ? records.readRange(range) : [];
  if (records.count(range) === 0) return deleted(state, 0, previous);
  const count2 = records.removeRange(range, state.revisionOfChange());
  return deleted(state, count2, previous);
}
function deleted(state, count2, previous) {
  return { type: "delete", revision: state.revision, deleted: count2, previous };
}
function increment(state, { key, by }) {
  const { records } = state.tables;
  const text3 = keyText2(key);
  const row = records.find(text3);
  const before = row === void 0 ? 0n : parseCounter(records.value(row));
  if (before === null) return fail2(state, { code: "NOT_A_COUNTER" });
  const value = before + by;
  if (!isInt64(value)) return fail2(state, { code: "COUNTER_OVERFLOW", value: before });
  if (row === void 0 || by !== 0n) {
    records.put(text3, row, key, printCounter(value), state.revisionOfChange(), leaseOf(records, row));
  }
  return { type: "increment", revision: state.revision, value };
}
function compact(state, { revision }) {
  const { history } = state.tables;
  if (revision > state.revision) return fail2(state, { code: "FUTURE_REVISION", revision: state.revision });
  if (revision <= history.floor) return fail2(state, { code: "COMPACTED", floor: history.floor });
  history.compact(revision);
  state.times.forgetBelow(revision);
  return { type: "compact", revision: state.revision, floor: revision };
}
function fail2(state, failure2) {
  return { type: "failure", revision: state.revision, failure: failure2 };
}

// src/kv/detached-reply.ts
function detachedReply(reply2) {
  switch (reply2.type) {
    case "put":
    case "delete":
    case "increment":
      return ofWrite(reply2);
    case "txn":
      return ofTxn(reply2);
    case "failure":
      return { ...reply2, failure: ofFailure(reply2.failure) };
    case "compact":
    case "leaseGrant":
    case "leaseRenew":
    case "leaseRevoke":
    case "leaseExpire":
    case "sessionOpen":
    case "sessionRenew":
    case "sessionClose":
    case "sessionExpire":
    case "resolve":
      return reply2;
  }
}
function ofWrite(reply2) {
  if (reply2.type === "put") return { ...reply2, previous: ofRecord(reply2.previous) };
  if (reply2.type === "delete") return { ...reply2, previous: reply2.previous.map(present) };
  return reply2;
}
function ofTxn(reply2) {
  return { ...reply2, results: reply2.results.map(ofStep) };
}
function ofStep(result) {
  switch (result.type) {
    case "get":
    case "scan":
      return ofRead(result);
    case "past":
      return ofPast(result);
    case "txn":
      return ofTxn(result);
    case "put":
    case "delete":
    case "increment":
      return ofWrite(result);
  }
}
function ofRead(result) {
  return result.type === "get" ? { ...result, records: result.records.map(ofRecord) } : { ...result, records: result.records.map(present) };
}
function ofPast({ type, result, resume }) {
  return { type, result: ofRead(result), resume: resume === null ? null : resume.slice() };
}
function ofFailure(failure2) {
  if (failure2.code !== "TXN_FAILED") return failure2.code === "CONFLICT" ? ofConflict(failure2) : failure2;
  return failure2.cause.code === "CONFLICT" ? { ...failure2, cause: ofConflict(failure2.cause) } : failure2;
}
function ofConflict(failure2) {
  return { code: "CONFLICT", current: ofRecord(failure2.current) };
}
function ofRecord(record2) {
  return record2 === null ? null : present(record2);
}
function present(record2) {
  return { ...record2, key: Uint8Array.from(record2.key), value: Uint8Array.from(record2.value) };
}

// src/kv/reply-bytes.ts
var TAG = {
  null: 0,
  false: 1,
  true: 2,
  number: 3,
  bigint: 4,
  string: 5,
  bytes: 6,
  list: 7,
  object: 8
};
var FIRST_BYTES = 1024;
var ReplyBytes = class {
  #view = new DataView(new ArrayBuffer(FIRST_BYTES));
  #length = 0;
  /** Valid until the next call of `write`. */
  get view() {
    return this.#view;
  }
  get length() {
    return this.#length;
  }
  /** Of plain data: what replies are made of, and nothing else. */
  write(value) {
    this.#length = 0;
    this.#value(value);
  }
  #value(value) {
    if (value === null) this.#byte(TAG.null);
    else if (typeof value === "boolean") this.#byte(value ? TAG.true : TAG.false);
    else if (typeof value === "number") this.#number(value);
    else if (typeof value === "bigint") this.#bigint(value);
    else if (typeof value === "string") this.#string(value);
    else if (value instanceof Uint8Array) this.#bytes(value);
    else if (typeof value === "object") this.#members(value);
    else throw new InvariantError(`a reply holds no ${typeof value}`);
  }
  #members(value) {
    if (Array.isArray(value)) {
      this.#head(TAG.list, value.length);
      for (const member of value) this.#value(member);
      return;
    }
    const names = Object.keys(value).toSorted();
    this.#head(TAG.object, names.length);
    for (const name2 of names) {
      this.#string(name2);
      this.#value(Reflect.get(value, name2));
    }
  }
  #number(value) {
    const at = this.#tagged(TAG.number, 8);
    this.#view.setFloat64(at, value, true);
  }
  #bigint(value) {
    const at = this.#tagged(TAG.bigint, 8);
    this.#view.setBigInt64(at, value, true);
  }
  #string(value) {
    this.#head(TAG.string, value.length);
    const at = this.#take(2 * value.length);
    for (let i = 0; i < value.length; i += 1) this.#view.setUint16(at + 2 * i, value.charCodeAt(i), true);
  }
  #bytes(value) {
    this.#head(TAG.bytes, value.length);
    const at = this.#take(value.length);
    new Uint8Array(this.#view.buffer).set(value, at);
  }
  #head(tag, length) {
    const at = this.#tagged(tag, 4);
    this.#view.setUint32(at, length, true);
  }
  #byte(value) {
    const at = this.#take(1);
    this.#view.setUint8(at, value);
  }
  /** Room is made before anything is written: `#view` is another one afterwards. Where the `count` bytes behind the tag begin. */
  #tagged(tag, count2) {
    const at = this.#take(1 + count2);
    this.#view.setUint8(at, tag);
    return at + 1;
  }
  #take(count2) {
    const at = this.#length;
    this.#length = at + count2;
    if (this.#length > this.#view.byteLength) this.#grow();
    return at;
  }
  #grow() {
    const buffer = new Uint8Array(2 * this.#length);
    buffer.set(new Uint8Array(this.#view.buffer));
    this.#view = new DataView(buffer.buffer);
  }
};

// src/kv/session-table.ts
var SESSION_LIMITS = {
  sessionsMax: 1e4,
  unacknowledgedMax: 1024,
  sessionBytesMax: 1 << 20,
  allBytesMax: 256 << 20
};
var REPLY_CHARGE_BYTES = 256;
var SessionTable = class {
  digest = new SetDigest();
  #rows = /* @__PURE__ */ new Map();
  #deadlines = new Deadlines();
  #limits;
  #hasher = new SessionHasher();
  #replyBytes = new ReplyBytes();
  #allBytes = 0;
  constructor(limits2) {
    this.#limits = limits2;
  }
  get size() {
    return this.#rows.size;
  }
  find(id) {
    return this.#rows.get(id) ?? null;
  }
  /** The id is free. */
  open(id, ttlMs, deadlineMs) {
    const evicted = this.#rows.size >= this.#limits.sessionsMax ? this.#deadlines.first() : null;
    if (evicted !== null) this.close(evicted);
    const hash2 = copied(this.#hasher.hash(id, ttlMs, deadlineMs, 0));
    this.#rows.set(id, {
      id,
      ttlMs,
      deadlineMs,
      acknowledgedThrough: 0,
      bytes: 0,
      hash: hash2,
      answered: /* @__PURE__ */ new Map()
    });
    this.#deadlines.set(id, deadlineMs);
    this.digest.add(hash2);
  }
  /** Whether there was one. */
  close(id) {
    const row = this.#rows.get(id);
    if (row === void 0) return false;
    for (const kept of row.answered.values()) this.digest.subtract(kept.hash);
    this.digest.subtract(row.hash);
    this.#allBytes -= row.bytes;
    this.#rows.delete(id);
    this.#deadlines.delete(id);
    return true;
  }
  renew(id, deadlineMs) {
    const row = this.#rows.get(id);
    if (row === void 0) return;
    row.deadlineMs = deadlineMs;
    this.#deadlines.set(id, deadlineMs);
    this.#rehash(row);
  }
  /** Forgets the replies through the sequence. What was acknowledged stays so. */
  acknowledge(id, through) {
    const row = this.#rows.get(id);
    if (row === void 0 || through <= row.acknowledgedThrough) return;
    const last = Math.min(through, row.acknowledgedThrough + this.#limits.unacknowledgedMax);
    for (let sequence = row.acknowledgedThrough + 1; sequence <= last; sequence += 1) {
      this.#forget(row, sequence);
    }
    row.acknowledgedThrough = through;
    this.#rehash(row);
  }
  /** Whether one more reply may be kept. */
  hasRoom(id, sequence) {
    const row = this.#rows.get(id);
    if (row === void 0) return false;
    const { sessionsMax, unacknowledgedMax, sessionBytesMax, allBytesMax } = this.#limits;
    if (sequence > row.acknowledgedThrough + unacknowledgedMax) return false;
    const bytesMax = this.#allBytes < allBytesMax ? sessionBytesMax : allBytesMax / sessionsMax;
    return row.bytes < bytesMax;
  }
  keep(id, sequence, reply2) {
    const row = this.#rows.get(id);
    if (row === void 0) return;
    this.#replyBytes.write(reply2);
    const { view, length } = this.#replyBytes;
    const hash2 = copied(this.#hasher.hashAnswered(id, sequence, view, length));
    const bytes3 = REPLY_CHARGE_BYTES + length;
    row.answered.set(sequence, { reply: reply2 === null ? null : detachedReply(reply2), bytes: bytes3, hash: hash2 });
    row.bytes += bytes3;
    this.#allBytes += bytes3;
    this.digest.add(hash2);
  }
  /** At most `max` of those whose deadline has come. */
  due(clusterTimeMs, max) {
    return this.#deadlines.due(clusterTimeMs, max);
  }
  #forget(row, sequence) {
    const kept = row.answered.get(sequence);
    if (kept === void 0) return;
    row.answered.delete(sequence);
    row.bytes -= kept.bytes;
    this.#allBytes -= kept.bytes;
    this.digest.subtract(kept.hash);
  }
  #rehash(row) {
    this.digest.subtract(row.hash);
    row.hash = copied(this.#hasher.hash(row.id, row.ttlMs, row.deadlineMs, row.acknowledgedThrough));
    this.digest.add(row.hash);
  }
};
function copied({ a, b, c, d }) {
  return { a, b, c, d };
}

// src/kv/event-ring.ts
var PAGE_BITS = 12;
var PAGE_EVENTS = 1 << PAGE_BITS;
var REVISION = ROW_BYTES;
var FAR = 72;
var DIGEST = 80;
var EVENT_BYTES = 96;
var GOLDEN_RATIO = 2654435761;
var FAR_BITS = 6;
var EventRing = class {
  /** Of all events ever. What lies between two of them is the difference of their digests. */
  total = new SetDigest();
  #pages = [];
  /** The number that the first place of the first page has. */
  #base = 1;
  #front = 1;
  #next = 1;
  /** The page dropped last: in the long run as many go as come, and new memory costs more than old. */
  #spare = null;
  #lastRevision = 0;
  #ordinal = 0;
  /** The first event that is still there; `next` when there is none. */
  get front() {
    return this.#front;
  }
  get next() {
    return this.#next;
  }
  /** A key appears. `previous`: the event by which it disappeared before, 0 when history knows none. */
  created(text3, revision, previous, hash2) {
    const { fields, texts } = this.#append(revision, previous, hash2);
    const slot2 = this.#slot(this.#next - 1);
    fields.setFloat64(slot2 * EVENT_BYTES + MOD_REVISION, 0, true);
    fields.setFloat64(slot2 * EVENT_BYTES + LAST_EVENT, previous, true);
    texts[slot2] = text3;
    return this.#next - 1;
  }
  /** The record in the row is about to be replaced or removed. */
  replaced(rows, row, revision, hash2) {
    const { fields, texts, buffers } = this.#append(revision, rows.lastEvent(row), hash2);
    const slot2 = this.#slot(this.#next - 1);
    buffers[slot2] = rows.copy(row, fields, slot2 * EVENT_BYTES);
    texts[slot2] = rows.text(row);
    return this.#next - 1;
  }
  #append(revision, previous, hash2) {
    const number = this.#next;
    if (number - this.#base === this.#pages.length * PAGE_EVENTS) this.#addPage();
    this.#next += 1;
    this.#ordinal = revision === this.#lastRevision ? this.#ordinal + 1 : 0;
    this.#lastRevision = revision;
    this.total.addWeighted(hash2, this.#ordinal);
    const page2 = this.#page(number);
    const at = this.#slot(number) * EVENT_BYTES;
    page2.fields.setFloat64(at + REVISION, revision, true);
    page2.fields.setFloat64(at + FAR, isFar(number) ? this.#lastFar(previous) : 0, true);
    writeLanes(page2.fields, at + DIGEST, this.total);
    return page2;
  }
  #addPage() {
    this.#pages.push(this.#spare ?? emptyPage());
    this.#spare = null;
  }
  #lastFar(previous) {
    let number = previous;
    while (number >= this.#front && !isFar(number)) number = this.previous(number);
    return number >= this.#front ? number : 0;
  }
  revision(number) {
    return this.#float(number, REVISION);
  }
  /** The event before of the same key; 0 or below the front: none that is known. */
  previous(number) {
    return this.#float(number, LAST_EVENT);
  }
  text(number) {
    return this.#page(number).texts[this.#slot(number)] ?? "";
  }
  /** What stood under the key before the event; null: nothing did. */
  before(number, key) {
    if (this.#float(number, MOD_REVISION) === 0) return null;
    const { fields, buffers } = this.#page(number);
    const slot2 = this.#slot(number);
    const value = readValue(fields, slot2 * EVENT_BYTES, buffers[slot2] ?? NO_BUFFER);
    return readRecord(fields, slot2 * EVENT_BYTES, key, value);
  }
  hashBefore(number) {
    return readLanes(this.#page(number).fields, this.#slot(number) * EVENT_BYTES + HASH);
  }
  /** Digest of all events through this one. */
  digest(number) {
    return readLanes(this.#page(number).fields, this.#slot(number) * EVENT_BYTES + DIGEST);
  }
  /** The first event after the revision; `next` when there is none. */
  firstAfter(revision) {
    let low = this.#front;
    let high = this.#next;
    while (low < high) {
      const middle = low + Math.floor((high - low) / 2);
      if (this.revision(middle) <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }
  /** The earliest event of a key that is not before `boundary`, found back from `last`, which is not before it. */
  earliest(last, boundary) {
    let number = last;
    for (; ; ) {
      const far = this.#float(number, FAR);
      const back2 = far >= boundary ? far : this.previous(number);
      if (back2 < boundary) return number;
      number = back2;
    }
  }
  dropFront() {
    invariant(this.#front < this.#next, "only what is there is dropped");
    this.#front += 1;
    if (this.#front - this.#base < PAGE_EVENTS) return;
    const page2 = this.#pages.shift();
    this.#base += PAGE_EVENTS;
    page2?.buffers.fill(NO_BUFFER);
    page2?.texts.fill("");
    this.#spare = page2 ?? null;
  }
  /** Takes back the last event. After the last one of a revision, `total` is set to what it was before that. */
  takeBack() {
    invariant(this.#front < this.#next, "only what is there is taken back");
    this.#next -= 1;
    this.#lastRevision = 0;
    this.#page(this.#next).buffers[this.#slot(this.#next)] = NO_BUFFER;
  }
  #float(number, field) {
    return this.#page(number).fields.getFloat64(this.#slot(number) * EVENT_BYTES + field, true);
  }
  #slot(number) {
    return number - this.#base & PAGE_EVENTS - 1;
  }
  #page(number) {
    const page2 = this.#pages[number - this.#base >>> PAGE_BITS];
    invariant(page2 !== void 0, "an event that history knows is on a page");
    return page2;
  }
};
function isFar(number) {
  return Math.imul(number, GOLDEN_RATIO) >>> 32 - FAR_BITS === 0;
}
function emptyPage() {
  return {
    fields: new DataView(new ArrayBuffer(PAGE_EVENTS * EVENT_BYTES)),
    texts: Array.from({ length: PAGE_EVENTS }).fill(""),
    buffers: Array.from({ length: PAGE_EVENTS }).fill(NO_BUFFER)
  };
}

// src/kv/key-directory.ts
var PARTS_BITS = 8;
var CHARACTERS_HASHED = 4;
var FNV_PRIME = 16777619;
var GOLDEN_RATIO2 = 2654435761;
var KeyDirectory = class {
  #parts = Array.from({ length: 1 << PARTS_BITS }, () => /* @__PURE__ */ new Map());
  find(text3) {
    return this.#parts[partOf(text3)]?.get(text3);
  }
  set(text3, row) {
    this.#parts[partOf(text3)]?.set(text3, row);
  }
  delete(text3) {
    this.#parts[partOf(text3)]?.delete(text3);
  }
};
function partOf(text3) {
  let hash2 = text3.length;
  for (let at = Math.max(0, text3.length - CHARACTERS_HASHED); at < text3.length; at++) {
    hash2 = Math.imul(hash2 ^ text3.charCodeAt(at), FNV_PRIME);
  }
  return Math.imul(hash2, GOLDEN_RATIO2) >>> 32 - PARTS_BITS;
}

// src/kv/history.ts
var NO_FLOOR = 0;
var History = class {
  events = new EventRing();
  /** A key that is gone, and the event that removed it. Touched only when a key appears or disappears. */
  #gone = new KeyDirectory();
  #goneOrder = new OrderedKeys();
  #totalAtFloor = new SetDigest();
  #floor = NO_FLOOR;
  /** The oldest revision that can be read. */
  get floor() {
    return this.#floor;
  }
  /** Of the events above the floor and their order. */
  get digest() {
    const digest2 = new SetDigest();
    digest2.add(this.events.total);
    digest2.subtract(this.#totalAtFloor);
    return digest2;
  }
  /** The event that removed the key; 0 when history knows of none. */
  goneAt(text3) {
    return this.#gone.find(text3) ?? 0;
  }
  /** At most `max` keys that are gone, in order or in reverse. */
  goneKeys(range, reverse, max) {
    return reverse ? this.#goneOrder.keysReversed(range, max) : this.#goneOrder.keys(range, max);
  }
  setGone(text3, event) {
    this.#gone.set(text3, event);
    this.#goneOrder.insert(text3);
  }
  /** The key is back. Gives the event that had removed it, or 0. */
  takeGone(text3) {
    if (this.#goneOrder.size === 0) return 0;
    const event = this.goneAt(text3);
    if (event !== 0) this.#forgetGone(text3);
    return event;
  }
  #forgetGone(text3) {
    this.#gone.delete(text3);
    this.#goneOrder.remove(text3);
  }
  /** `floor` is above the one before and not above the present. Costs a binary search, however much it ends. */
  compact(floor) {
    this.#floor = floor;
    const last = this.events.firstAfter(floor) - 1;
    if (last >= this.events.front) this.#totalAtFloor.set(this.events.digest(last));
  }
  /** Frees at most `eventsMax` events that nobody may read any more; gives how many it freed. */
  cleanUp(eventsMax) {
    const { events } = this;
    let freed = 0;
    while (freed < eventsMax && events.front < events.next && events.revision(events.front) < this.#floor) {
      const text3 = events.text(events.front);
      if (this.goneAt(text3) === events.front) this.#forgetGone(text3);
      events.dropFront();
      freed += 1;
    }
    return freed;
  }
  savepoint() {
    const { a, b, c, d } = this.events.total;
    return { next: this.events.next, total: { a, b, c, d } };
  }
};

// src/kv/record-rows.ts
var PAGE_BITS2 = 12;
var PAGE_ROWS = 1 << PAGE_BITS2;
var RecordRows = class {
  #pages = [];
  #released = [];
  #allocated = 0;
  /** A row for the record of the key with this text. */
  allocate(text3) {
    const row = this.#released.pop() ?? this.#allocated;
    if (row === this.#allocated) {
      if (row === this.#pages.length * PAGE_ROWS) this.#pages.push(emptyPage2());
      this.#allocated += 1;
    }
    this.#page(row).texts[slot(row)] = text3;
    return row;
  }
  release(row) {
    const { buffers, texts } = this.#page(row);
    buffers[slot(row)] = NO_BUFFER;
    texts[slot(row)] = "";
    this.#released.push(row);
  }
  write(row, record2, hash2, lastEvent) {
    const { fields, buffers } = this.#page(row);
    const at = slot(row) * ROW_BYTES;
    buffers[slot(row)] = writeRecord(fields, at, record2, hash2);
    fields.setFloat64(at + LAST_EVENT, lastEvent, true);
  }
  /** The key is not in the row as bytes: whoever found the row knows it. */
  read(row, key, value = this.value(row)) {
    return readRecord(this.#page(row).fields, slot(row) * ROW_BYTES, key, value);
  }
  /** Copies the row as it is to `target`; gives back the buffer of its value. */
  copy(row, target, targetAt) {
    const { fields, buffers } = this.#page(row);
    copyRow(fields, slot(row) * ROW_BYTES, target, targetAt);
    return buffers[slot(row)] ?? NO_BUFFER;
  }
  text(row) {
    return this.#page(row).texts[slot(row)] ?? "";
  }
  value(row) {
    const { fields, buffers } = this.#page(row);
    return readValue(fields, slot(row) * ROW_BYTES, buffers[slot(row)] ?? NO_BUFFER);
  }
  valueBytes(row) {
    return this.#page(row).fields.getUint32(slot(row) * ROW_BYTES + VALUE_LENGTH, true);
  }
  createRevision(row) {
    return this.#page(row).fields.getFloat64(slot(row) * ROW_BYTES + CREATE_REVISION, true);
  }
  version(row) {
    return this.#page(row).fields.getFloat64(slot(row) * ROW_BYTES + VERSION, true);
  }
  lease(row) {
    return this.#page(row).fields.getBigInt64(slot(row) * ROW_BYTES + LEASE, true);
  }
  lastEvent(row) {
    return this.#page(row).fields.getFloat64(slot(row) * ROW_BYTES + LAST_EVENT, true);
  }
  hash(row) {
    return readLanes(this.#page(row).fields, slot(row) * ROW_BYTES + HASH);
  }
  #page(row) {
    const page2 = this.#pages[row >>> PAGE_BITS2];
    invariant(page2 !== void 0, "a row is on a page");
    return page2;
  }
};
function slot(row) {
  return row & PAGE_ROWS - 1;
}
function emptyPage2() {
  return {
    fields: new DataView(new ArrayBuffer(PAGE_ROWS * ROW_BYTES)),
    buffers: Array.from({ length: PAGE_ROWS }).fill(NO_BUFFER),
    texts: Array.from({ length: PAGE_ROWS }).fill("")
  };
}

// src/kv/record-table.ts
var RecordTable = class {
  /** Of every record; kept while records change, so that reading it costs nothing. */
  digest = new SetDigest();
  #history;
  #leases;
  #rowOf = new KeyDirectory();
  #order = new OrderedKeys();
  #rows = new RecordRows();
  #hasher = new RecordHasher();
  constructor(history, leases) {
    this.#history = history;
    this.#leases = leases;
  }
  get size() {
    return this.#order.size;
  }
  find(text3) {
    return this.#rowOf.find(text3);
  }
  /** A key that an ordered walk has given has a row. */
  rowOf(text3) {
    const row = this.#rowOf.find(text3);
    invariant(row !== void 0, "every ordered key has a record");
    return row;
  }
  read(row, key) {
    return this.#rows.read(row, key);
  }
  readWithoutValue(row, key) {
    return this.#rows.read(row, key, new Uint8Array(0));
  }
  value(row) {
    return this.#rows.value(row);
  }
  lease(row) {
    return this.#rows.lease(row);
  }
  valueBytes(row) {
    return this.#rows.valueBytes(row);
  }
  count(range) {
    return this.#order.count(range);
  }
  /** At most `max` keys, from the start of the range or, reversed, from its end. */
  keys(range, reverse, max) {
    return reverse ? this.#order.keysReversed(range, max) : this.#order.keys(range, max);
  }
  /** The records of a range, all of them, in key order. */
  readRange(range) {
    const texts = this.#order.keys(range, Number.POSITIVE_INFINITY);
    return texts.map((text3) => this.read(this.rowOf(text3), textBytes(text3)));
  }
  /** The last event of the key that history may know; 0 for none. */
  lastEvent(text3) {
    const row = this.#rowOf.find(text3);
    return row === void 0 ? this.#history.goneAt(text3) : this.#rows.lastEvent(row);
  }
  /** What stood under the key right before the event `boundary`, of whichever key that is. */
  readBefore(boundary, text3, key) {
    const row = this.#rowOf.find(text3);
    const last = row === void 0 ? this.#history.goneAt(text3) : this.#rows.lastEvent(row);
    const { events } = this.#history;
    if (last >= boundary) return events.before(events.earliest(last, boundary), key);
    return row === void 0 ? null : this.#rows.read(row, key);
  }
  /** The first put of a life creates; each further one is a new version. `row` is what `find` gave for the key. */
  put(text3, row, key, value, revision, lease = NO_LEASE) {
    const modRevision = revision;
    if (row === void 0) {
      this.#insert(text3, { key, value, createRevision: revision, modRevision, version: 1, lease });
      return;
    }
    const createRevision = this.#rows.createRevision(row);
    const version = this.#rows.version(row) + 1;
    const record2 = { key, value, createRevision, modRevision, version, lease };
    const hash2 = this.#hasher.hash(record2);
    this.digest.subtract(this.#rows.hash(row));
    this.digest.add(hash2);
    const event = this.#history.events.replaced(this.#rows, row, revision, hash2);
    this.#moveLease(text3, this.#rows.lease(row), lease);
    this.#rows.write(row, record2, hash2, event);
  }
  #moveLease(text3, from, to) {
    if (from === to) return;
    this.#leases.detach(from, text3);
    this.#leases.attach(to, text3);
  }
  #insert(text3, record2) {
    const hash2 = this.#hasher.hash(record2);
    this.digest.add(hash2);
    const previous = this.#history.takeGone(text3);
    const event = this.#history.events.created(text3, record2.modRevision, previous, hash2);
    this.#leases.attach(record2.lease, text3);
    this.#rows.write(this.#allocate(text3), record2, hash2, event);
  }
  #allocate(text3) {
    const row = this.#rows.allocate(text3);
    this.#rowOf.set(text3, row);
    this.#order.insert(text3);
    return row;
  }
  remove(text3, row, revision) {
    this.#order.remove(text3);
    this.#removed(text3, row, revision);
  }
  /** Removes every record of the range, in key order, and says how many there were. */
  removeRange(range, revision) {
    const removed = this.#order.removeRange(range);
    for (const text3 of removed) this.#removed(text3, this.rowOf(text3), revision);
    return removed.length;
  }
  #removed(text3, row, revision) {
    const hash2 = this.#hasher.hashRemoval(this.#rows.hash(row), revision);
    const event = this.#history.events.replaced(this.#rows, row, revision, hash2);
    this.#history.setGone(text3, event);
    this.#forget(text3, row);
  }
  #forget(text3, row) {
    this.#rowOf.delete(text3);
    this.#leases.detach(this.#rows.lease(row), text3);
    this.digest.subtract(this.#rows.hash(row));
    this.#rows.release(row);
  }
  /** Undoes, last first, every event since the savepoint. */
  takeBack({ next, total }) {
    const { events } = this.#history;
    while (events.next > next) {
      this.#undo(events.next - 1);
      events.takeBack();
    }
    events.total.set(total);
  }
  #undo(event) {
    const { events } = this.#history;
    const text3 = events.text(event);
    const previous = events.previous(event);
    const before = events.before(event, textBytes(text3));
    const row = this.#rowOf.find(text3);
    if (before === null) {
      this.#order.remove(text3);
      this.#forget(text3, this.rowOf(text3));
      if (previous !== 0) this.#history.setGone(text3, previous);
      return;
    }
    if (row === void 0) this.#history.takeGone(text3);
    else this.digest.subtract(this.#rows.hash(row));
    this.#moveLease(text3, row === void 0 ? NO_LEASE : this.#rows.lease(row), before.lease);
    const hash2 = events.hashBefore(event);
    this.digest.add(hash2);
    this.#rows.write(row ?? this.#allocate(text3), before, hash2, previous);
  }
};

// src/kv/revision-times.ts
var STEP_MS = 1e4;
var MARKS_MAX = 1024;
var RevisionTimes = class {
  #marks = [];
  #stepMs = STEP_MS;
  #nextMs = 0;
  /** The store is at `revision` while cluster time comes to `clusterTimeMs`. */
  passed(clusterTimeMs, revision) {
    if (clusterTimeMs < this.#nextMs) return;
    this.#marks.push({ clusterTimeMs, revision });
    if (this.#marks.length > MARKS_MAX) {
      this.#marks = this.#marks.filter((_, place) => place % 2 === 0);
      this.#stepMs *= 2;
    }
    this.#nextMs = clusterTimeMs + this.#stepMs;
  }
  /** A revision that the store had reached by then, the latest that is known; 0 when none is. */
  revisionAt(clusterTimeMs) {
    return this.#marks.findLast((mark) => mark.clusterTimeMs <= clusterTimeMs)?.revision ?? 0;
  }
  forgetBelow(floor) {
    this.#marks = this.#marks.filter(({ revision }) => revision >= floor);
  }
};

// src/kv/state.ts
var EMPTY_STORE = 1;
var ORDINAL_BITS = 20n;
var State = class {
  tables;
  /** Advice for the leader, made from what is applied; not replicated state. */
  times = new RevisionTimes();
  #appliedIndex = 0;
  #clusterTimeMs = 0;
  #revision = EMPTY_STORE;
  #changed = false;
  #term = 0;
  #ordinal = 0;
  constructor(sessionLimits = SESSION_LIMITS) {
    this.tables = emptyTables(sessionLimits);
  }
  get appliedIndex() {
    return this.#appliedIndex;
  }
  get clusterTimeMs() {
    return this.#clusterTimeMs;
  }
  /** Of the entry that is being applied. */
  get term() {
    return this.#term;
  }
  /** Of the last change; an operation that changes nothing answers with it. */
  get revision() {
    return this.#revision;
  }
  beginEntry(index, clusterTimeMs, term) {
    invariant(
      index === this.#appliedIndex + 1,
      `the log is applied in order, without a gap: ${index} after ${this.#appliedIndex}`
    );
    this.#appliedIndex = index;
    this.#term = term;
    this.#clusterTimeMs = Math.max(this.#clusterTimeMs, clusterTimeMs);
    this.times.passed(this.#clusterTimeMs, this.#revision);
  }
  /** `ordinal`: its place in the entry. */
  beginOperation(ordinal) {
    this.#ordinal = ordinal;
    this.#changed = false;
  }
  /** What the operation changes from here on is another revision. */
  beginChange() {
    this.#changed = false;
  }
  /** The operation's place in the log as an id that is not taken. Callers may choose ids, so the place may be. */
  madeId(isTaken) {
    let id = (BigInt(this.#appliedIndex) << ORDINAL_BITS) + BigInt(this.#ordinal);
    while (isTaken(id)) id += 1n;
    return id;
  }
  /** To be called by whatever changes a record: one operation makes one revision, however much it changes. */
  revisionOfChange() {
    if (this.#changed) return this.#revision;
    this.#changed = true;
    this.#revision += 1;
    invariant(Number.isSafeInteger(this.#revision), "revisions stay below 2^53");
    return this.#revision;
  }
  /** What reads are made of. */
  view() {
    const { records, history } = this.tables;
    return { records, history, revision: this.#revision };
  }
  /** Of the operation that has begun and has changed nothing yet. */
  savepoint() {
    invariant(!this.#changed, "a savepoint stands before the first change");
    return this.tables.history.savepoint();
  }
  takeBack(savepoint) {
    this.tables.records.takeBack(savepoint);
    if (this.#changed) this.#revision -= 1;
    this.#changed = false;
  }
  /** The place in the log is not part of it: entries that change nothing leave it as it is. */
  digest() {
    const all = new SetDigest();
    const tables = Object.values(this.tables);
    for (const table of tables) all.add(table.digest);
    all.add(hashScalars(this.#revision, this.#clusterTimeMs, this.tables.history.floor));
    return all.print();
  }
};
function emptyTables(sessionLimits) {
  const history = new History();
  const leases = new LeaseTable();
  const records = new RecordTable(history, leases);
  return { records, history, leases, sessions: new SessionTable(sessionLimits) };
}

// src/kv/machine.ts
var NO_TERM = 0;
function createStateMachine(sessionLimits = SESSION_LIMITS) {
  return new Machine(sessionLimits);
}
var Machine = class {
  #state;
  constructor(sessionLimits) {
    this.#state = new State(sessionLimits);
  }
  get appliedIndex() {
    return this.#state.appliedIndex;
  }
  get revision() {
    return this.#state.revision;
  }
  get clusterTimeMs() {
    return this.#state.clusterTimeMs;
  }
  get keyCount() {
    return this.#state.tables.records.size;
  }
  get sessionCount() {
    return this.#state.tables.sessions.size;
  }
  apply(index, clusterTimeMs, requests, term = NO_TERM) {
    this.#state.beginEntry(index, clusterTimeMs, term);
    return requests.map((request, ordinal) => performRequest(this.#state, request, ordinal));
  }
  askLeases(query2, limits2) {
    return answerLeaseQuery(this.#state, query2, limits2);
  }
  get leaseCount() {
    return this.#state.tables.leases.size;
  }
  leasesDue(clusterTimeMs, max) {
    return this.#state.tables.leases.due(clusterTimeMs, max);
  }
  sessionsDue(clusterTimeMs, max) {
    return this.#state.tables.sessions.due(clusterTimeMs, max);
  }
  query(query2, limits2) {
    const view = this.#state.view();
    return query2.type === "txn" ? answerTxn(view, query2) : answerRead(view, query2, limits2);
  }
  get history() {
    const { tables, revision, clusterTimeMs, times } = this.#state;
    const { floor, events } = tables.history;
    return {
      floor,
      revision,
      clusterTimeMs,
      eventCount: events.next - events.front,
      revisionAt: (timeMs) => times.revisionAt(timeMs)
    };
  }
  cleanUp(eventsMax) {
    return this.#state.tables.history.cleanUp(eventsMax);
  }
  digest() {
    return this.#state.digest();
  }
};

// src/raft/assert.ts
var InvariantError2 = class extends Error {
  name = "InvariantError";
};
function invariant2(holds3, law) {
  if (!holds3) throw new InvariantError2(law);
}
function unreachable2(value) {
  throw new InvariantError2(`unreachable: ${String(value)}`);
}

// src/raft/apply.ts
function takeApply(core, fetches) {
  const ready = handOut(core);
  if (core.handedOut === readyThrough(core)) return ready;
  orderApply(core, fetches);
  return ready;
}
function readyThrough(core) {
  return Math.min(core.committed, core.writes.durable.index);
}
function handOut(core) {
  const fetched = core.fetches.applyEntries;
  core.fetches.applyEntries = [];
  core.handedOut += fetched.length;
  const from = core.handedOut + 1;
  const through = readyThrough(core);
  if (from < core.log.tailFirst || from > through) return fetched;
  core.handedOut = through;
  const inMemory = core.log.slice(from, through, Infinity);
  return fetched.length === 0 ? inMemory : [...fetched, ...inMemory];
}
function orderApply(core, fetches) {
  const from = core.handedOut + 1;
  if (from >= core.log.tailFirst || core.fetches.applyFetch !== null || core.applied < core.handedOut) return;
  core.fetches.lastId += 1;
  core.fetches.applyFetch = core.fetches.lastId;
  fetches.push({
    fetch: core.fetches.lastId,
    from,
    to: Math.min(readyThrough(core), core.log.tailFirst - 1),
    bytesMax: core.options.appendBytesMax
  });
}
function onApplyFetched(core, entries2) {
  core.fetches.applyFetch = null;
  core.fetches.applyEntries = entries2;
  const last = entries2[entries2.length - 1];
  if (last === void 0) return;
  invariant2(entries2[0]?.index === core.handedOut + 1, "storage answers from where it was asked");
  invariant2(last.index === core.handedOut + entries2.length, "storage answers without a gap");
  invariant2(last.index <= readyThrough(core), "storage answers with what was asked");
}

// src/raft/entry-tail.ts
var ENTRY_OVERHEAD_BYTES = 32;
function entryBytes(entry) {
  return ENTRY_OVERHEAD_BYTES + (entry.kind === "command" ? entry.data.length : 0);
}
var HEAD_SLACK = 1024;
var EntryTail = class {
  #entries = [];
  /** Slots of the array before the first live entry. */
  #head = 0;
  #first;
  #bytes = 0;
  constructor(first) {
    this.#first = first;
  }
  /** The first index in memory; one beyond the log's last when nothing is. */
  get first() {
    return this.#first;
  }
  get end() {
    return this.#first + this.#entries.length - this.#head;
  }
  get bytes() {
    return this.#bytes;
  }
  get(index) {
    const entry = this.#entries[this.#head + index - this.#first];
    invariant2(entry !== void 0 && index >= this.#first, "the entry is in memory");
    return entry;
  }
  push(entry) {
    invariant2(entry.index === this.end, "entries in memory have no gap");
    this.#entries.push(entry);
    this.#bytes += entryBytes(entry);
  }
  /** Entries [from, to], ending after the one that would exceed `bytesMax`; at least one. */
  slice(from, to, bytesMax) {
    invariant2(from >= this.#first && from <= to && to < this.end, "the range is in memory");
    const slice = [];
    let bytes3 = 0;
    for (let index = from; index <= to; index += 1) {
      const entry = this.get(index);
      bytes3 += entryBytes(entry);
      if (slice.length > 0 && bytes3 > bytesMax) break;
      slice.push(entry);
    }
    return slice;
  }
  truncateFrom(index) {
    while (this.end > Math.max(index, this.#first)) {
      const entry = this.#entries.pop();
      invariant2(entry !== void 0, "an entry is there to pop");
      this.#bytes -= entryBytes(entry);
    }
    if (index < this.#first) this.#first = index;
  }
  /** Lets entries up to `through` go, oldest first, until at most `bytesMax` remain. */
  evict(through, bytesMax) {
    while (this.#bytes > bytesMax && this.#first <= through && this.#first < this.end) {
      this.#bytes -= entryBytes(this.get(this.#first));
      this.#head += 1;
      this.#first += 1;
    }
    if (this.#head < HEAD_SLACK || this.#head * 2 < this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#head);
    this.#head = 0;
  }
};

// src/raft/timing.ts
var GRAY_ELECTION_TIMEOUTS = 3;
var HINT_HEARTBEATS = 2;
function restartElectionTimer(core, now) {
  const { electionTimeoutMinMs, electionTimeoutMaxMs } = core.options;
  core.electionDeadline = now + electionTimeoutMinMs + draw(core, electionTimeoutMaxMs - electionTimeoutMinMs);
}
function draw(core, span) {
  return Math.floor(core.options.random() / 2 ** 32 * span);
}
function scheduleHint(core, heartbeats, now) {
  const { heartbeatMs } = core.options;
  core.hintDeadline = now + heartbeats * heartbeatMs + draw(core, heartbeatMs);
}
function nextWake(core, now) {
  const { electionTimeoutMaxMs, heartbeatMs } = core.options;
  let at = Math.min(now + electionTimeoutMaxMs, core.handover?.deadline ?? Infinity);
  const { role } = core;
  if (role.kind !== "leader") return Math.min(at, core.electionDeadline, core.hintDeadline ?? Infinity);
  for (const peer of role.peers.values()) at = Math.min(at, peer.sentAt + heartbeatMs);
  if (role.peers.size > 0) at = Math.min(at, role.quorumDeadline);
  return core.handover === null ? Math.min(at, stuckAt(core, role)) : at;
}
function stuckAt(core, leader) {
  const write3 = core.writes.oldestIssuedAt ?? Infinity;
  const entry = Math.max(leader.backlog.oldestSince ?? Infinity, leader.progressAt);
  return Math.min(write3, entry) + GRAY_ELECTION_TIMEOUTS * core.options.electionTimeoutMaxMs;
}

// src/raft/backlog.ts
var Backlog = class {
  #batches = [];
  #bytes = 0;
  get bytes() {
    return this.#bytes;
  }
  /** When the oldest uncommitted entry was appended. */
  get oldestSince() {
    return this.#batches[0]?.since ?? null;
  }
  /** An empty backlog admits anything, so that one large proposal can always pass (edge case C21). */
  admits(bytes3, bytesMax) {
    return this.#bytes === 0 || this.#bytes + bytes3 <= bytesMax;
  }
  /** `bytes` of payload; a no-op weighs nothing and is never refused. */
  add(last, bytes3, now) {
    this.#bytes += bytes3;
    const newest = this.#batches[this.#batches.length - 1];
    if (newest !== void 0 && newest.since === now) {
      newest.last = last;
      newest.bytes += bytes3;
      return;
    }
    this.#batches.push({ since: now, last, bytes: bytes3 });
  }
  commit(index) {
    let count2 = 0;
    for (const batch2 of this.#batches) {
      if (batch2.last > index) break;
      this.#bytes -= batch2.bytes;
      count2 += 1;
    }
    if (count2 > 0) this.#batches.splice(0, count2);
  }
};

// src/raft/window.ts
var Window = class {
  #messagesMax;
  #bytesMax;
  #flights = [];
  #bytes = 0;
  constructor(messagesMax, bytesMax) {
    this.#messagesMax = messagesMax;
    this.#bytesMax = bytesMax;
  }
  get messages() {
    return this.#flights.length;
  }
  get bytes() {
    return this.#bytes;
  }
  /** For fingerprint.ts. */
  inside() {
    return this.#flights;
  }
  get full() {
    return this.#flights.length >= this.#messagesMax || this.#bytes >= this.#bytesMax && this.messages > 0;
  }
  add(lastIndex, bytes3) {
    this.#flights.push({ lastIndex, bytes: bytes3 });
    this.#bytes += bytes3;
  }
  /** The peer has everything up to `match`. */
  release(match) {
    let count2 = 0;
    for (const flight of this.#flights) {
      if (flight.lastIndex > match) break;
      this.#bytes -= flight.bytes;
      count2 += 1;
    }
    if (count2 > 0) this.#flights.splice(0, count2);
  }
};

// src/raft/progress.ts
var Progress = class {
  id;
  #limits;
  #state = "probe";
  #match = 0;
  #next;
  #window;
  /** In probe: the one append with entries (or without, when there are none) has been sent. */
  #probed = false;
  /** In probe: the last index that this append carried. */
  #probedThrough = 0;
  /** When the newest append that it answered was sent, on our clock: proof of contact as of then. */
  contactAt;
  /** When it was last sent an append. */
  sentAt = -Infinity;
  /** The newest read barrier that it confirmed, and that it was sent. */
  readSeq = 0;
  readSeqSent = 0;
  /** The newest commit index that it was sent; 0 when the peer may have missed it. */
  commitSent = 0;
  /** The log range ordered from storage for it, and the answer that waits for drain. */
  fetch = null;
  fetched = null;
  /** A new peer counts as heard, so that it gets an election timeout to answer (edge case B11). */
  constructor(id, next, limits2, now) {
    this.id = id;
    this.#next = next;
    this.#limits = limits2;
    this.#window = new Window(limits2.windowMessages, limits2.windowBytes);
    this.contactAt = now;
  }
  get state() {
    return this.#state;
  }
  /** Durable there, and equal to our log. */
  get match() {
    return this.#match;
  }
  /** The next index to send. */
  get next() {
    return this.#next;
  }
  get inFlight() {
    return this.#window.messages;
  }
  /** For fingerprint.ts: all but times and storage orders. */
  inside() {
    const { id, match, next, state, readSeq, readSeqSent, commitSent } = this;
    const probe = [this.#probed, this.#probedThrough];
    return [id, match, next, state, readSeq, readSeqSent, commitSent, probe, this.#window.inside()];
  }
  get canSendEntries() {
    return this.#state === "probe" ? !this.#probed : !this.#window.full;
  }
  /** Entries `next` to `last` are on their way. */
  sent(last, bytes3) {
    if (last >= this.#next) this.#window.add(last, bytes3);
    if (this.#state === "replicate") {
      this.#next = last + 1;
      return;
    }
    this.#probed = true;
    this.#probedThrough = Math.max(this.#probedThrough, last);
  }
  accepted(match) {
    this.#match = Math.max(this.#match, match);
    this.#window.release(this.#match);
    if (this.#state === "probe" && match >= this.#next - 1) {
      this.#state = "replicate";
      this.#next = Math.max(this.#next, this.#probedThrough + 1);
    }
    this.#next = Math.max(this.#next, this.#match + 1);
  }
  /**
   * A rejection is stale when it denies what is matched, or asks about what was sent before the last probe began; in
   * probe, when it is not about the probe itself (edge case C20).
   */
  isStaleRejection(prevIndex) {
    if (this.#state === "probe") return prevIndex !== this.#next - 1;
    return prevIndex <= this.#match || prevIndex >= this.#next;
  }
  /** Look for the meeting point again, from `next`; never below what is known to match. */
  probe(next) {
    this.#state = "probe";
    this.#next = Math.max(next, this.#match + 1);
    this.#window = new Window(this.#limits.windowMessages, this.#limits.windowBytes);
    this.#probed = false;
    this.#probedThrough = 0;
    this.commitSent = 0;
    this.fetch = null;
    this.fetched = null;
  }
};

// src/raft/quorum.ts
function quorumMin(membership, valueOf) {
  return Math.min(majorityMin(membership.voters, valueOf), majorityMin(membership.outgoing, valueOf));
}
function tally(membership, votes) {
  const voters = majorityVerdict(membership.voters, votes);
  const outgoing = majorityVerdict(membership.outgoing, votes);
  if (voters === "lost" || outgoing === "lost") return "lost";
  return voters === "won" && outgoing === "won" ? "won" : "pending";
}
function isVoter2(membership, id) {
  return membership.voters.includes(id) || membership.outgoing.includes(id);
}
function votersOf(membership) {
  if (membership.outgoing.length === 0) return membership.voters;
  return union2(membership.voters, membership.outgoing);
}
function membersOf(membership) {
  return union2(votersOf(membership), membership.learners);
}
function union2(left, right) {
  return [.../* @__PURE__ */ new Set([...left, ...right])].toSorted();
}
function majority(size) {
  return Math.floor(size / 2) + 1;
}
function majorityMin(ids, valueOf) {
  if (ids.length === 0) return Infinity;
  const values = ids.map(valueOf).toSorted((a, b) => b - a);
  const reached = values[majority(ids.length) - 1];
  invariant2(reached !== void 0, "a majority is never larger than the whole");
  return reached;
}
function majorityVerdict(ids, votes) {
  if (ids.length === 0) return "won";
  let granted = 0;
  let refused2 = 0;
  for (const id of ids) {
    const vote = votes.get(id);
    if (vote === true) granted += 1;
    if (vote === false) refused2 += 1;
  }
  if (granted >= majority(ids.length)) return "won";
  return ids.length - refused2 < majority(ids.length) ? "lost" : "pending";
}

// src/raft/reads.ts
var ReadBarriers = class {
  #barriers = [];
  #latest = 0;
  /** The newest barrier has been sent, so a later read needs a new one. */
  #sealed = true;
  /** The newest barrier; rides on every append. */
  get latest() {
    return this.#latest;
  }
  get pending() {
    return this.#barriers.length;
  }
  /** `index`: what was committed when the read arrived, and at least this term's no-op (edge case D29). */
  add(ref, index) {
    const newest = this.#barriers[this.#barriers.length - 1];
    if (newest !== void 0 && !this.#sealed) {
      newest.refs.push(ref);
      newest.index = Math.max(newest.index, index);
      return;
    }
    this.#latest += 1;
    this.#sealed = false;
    this.#barriers.push({ seq: this.#latest, refs: [ref], index });
  }
  /** From here on acknowledgements may come, and they say nothing about reads that begin later. */
  seal() {
    this.#sealed = true;
  }
  /** Takes every read that a quorum has confirmed and whose index is committed, in order. */
  take(confirmed, committed) {
    const readable = [];
    let count2 = 0;
    for (const barrier of this.#barriers) {
      if (barrier.seq > confirmed || barrier.index > committed) break;
      for (const ref of barrier.refs) readable.push({ ref, index: barrier.index });
      count2 += 1;
    }
    if (count2 > 0) this.#barriers.splice(0, count2);
    return readable;
  }
  /** Leadership is over: nobody will confirm these. */
  abandon() {
    return this.#barriers.splice(0).flatMap((barrier) => barrier.refs);
  }
};

// src/raft/transitions.ts
function newFollower(now) {
  return {
    kind: "follower",
    accepted: 0,
    acked: 0,
    ackedAt: now,
    ackOwed: false,
    readSeq: 0,
    sentAt: -Infinity,
    voteOwedTo: null
  };
}
function becomeFollower(core, term, leader, now) {
  invariant2(term >= core.term, "terms never fall");
  if (term > core.term) core.votedFor = null;
  core.term = term;
  core.leader = leader;
  core.hintDeadline = null;
  if (core.role.kind === "leader") leaveLeadership(core, core.role, now);
  const follower = newFollower(now);
  core.role = follower;
  return follower;
}
function becomePreCandidate(core) {
  invariant2(core.role.kind !== "leader", "a leader does not campaign");
  core.leader = null;
  core.hintDeadline = null;
  const role = {
    kind: "preCandidate",
    votes: /* @__PURE__ */ new Map([[core.id, true]]),
    asked: false,
    ahead: /* @__PURE__ */ new Map(),
    catchUp: null
  };
  core.role = role;
  return role;
}
function becomeCandidate(core, reason, now) {
  invariant2(core.role.kind !== "leader", "a leader does not campaign");
  core.term += 1;
  core.votedFor = core.id;
  core.leader = null;
  core.hintDeadline = null;
  restartElectionTimer(core, now);
  const role = { kind: "candidate", reason, votes: /* @__PURE__ */ new Map(), asked: false };
  core.role = role;
  return role;
}
function becomeLeader(core, now) {
  const { durable } = core.writes;
  invariant2(core.role.kind === "candidate", "only a candidate becomes leader");
  invariant2(durable.term === core.term && durable.votedFor === core.id, "a leader has its own vote on disk");
  const noopIndex = core.log.lastIndex + 1;
  core.log.append({ kind: "noop", index: noopIndex, term: core.term });
  const role = {
    kind: "leader",
    noopIndex,
    peers: peersFrom(core, noopIndex, now),
    reads: new ReadBarriers(),
    backlog: new Backlog(),
    quorumDeadline: now + core.options.electionTimeoutMaxMs,
    quorumMatch: 0,
    progressAt: now,
    abdicating: false
  };
  role.backlog.add(noopIndex, 0, now);
  core.roundsAlone = 0;
  core.leader = core.id;
  core.role = role;
  return role;
}
function peersFrom(core, next, now) {
  const peers = /* @__PURE__ */ new Map();
  for (const id of membersOf(core.log.membership)) {
    if (id !== core.id) peers.set(id, new Progress(id, next, core.options, now));
  }
  return peers;
}
function leaveLeadership(core, leader, now) {
  for (const ref of leader.reads.abandon())
    core.settled.push({ type: "unreadable", ref, leader: core.leader });
  restartElectionTimer(core, now);
}

// src/raft/follower.ts
var SILENT_HEARTBEATS_MAX = 2;
function onAppend(core, message, now) {
  if (core.leader !== null && core.leader !== message.from) {
    core.malformed += 1;
    return;
  }
  const follower = hearLeader(core, message.from, now);
  if (!hasPrevious(core, message)) return reject(core, message);
  const known = isKnownAlready(core, follower, message, now);
  storeEntries(core, message.entries);
  const matched = message.prev.index + message.entries.length;
  follower.accepted = Math.max(follower.accepted, matched, core.committed);
  core.committed = Math.max(core.committed, Math.min(message.commit, follower.accepted));
  if (!known && !mayWaitForDisk(core, follower, message, now)) follower.ackOwed = true;
  follower.readSeq = Math.max(follower.readSeq, message.readSeq);
  follower.sentAt = Math.max(follower.sentAt, message.sentAt);
}
function isKnownAlready(core, follower, message, now) {
  return follower.acked > 0 && message.entries.length === 0 && message.commit > core.committed && message.readSeq <= follower.readSeq && now - follower.ackedAt < core.options.heartbeatMs / 2;
}
function hearLeader(core, leader, now) {
  const follower = core.role.kind === "follower" ? core.role : becomeFollower(core, core.term, leader, now);
  core.leader = leader;
  core.leaderHeardAt = now;
  core.roundsAlone = 0;
  restartElectionTimer(core, now);
  if (core.linksDown.has(leader)) scheduleHint(core, HINT_HEARTBEATS, now);
  else core.hintDeadline = null;
  return follower;
}
function hasPrevious(core, message) {
  const { prev } = message;
  return prev.index <= core.committed || core.log.termAt(prev.index) === prev.term;
}
function storeEntries(core, entries2) {
  for (const entry of entries2) {
    if (entry.index <= core.committed) continue;
    const term = core.log.termAt(entry.index);
    if (term === entry.term) continue;
    if (term !== null) truncateFrom(core, entry.index);
    core.log.append(entry);
  }
}
function truncateFrom(core, index) {
  core.log.truncateFrom(index);
  core.writes.truncateFrom(index);
}
function reject(core, message) {
  core.outbox.push({
    type: "appendReply",
    from: core.id,
    to: message.from,
    term: core.term,
    result: {
      accepted: false,
      prevIndex: message.prev.index,
      hint: core.log.lastWithTermAtMost(message.prev.index, message.prev.term)
    },
    readSeq: message.readSeq,
    sentAt: message.sentAt
  });
}
function mayWaitForDisk(core, follower, message, now) {
  const barrier = message.readSeq > follower.readSeq;
  const overdue = now - follower.ackedAt >= SILENT_HEARTBEATS_MAX * core.options.heartbeatMs;
  const matched = message.prev.index + message.entries.length;
  return message.entries.length > 0 && matched > core.writes.durable.index && !barrier && !overdue;
}
function acknowledgeAppends(core, now) {
  const { role, leader, writes } = core;
  if (role.kind !== "follower" || leader === null || writes.durable.term !== core.term) return;
  const match = Math.min(writes.durable.index, role.accepted);
  if (!role.ackOwed && match <= role.acked) return;
  role.acked = match;
  role.ackedAt = now;
  role.ackOwed = false;
  core.outbox.push({
    type: "appendReply",
    from: core.id,
    to: leader,
    term: core.term,
    result: { accepted: true, match },
    readSeq: role.readSeq,
    sentAt: role.sentAt
  });
}

// src/raft/catch-up.ts
var ROUNDS_ALONE_MIN = 2;
function catchUpIfAlone(core, role) {
  if (role.catchUp !== null) return true;
  if (core.roundsAlone < ROUNDS_ALONE_MIN || !wouldWin(core, role)) return false;
  const [from, goal] = furthest(role.ahead) ?? [];
  if (from === void 0 || goal === void 0) return false;
  ask(core, { from, goal, asked: core.log.last, pulled: [] });
  return true;
}
function wouldWin(core, role) {
  const votes = new Map(role.votes);
  for (const id of role.ahead.keys()) votes.set(id, true);
  return tally(core.log.membership, votes) === "won";
}
function furthest(ahead) {
  let best = null;
  for (const each of ahead) if (best === null || isBeyond(each[1], best[1])) best = each;
  return best;
}
function isBeyond(left, right) {
  return left.term === right.term ? left.index > right.index : left.term > right.term;
}
function onPullReply(core, message, now) {
  const catchUp = core.role.kind === "preCandidate" ? core.role.catchUp : null;
  if (catchUp === null || message.from !== catchUp.from || !isSame(message.asked, catchUp.asked)) return;
  const { prev, entries: entries2 } = message;
  if (!isSame(prev, catchUp.asked) && core.log.termAt(prev.index) !== prev.term) {
    return ask(core, { ...catchUp, asked: core.log.lastWithTermAtMost(prev.index, prev.term), pulled: [] });
  }
  const last = entries2[entries2.length - 1];
  if (last === void 0) return giveUp(core);
  restartElectionTimer(core, now);
  const pulled = isSame(prev, catchUp.asked) ? [...catchUp.pulled, ...entries2] : entries2;
  if (core.log.isAtLeast(last)) return keepForLater(core, { ...catchUp, asked: last, pulled });
  adopt(core, pulled, now);
  if (core.log.isAtLeast(catchUp.goal)) becomePreCandidate(core);
  else ask(core, { ...catchUp, asked: core.log.last, pulled: [] });
}
function keepForLater(core, catchUp) {
  let bytes3 = 0;
  for (const entry of catchUp.pulled) bytes3 += entryBytes(entry);
  if (bytes3 > core.options.uncommittedBytesMax) return giveUp(core);
  ask(core, catchUp);
}
function adopt(core, entries2, now) {
  const cuts = entries2.some(({ index, term }) => (core.log.termAt(index) ?? term) !== term);
  if (cuts) {
    becomeFollower(core, core.term + 1, null, now);
    becomePreCandidate(core).asked = true;
  }
  storeEntries(core, entries2);
}
function ask(core, catchUp) {
  if (core.role.kind !== "preCandidate") return;
  core.role.catchUp = catchUp;
  core.outbox.push({ type: "pull", from: core.id, to: catchUp.from, term: core.term, after: catchUp.asked });
}
function giveUp(core) {
  if (core.role.kind === "preCandidate") core.role.catchUp = null;
}
function isSame(left, right) {
  return left.index === right.index && left.term === right.term;
}

// src/raft/election.ts
function onElectionTimer(core, now) {
  const hinted = core.hintDeadline !== null && now >= core.hintDeadline;
  if (!hinted && now < core.electionDeadline) return;
  core.hintDeadline = null;
  restartElectionTimer(core, now);
  if (!mayCampaign(core, now)) return;
  core.roundsAlone += 1;
  becomePreCandidate(core);
  countPreVotes(core, now);
}
function mayCampaign(core, now) {
  const voter = isVoter2(core.log.membership, core.id) || isVoter2(core.log.membershipAt(core.committed), core.id);
  const oldest = core.writes.oldestIssuedAt;
  return voter && (oldest === null || now - oldest < core.options.electionTimeoutMaxMs);
}
function leaderIsFresh(core, asker, now) {
  if (core.role.kind === "leader") return true;
  if (core.leader === null || core.leader === asker || core.linksDown.has(core.leader)) return false;
  return now - core.leaderHeardAt < core.options.electionTimeoutMinMs;
}
function onPreVote(core, message, now) {
  const free = message.term > core.term && !leaderIsFresh(core, message.from, now);
  const granted = free && core.log.isUpToDate(message.last);
  if (granted && core.hintDeadline !== null) scheduleHint(core, HINT_HEARTBEATS, now);
  core.outbox.push({
    type: "preVoteReply",
    from: core.id,
    to: message.from,
    term: granted ? message.term : core.term,
    granted,
    ahead: free && !granted ? core.log.last : null
  });
}
function onPreVoteReply(core, message, now) {
  if (core.role.kind !== "preCandidate") return;
  if (message.granted !== (message.term === core.term + 1)) return;
  if (message.ahead !== null && core.log.isAtLeast(message.ahead)) return;
  core.role.votes.set(message.from, message.granted);
  if (message.ahead !== null) core.role.ahead.set(message.from, message.ahead);
  countPreVotes(core, now);
}
function onVote(core, message, now) {
  const { role } = core;
  const free = core.votedFor === null ? core.leader === null : core.votedFor === message.from;
  const eligible = role.kind === "follower" || role.kind === "preCandidate";
  if (!eligible || !free || !core.log.isUpToDate(message.last)) return refuseVote(core, message.from);
  const follower = role.kind === "follower" ? role : becomeFollower(core, core.term, null, now);
  core.votedFor = message.from;
  follower.voteOwedTo = message.from;
  core.hintDeadline = null;
  restartElectionTimer(core, now);
}
function refuseVote(core, to) {
  core.outbox.push({ type: "voteReply", from: core.id, to, term: core.term, granted: false });
}
function onVoteReply(core, message, now) {
  if (core.role.kind !== "candidate" || !core.role.asked) return;
  core.role.votes.set(message.from, message.granted);
  countVotes(core, core.role, now);
}
function onTimeoutNow(core, message, now) {
  const { index, term } = message.last;
  if (core.leader !== message.from || index !== core.log.lastIndex || term !== core.log.lastTerm) return;
  if (mayCampaign(core, now)) becomeCandidate(core, "transfer", now);
}
function onOwnVoteDurable(core, now) {
  const { role } = core;
  if (role.kind !== "candidate" || !voteIsDurable(core, core.id) || role.votes.has(core.id)) return;
  role.votes.set(core.id, true);
  countVotes(core, role, now);
}
function voteIsDurable(core, candidate) {
  const { durable } = core.writes;
  return durable.term === core.term && durable.votedFor === candidate;
}
function countPreVotes(core, now) {
  if (core.role.kind !== "preCandidate") return;
  const verdict2 = tally(core.log.membership, core.role.votes);
  if (verdict2 === "won") becomeCandidate(core, "election", now);
  else if (catchUpIfAlone(core, core.role)) return;
  else if (verdict2 === "lost") becomeFollower(core, core.term, null, now);
}
function countVotes(core, role, now) {
  const verdict2 = tally(core.log.membership, role.votes);
  if (verdict2 === "won") becomeLeader(core, now);
  if (verdict2 === "lost") becomeFollower(core, core.term, null, now);
}
function speakOfElection(core) {
  switch (core.role.kind) {
    case "preCandidate":
      if (!core.role.asked) askForPreVotes(core);
      core.role.asked = true;
      return;
    case "candidate":
      if (core.role.asked || !voteIsDurable(core, core.id)) return;
      core.role.asked = true;
      return askForVotes(core, core.role);
    case "follower":
      if (core.role.voteOwedTo === null || !voteIsDurable(core, core.role.voteOwedTo)) return;
      core.outbox.push({
        type: "voteReply",
        from: core.id,
        to: core.role.voteOwedTo,
        term: core.term,
        granted: true
      });
      core.role.voteOwedTo = null;
      return;
    case "leader":
      return;
  }
}
function askForPreVotes(core) {
  for (const to of votersOf(core.log.membership)) {
    if (to === core.id) continue;
    core.outbox.push({ type: "preVote", from: core.id, to, term: core.term + 1, last: core.log.last });
  }
}
function askForVotes(core, role) {
  for (const to of votersOf(core.log.membership)) {
    if (to === core.id) continue;
    core.outbox.push({
      type: "vote",
      from: core.id,
      to,
      term: core.term,
      last: core.log.last,
      reason: role.reason
    });
  }
}

// src/raft/leader.ts
function checkQuorum(core, leader, now) {
  if (now < leader.quorumDeadline) return;
  const contactAt = quorumMin(
    core.log.membership,
    (id) => id === core.id ? now : leader.peers.get(id)?.contactAt ?? -Infinity
  );
  leader.quorumDeadline = contactAt + core.options.electionTimeoutMaxMs;
  if (now >= leader.quorumDeadline) becomeFollower(core, core.term, null, now);
}
function stepDownQuietly(core, now) {
  becomeFollower(core, core.term, null, now);
  restartElectionTimer(core, now + core.options.electionTimeoutMaxMs);
}
function onAppendReply(core, message, now) {
  const { role } = core;
  if (role.kind !== "leader") return;
  const peer = role.peers.get(message.from);
  if (peer === void 0) return;
  const { result } = message;
  const index = result.accepted ? result.match : result.prevIndex;
  if (message.readSeq > role.reads.latest || index > core.log.lastIndex) {
    core.malformed += 1;
    return;
  }
  peer.contactAt = Math.max(peer.contactAt, Math.min(message.sentAt, now));
  peer.readSeq = Math.max(peer.readSeq, message.readSeq);
  if (result.accepted) {
    peer.accepted(result.match);
    advanceCommit(core, role, now);
  } else {
    onRejected(core, peer, result);
  }
  settleReads(core, role);
}
function onRejected(core, peer, rejection) {
  if (peer.isStaleRejection(rejection.prevIndex)) return;
  const below = Math.min(rejection.hint.index, rejection.prevIndex - 1);
  peer.probe(core.log.lastWithTermAtMost(below, rejection.hint.term).index + 1);
}
function advanceCommit(core, leader, now) {
  const index = quorumMin(
    core.log.membership,
    (id) => id === core.id ? core.writes.durable.index : leader.peers.get(id)?.match ?? 0
  );
  if (index > leader.quorumMatch) {
    leader.quorumMatch = index;
    leader.progressAt = now;
  }
  if (index <= core.committed || index < leader.noopIndex) return;
  core.committed = index;
  leader.backlog.commit(index);
  settleReads(core, leader);
}
function propose(core, ref, payloads, now) {
  const { role } = core;
  invariant2(payloads.length > 0, "a proposal has a payload");
  if (role.kind !== "leader") return refuse3(core, ref, "not-leader", core.leader);
  if (core.handover !== null) return refuse3(core, ref, "transferring", core.handover.to);
  let bytes3 = 0;
  for (const payload of payloads) bytes3 += payload.length;
  if (!role.backlog.admits(bytes3, core.options.uncommittedBytesMax)) {
    return refuse3(core, ref, "overloaded", core.id);
  }
  const first = core.log.lastIndex + 1;
  for (const data of payloads) {
    core.log.append({ kind: "command", index: core.log.lastIndex + 1, term: core.term, data });
  }
  role.backlog.add(core.log.lastIndex, bytes3, now);
  core.settled.push({ type: "proposed", ref, term: core.term, first });
}
function refuse3(core, ref, reason, leader) {
  core.settled.push({ type: "refused", ref, reason, leader });
}
function read2(core, ref) {
  const { role } = core;
  if (role.kind !== "leader") {
    core.settled.push({ type: "unreadable", ref, leader: core.leader });
    return;
  }
  role.reads.add(ref, Math.max(core.committed, role.noopIndex));
  settleReads(core, role);
}
function settleReads(core, leader) {
  if (leader.reads.pending === 0) return;
  const confirmed = quorumMin(
    core.log.membership,
    (id) => id === core.id ? leader.reads.latest : leader.peers.get(id)?.readSeq ?? 0
  );
  for (const { ref, index } of leader.reads.take(confirmed, core.committed)) {
    core.settled.push({ type: "readable", ref, index });
  }
}

// src/raft/serve-pull.ts
function onPull(core, message, now) {
  if (leaderIsFresh(core, message.from, now)) return;
  const asked = message.after;
  const prev = core.log.lastWithTermAtMost(asked.index, asked.term);
  if (prev.index === core.log.lastIndex) return answer(core, message.from, asked, prev, []);
  if (prev.index + 1 < core.log.tailFirst) {
    core.serving = { to: message.from, asked, prev, fetch: null };
    return;
  }
  const entries2 = core.log.slice(prev.index + 1, core.log.lastIndex, core.options.appendBytesMax);
  answer(core, message.from, asked, prev, entries2);
}
function orderPulled(core, fetches) {
  const { serving } = core;
  if (serving === null || serving.fetch !== null) return;
  const from = serving.prev.index + 1;
  const to = core.log.tailFirst - 1;
  if (from > to) {
    core.serving = null;
    return;
  }
  core.fetches.lastId += 1;
  serving.fetch = core.fetches.lastId;
  fetches.push({ fetch: serving.fetch, from, to, bytesMax: core.options.appendBytesMax });
}
function onPullFetched(core, serving, entries2) {
  core.serving = null;
  const { to, asked, prev } = serving;
  const holds3 = (place) => core.log.termAt(place.index) === place.term;
  if (holds3(prev) && entries2.every(holds3)) answer(core, to, asked, prev, entries2);
}
function answer(core, to, asked, prev, entries2) {
  core.outbox.push({ type: "pullReply", from: core.id, to, term: core.term, asked, prev, entries: entries2 });
}

// src/raft/well-formed.ts
function isWellFormed(message, self) {
  if (message.to !== self || message.from === self) return false;
  return message.type !== "append" && message.type !== "pullReply" || entriesFollow(message);
}
function entriesFollow(message) {
  let { index, term } = message.prev;
  for (const entry of message.entries) {
    if (entry.index !== index + 1 || entry.term < term) return false;
    ({ index, term } = entry);
  }
  return term <= message.term;
}

// src/raft/dispatch.ts
function ignore() {
}
var HANDLERS = {
  follower: {
    preVote: onPreVote,
    preVoteReply: ignore,
    vote: onVote,
    voteReply: ignore,
    append: onAppend,
    appendReply: ignore,
    timeoutNow: onTimeoutNow,
    pull: onPull,
    pullReply: ignore
  },
  preCandidate: {
    preVote: onPreVote,
    preVoteReply: onPreVoteReply,
    vote: onVote,
    voteReply: ignore,
    append: onAppend,
    appendReply: ignore,
    timeoutNow: ignore,
    pull: onPull,
    pullReply: onPullReply
  },
  candidate: {
    preVote: onPreVote,
    preVoteReply: ignore,
    vote: onVote,
    voteReply: onVoteReply,
    append: onAppend,
    appendReply: ignore,
    timeoutNow: ignore,
    pull: onPull,
    pullReply: ignore
  },
  leader: {
    preVote: onPreVote,
    preVoteReply: ignore,
    vote: onVote,
    voteReply: ignore,
    append: ignore,
    appendReply: onAppendReply,
    timeoutNow: ignore,
    pull: ignore,
    pullReply: ignore
  }
};
function deliver(core, message, now) {
  if (!isWellFormed(message, core.id)) {
    core.malformed += 1;
    return;
  }
  if (message.term < core.term) return answerOlder(core, message);
  if (message.term > core.term && !admitNewer(core, message, now)) return;
  const handlers = HANDLERS[core.role.kind];
  switch (message.type) {
    case "preVote":
      return handlers.preVote(core, message, now);
    case "preVoteReply":
      return handlers.preVoteReply(core, message, now);
    case "vote":
      return handlers.vote(core, message, now);
    case "voteReply":
      return handlers.voteReply(core, message, now);
    case "append":
      return handlers.append(core, message, now);
    case "appendReply":
      return handlers.appendReply(core, message, now);
    case "timeoutNow":
      return handlers.timeoutNow(core, message, now);
    case "pull":
      return handlers.pull(core, message, now);
    case "pullReply":
      return handlers.pullReply(core, message, now);
  }
}
function admitNewer(core, message, now) {
  switch (message.type) {
    case "preVote":
      return true;
    case "preVoteReply":
      if (!message.granted) becomeFollower(core, message.term, null, now);
      return true;
    case "vote":
      if (message.reason === "election" && leaderIsFresh(core, message.from, now)) return false;
      becomeFollower(core, message.term, null, now);
      return true;
    case "append":
    case "timeoutNow":
      becomeFollower(core, message.term, message.from, now);
      return true;
    case "pull":
      if (leaderIsFresh(core, message.from, now)) return false;
      becomeFollower(core, message.term, null, now);
      return true;
    case "voteReply":
    case "appendReply":
    case "pullReply":
      becomeFollower(core, message.term, null, now);
      return true;
    default:
      return unreachable2(message);
  }
}
function answerOlder(core, message) {
  const head2 = { from: core.id, to: message.from, term: core.term };
  switch (message.type) {
    case "preVote":
      core.outbox.push({ type: "preVoteReply", ...head2, granted: false, ahead: null });
      return;
    case "vote":
      core.outbox.push({ type: "voteReply", ...head2, granted: false });
      return;
    case "append":
      core.outbox.push({
        type: "appendReply",
        ...head2,
        result: { accepted: false, prevIndex: 0, hint: { index: 0, term: 0 } },
        readSeq: 0,
        sentAt: 0
      });
      return;
    case "pull":
      core.outbox.push({
        type: "pullReply",
        ...head2,
        asked: message.after,
        prev: { index: 0, term: 0 },
        entries: []
      });
      return;
    case "preVoteReply":
    case "voteReply":
    case "appendReply":
    case "timeoutNow":
    case "pullReply":
      return;
  }
}

// src/raft/fingerprint.ts
function fingerprintOf(core, now) {
  const age = agesAt(core, now);
  return JSON.stringify([
    [core.term, core.votedFor, core.leader, core.committed, core.handedOut, core.applied],
    [
      age(core.leaderHeardAt),
      core.electionDeadline - now,
      core.hintDeadline === null ? null : core.hintDeadline - now
    ],
    [Math.min(core.roundsAlone, 2), [...core.linksDown].toSorted(), core.serving, core.handover],
    [core.log.last, core.log.tailFirst, core.log.hasUnwritten(), core.writes.inside()],
    age(core.writes.oldestIssuedAt ?? now),
    insideOf(core.role, age)
  ]);
}
function agesAt(core, now) {
  const longest = 4 * core.options.electionTimeoutMaxMs;
  return (at) => Math.min(now - at, longest);
}
function insideOf(role, age) {
  switch (role.kind) {
    case "follower":
      return { ...role, ackedAt: age(role.ackedAt), sentAt: age(role.sentAt) };
    case "preCandidate":
      return [role.kind, sorted(role.votes), role.asked, sorted(role.ahead), role.catchUp];
    case "candidate":
      return [role.kind, role.reason, sorted(role.votes), role.asked];
    case "leader":
      return insideOfLeader(role, age);
    default:
      return unreachable2(role);
  }
}
function insideOfLeader(role, age) {
  const peers = Array.from(role.peers.values(), (peer) => [
    peer.inside(),
    age(peer.contactAt),
    age(peer.sentAt)
  ]);
  const backlog = [role.backlog.bytes, age(role.backlog.oldestSince ?? Infinity)];
  const reads2 = [role.reads.latest, role.reads.pending];
  const progress = [role.noopIndex, role.quorumMatch, age(role.progressAt), role.abdicating];
  return [role.kind, progress, age(role.quorumDeadline), peers, backlog, reads2];
}
function sorted(map) {
  return [...map].toSorted(([left], [right]) => left < right ? -1 : 1);
}

// src/raft/link.ts
function onLink(core, peer, up, now) {
  if (up) {
    core.linksDown.delete(peer);
    if (core.role.kind !== "leader") return;
    const progress = core.role.peers.get(peer);
    progress?.probe(progress.match + 1);
    return;
  }
  if (core.linksDown.has(peer)) return;
  core.linksDown.add(peer);
  if (core.role.kind === "follower" && core.leader === peer) scheduleHint(core, 0, now);
}

// src/raft/membership-history.ts
var MembershipHistory = class {
  #stack;
  #latest;
  constructor(memberships) {
    const [genesis2] = memberships;
    invariant2(genesis2 !== void 0 && genesis2.index === 0, "the history starts with the genesis membership");
    this.#stack = [];
    this.#latest = genesis2.membership;
    for (const each of memberships) this.push(each);
  }
  get latest() {
    return this.#latest;
  }
  /** The membership that the log up to `index` establishes. */
  at(index) {
    for (let i = this.#stack.length - 1; i >= 0; i -= 1) {
      const each = this.#stack[i];
      if (each !== void 0 && each.index <= index) return each.membership;
    }
    return this.#latest;
  }
  push(next) {
    const top = this.#stack[this.#stack.length - 1];
    invariant2(top === void 0 || next.index > top.index, "memberships stand in the order of the log");
    invariant2(next.membership.voters.length > 0, "a membership has a voter");
    this.#stack.push(next);
    this.#latest = next.membership;
  }
  truncateFrom(index) {
    invariant2(index >= 1, "the genesis membership stays");
    while (this.#stack.length > 1 && (this.#stack[this.#stack.length - 1]?.index ?? 0) >= index) {
      this.#stack.pop();
    }
    const top = this.#stack[this.#stack.length - 1];
    invariant2(top !== void 0, "the genesis membership stays");
    this.#latest = top.membership;
  }
};

// src/raft/term-runs.ts
var TermRuns = class {
  #runs;
  #lastIndex;
  constructor(runs, lastIndex) {
    invariant2(runs.length === 0 === (lastIndex === 0), "a log has runs exactly when it has entries");
    let previous = { from: 0, term: 0 };
    for (const run2 of runs) {
      invariant2(run2.from > previous.from && run2.term > previous.term, "term runs grow strictly");
      previous = run2;
    }
    invariant2(runs.length === 0 || runs[0]?.from === 1, "the first run starts at 1");
    invariant2(previous.from <= lastIndex, "the last run is not empty");
    this.#runs = [...runs];
    this.#lastIndex = lastIndex;
  }
  get lastIndex() {
    return this.#lastIndex;
  }
  get lastTerm() {
    return this.#runs[this.#runs.length - 1]?.term ?? 0;
  }
  /** The term at `index`; 0 before the log, null beyond its end. */
  termAt(index) {
    if (index > this.#lastIndex) return null;
    return this.#runs[this.#runAt(index)]?.term ?? 0;
  }
  /** The last position at or below `index` whose term is at most `term` (edge case C19). */
  lastWithTermAtMost(index, term) {
    const bounded = Math.min(index, this.#lastIndex);
    let at = this.#runAt(bounded);
    if ((this.#runs[at]?.term ?? 0) <= term) return { index: bounded, term: this.#runs[at]?.term ?? 0 };
    at = lastWhere(this.#runs, at, (run2) => run2.term <= term);
    const next = this.#runs[at + 1];
    invariant2(next !== void 0, "a run with a higher term follows");
    return { index: next.from - 1, term: this.#runs[at]?.term ?? 0 };
  }
  append(term) {
    invariant2(term >= this.lastTerm, "terms never fall along a log");
    this.#lastIndex += 1;
    if (term > this.lastTerm) this.#runs.push({ from: this.#lastIndex, term });
  }
  /** Forgets every index at or above `index`. */
  truncateFrom(index) {
    invariant2(index >= 1, "nothing stands before the log");
    if (index > this.#lastIndex) return;
    this.#lastIndex = index - 1;
    while ((this.#runs[this.#runs.length - 1]?.from ?? 0) >= index) this.#runs.pop();
  }
  /** The number of the run that holds `index`; -1 before the log. Appends ask for the end, so look there first. */
  #runAt(index) {
    const end2 = this.#runs.length - 1;
    if (index >= (this.#runs[end2]?.from ?? 1)) return end2;
    return lastWhere(this.#runs, end2, (run2) => run2.from <= index);
  }
};
function lastWhere(runs, end2, holds3) {
  let low = -1;
  let high = end2;
  while (high - low > 1) {
    const middle = low + high >> 1;
    const run2 = runs[middle];
    invariant2(run2 !== void 0, "the search stays inside the runs");
    if (holds3(run2)) low = middle;
    else high = middle;
  }
  return low;
}

// src/raft/log.ts
var RaftLog = class {
  #terms;
  #memberships;
  #tail;
  /** The last index that storage has been told of; the disk may be older still. */
  #written;
  #truncateFrom = null;
  constructor(durable) {
    this.#terms = new TermRuns(durable.terms, durable.last.index);
    invariant2(this.#terms.lastTerm === durable.last.term, "storage agrees with itself about the last term");
    this.#memberships = new MembershipHistory(durable.memberships);
    this.#tail = new EntryTail(durable.last.index + 1);
    this.#written = durable.last.index;
  }
  get lastIndex() {
    return this.#terms.lastIndex;
  }
  get lastTerm() {
    return this.#terms.lastTerm;
  }
  get last() {
    return { index: this.#terms.lastIndex, term: this.#terms.lastTerm };
  }
  /** The first index whose entry is in memory. */
  get tailFirst() {
    return this.#tail.first;
  }
  get tailBytes() {
    return this.#tail.bytes;
  }
  /** In force now, committed or not (Raft §6). */
  get membership() {
    return this.#memberships.latest;
  }
  membershipAt(index) {
    return this.#memberships.at(index);
  }
  termAt(index) {
    return this.#terms.termAt(index);
  }
  /** The position at `index`, which must be in the log. */
  positionAt(index) {
    const term = this.#terms.termAt(index);
    invariant2(term !== null, "the position is in the log");
    return { index, term };
  }
  lastWithTermAtMost(index, term) {
    return this.#terms.lastWithTermAtMost(index, term);
  }
  /** At least as up to date as ours: the later term wins, then the longer log (Raft §5.4.1). */
  isUpToDate(other) {
    if (other.term !== this.lastTerm) return other.term > this.lastTerm;
    return other.index >= this.lastIndex;
  }
  /** Ours is at least as up to date as theirs. */
  isAtLeast(other) {
    if (other.term !== this.lastTerm) return other.term < this.lastTerm;
    return other.index <= this.lastIndex;
  }
  append(entry) {
    invariant2(entry.index === this.lastIndex + 1, "the log has no gap");
    this.#terms.append(entry.term);
    this.#tail.push(entry);
    if (entry.kind === "membership") this.#memberships.push(entry);
  }
  truncateFrom(index) {
    this.#terms.truncateFrom(index);
    this.#memberships.truncateFrom(index);
    this.#tail.truncateFrom(index);
    if (index > this.#written) return;
    this.#written = index - 1;
    this.#truncateFrom = Math.min(index, this.#truncateFrom ?? index);
  }
  /** Entries [from, to] from memory, at least one, at most `bytesMax` unless the first is larger. */
  slice(from, to, bytesMax) {
    return this.#tail.slice(from, to, bytesMax);
  }
  evict(through, bytesMax) {
    if (this.#tail.bytes > bytesMax) this.#tail.evict(through, bytesMax);
  }
  hasUnwritten() {
    return this.#written < this.lastIndex || this.#truncateFrom !== null;
  }
  /** Hands over what storage has not been told yet; after it, storage has been told everything. */
  takeUnwritten() {
    const from = this.#written + 1;
    const append = from <= this.lastIndex ? this.#tail.slice(from, this.lastIndex, Infinity) : [];
    const truncateFrom2 = this.#truncateFrom;
    this.#written = this.lastIndex;
    this.#truncateFrom = null;
    return { truncateFrom: truncateFrom2, append };
  }
};

// src/raft/replication.ts
var Replication = class {
  #core;
  #leader;
  #now;
  #fetches;
  #slice = null;
  constructor(core, leader, now, fetches) {
    this.#core = core;
    this.#leader = leader;
    this.#now = now;
    this.#fetches = fetches;
  }
  toAll() {
    for (const peer of this.#leader.peers.values()) {
      if (!this.#sendEntries(peer) && this.#mustSpeak(peer)) this.#send(peer, [], 0);
    }
    this.#leader.reads.seal();
  }
  #sendEntries(peer) {
    let sent = false;
    while (peer.canSendEntries && peer.next <= this.#core.log.lastIndex) {
      const slice = this.#take(peer);
      if (slice === null) break;
      this.#send(peer, slice.entries, slice.bytes);
      sent = true;
    }
    return sent;
  }
  /** An append without entries is heartbeat, commit index and read barrier; a lost window is found out by it too. */
  #mustSpeak(peer) {
    if (this.#now - peer.sentAt >= this.#core.options.heartbeatMs) return true;
    if (this.#leader.reads.latest > peer.readSeqSent) return true;
    return peer.state === "replicate" ? this.#core.committed > peer.commitSent : peer.canSendEntries;
  }
  #send(peer, entries2, bytes3) {
    const { log, committed, id, term } = this.#core;
    const prev = log.positionAt(peer.next - 1);
    this.#core.outbox.push({
      type: "append",
      from: id,
      to: peer.id,
      term,
      prev,
      entries: entries2,
      commit: committed,
      readSeq: this.#leader.reads.latest,
      sentAt: this.#now
    });
    peer.sent(prev.index + entries2.length, bytes3);
    peer.sentAt = this.#now;
    peer.readSeqSent = this.#leader.reads.latest;
    peer.commitSent = committed;
  }
  /** The next entries for a peer: from memory, or fetched earlier, or ordered from storage now (`null`). */
  #take(peer) {
    const { log, options } = this.#core;
    const { next, fetched } = peer;
    peer.fetched = null;
    if (fetched?.[0]?.index === next) return sliceOf(fetched);
    if (next < log.tailFirst) {
      if (peer.state === "replicate" && peer.fetch === null) this.#order(peer);
      return null;
    }
    if (this.#slice?.from !== next) {
      this.#slice = sliceOf(log.slice(next, log.lastIndex, options.appendBytesMax));
    }
    return this.#slice;
  }
  #order(peer) {
    const { fetches, log, options } = this.#core;
    fetches.lastId += 1;
    peer.fetch = fetches.lastId;
    this.#fetches.push({
      fetch: fetches.lastId,
      from: peer.next,
      to: log.tailFirst - 1,
      bytesMax: options.appendBytesMax
    });
  }
};
function sliceOf(entries2) {
  let bytes3 = 0;
  for (const entry of entries2) bytes3 += entryBytes(entry);
  return { from: entries2[0]?.index ?? 0, entries: entries2, bytes: bytes3 };
}
function onPeerFetched(core, fetch, entries2) {
  if (core.role.kind !== "leader") return;
  for (const peer of core.role.peers.values()) {
    if (peer.fetch !== fetch) continue;
    peer.fetch = null;
    peer.fetched = entries2;
  }
}

// src/raft/state-laws.ts
function checkState(core) {
  const { log, writes } = core;
  invariant2(core.applied <= core.handedOut, "only what was handed out is applied");
  invariant2(core.handedOut <= core.committed, "only what is committed is handed out");
  invariant2(core.committed <= log.lastIndex, "only what is in the log is committed");
  invariant2(core.handedOut <= writes.durable.index, "only what is durable here is handed out");
  invariant2(writes.durable.index <= log.lastIndex, "only what is in the log is durable");
  invariant2(writes.durable.term <= core.term, "no term on disk is ahead of memory");
  invariant2(log.lastTerm <= core.term, "no entry is of a later term");
  invariant2(core.role.kind === "leader" === (core.leader === core.id), "a leader follows itself, alone");
  if (core.role.kind === "leader") checkLeadership(core, core.role);
  if (core.role.kind === "candidate") invariant2(core.votedFor === core.id, "a candidate votes for itself");
}
function checkLeadership(core, leader) {
  const { durable } = core.writes;
  invariant2(durable.term === core.term, "a leader has its term on disk (edge case A4)");
  invariant2(durable.votedFor === core.id, "a leader has its own vote on disk (edge case A6)");
  invariant2(leader.noopIndex <= core.log.lastIndex, "a leader never loses its own entries");
}
function checkStateThoroughly(core) {
  checkTail(core);
  if (core.role.kind === "leader") checkPeers(core, core.role);
  if (core.role.kind === "follower") {
    invariant2(core.role.accepted <= core.log.lastIndex, "what was accepted stays in the log");
    invariant2(core.role.acked <= core.role.accepted, "only what was accepted is acknowledged");
  }
}
function checkTail(core) {
  const { log } = core;
  invariant2(log.tailFirst <= log.lastIndex + 1, "the tail ends where the log ends");
  for (let index = log.tailFirst; index <= log.lastIndex; index += 1) {
    const [entry] = log.slice(index, index, 0);
    invariant2(entry?.index === index, "entries stand at their index");
    invariant2(entry.term === log.termAt(index), "entries and terms agree");
  }
}
function checkPeers(core, leader) {
  const others = membersOf(core.log.membership).filter((id) => id !== core.id);
  invariant2(others.length === leader.peers.size, "a leader knows every member");
  for (const id of others) {
    const peer = leader.peers.get(id);
    invariant2(peer !== void 0, "a leader knows every member");
    invariant2(peer.match < peer.next, "the next entry is beyond what matches");
    invariant2(peer.next <= core.log.lastIndex + 1, "the next entry is at most one beyond the log");
    invariant2(peer.match <= core.log.lastIndex, "a match is inside the log");
    invariant2(peer.readSeq <= peer.readSeqSent, "only a barrier that was sent is confirmed");
  }
  if (core.committed < leader.noopIndex) return;
  const held = quorumMin(
    core.log.membership,
    (id) => id === core.id ? core.writes.durable.index : leader.peers.get(id)?.match ?? 0
  );
  invariant2(core.committed <= held, "what this leader committed is durable on a quorum");
}

// src/raft/status.ts
function statusOf(core) {
  const leader = core.role.kind === "leader" ? core.role : null;
  return {
    id: core.id,
    role: core.role.kind,
    term: core.term,
    votedFor: core.votedFor,
    leader: core.leader,
    leaderHeardAt: core.leaderHeardAt,
    last: core.log.last,
    durableIndex: core.writes.durable.index,
    committed: core.committed,
    applied: core.applied,
    membership: core.log.membership,
    tailFirst: core.log.tailFirst,
    tailBytes: core.log.tailBytes,
    writesInFlight: core.writes.inFlight,
    uncommittedBytes: leader?.backlog.bytes ?? 0,
    readsPending: leader?.reads.pending ?? 0,
    transferTarget: core.handover?.to ?? null,
    peers: Array.from(leader?.peers.values() ?? [], (peer) => ({
      id: peer.id,
      state: peer.state,
      match: peer.match,
      next: peer.next,
      inFlight: peer.inFlight,
      contactAt: peer.contactAt,
      linkUp: !core.linksDown.has(peer.id)
    })),
    malformed: core.malformed
  };
}

// src/raft/transfer.ts
function transfer(core, ref, to, now) {
  const { role } = core;
  if (role.kind !== "leader") return settle(core, [ref], false);
  const target = to ?? bestSuccessor(core, role, now);
  if (target === core.id) return settle(core, [ref], true);
  if (target === null || !role.peers.has(target) || !isVoter2(core.log.membership, target)) {
    return settle(core, [ref], false);
  }
  if (core.handover?.to === target) {
    core.handover.refs.push(ref);
    return;
  }
  if (core.handover !== null) endHandover(core, false);
  begin(core, target, [ref], now);
}
function begin(core, to, refs, now) {
  core.handover = { to, refs, deadline: now + core.options.electionTimeoutMaxMs, askedAt: -Infinity };
}
function bestSuccessor(core, leader, now) {
  let best = null;
  let bestMatch = -1;
  for (const peer of leader.peers.values()) {
    const active = isVoter2(core.log.membership, peer.id) && !core.linksDown.has(peer.id) && now - peer.contactAt < core.options.electionTimeoutMinMs;
    if (!active || peer.match <= bestMatch) continue;
    best = peer.id;
    bestMatch = peer.match;
  }
  return best;
}
function offerLeadership(core, now) {
  const { role, handover } = core;
  if (role.kind !== "leader" || handover === null) return;
  if (role.peers.get(handover.to)?.match !== core.log.lastIndex) return;
  if (now - handover.askedAt < core.options.heartbeatMs) return;
  handover.askedAt = now;
  core.outbox.push({
    type: "timeoutNow",
    from: core.id,
    to: handover.to,
    term: core.term,
    last: core.log.last
  });
}
function watchHandover(core, now) {
  const { handover } = core;
  if (handover === null) return;
  if (core.role.kind !== "leader" && core.leader !== null) endHandover(core, core.leader === handover.to);
  else if (now >= handover.deadline) endHandover(core, false);
}
function endHandover(core, ok) {
  const refs = core.handover?.refs ?? [];
  core.handover = null;
  settle(core, refs, ok);
}
function settle(core, refs, ok) {
  for (const ref of refs) core.settled.push({ type: "transferred", ref, ok });
}
function abdicateWhenStuck(core, leader, now) {
  if (now < stuckAt(core, leader)) {
    leader.abdicating = false;
    return;
  }
  if (core.handover !== null) return;
  const successor = leader.abdicating ? null : bestSuccessor(core, leader, now);
  if (successor === null) return stepDownQuietly(core, now);
  leader.abdicating = true;
  begin(core, successor, [], now);
}

// src/raft/transition-laws.ts
function newBefore(core) {
  return remember(
    {
      term: 0,
      votedFor: null,
      leader: null,
      role: "follower",
      committed: 0,
      committedTerm: 0,
      handedOut: 0,
      applied: 0,
      lastIndex: 0,
      lastTerm: 0
    },
    core
  );
}
function remember(before, core) {
  before.term = core.term;
  before.votedFor = core.votedFor;
  before.leader = core.leader;
  before.role = core.role.kind;
  before.committed = core.committed;
  before.committedTerm = core.log.termAt(core.committed);
  before.handedOut = core.handedOut;
  before.applied = core.applied;
  before.lastIndex = core.log.lastIndex;
  before.lastTerm = core.log.lastTerm;
  return before;
}
function checkTransition(before, core) {
  invariant2(core.term >= before.term, "terms never fall");
  invariant2(core.committed >= before.committed, "commit never goes back");
  invariant2(core.handedOut >= before.handedOut, "nothing is handed out twice");
  invariant2(core.applied >= before.applied, "applied never goes back");
  invariant2(
    core.log.termAt(before.committed) === before.committedTerm,
    "a committed entry never changes (State Machine Safety)"
  );
  invariant2(
    core.leader !== null || core.log.isAtLeast({ index: before.lastIndex, term: before.lastTerm }),
    "without the word of a leader a log only moves up in the order of elections (edge case I61)"
  );
  if (core.term === before.term) checkSameTerm(before, core);
}
function checkSameTerm(before, core) {
  invariant2(
    before.votedFor === null || core.votedFor === before.votedFor,
    "the vote is set at most once per term (edge case A1)"
  );
  invariant2(
    core.leader === null || before.leader === null || core.leader === before.leader,
    "a term has one leader (Election Safety)"
  );
  if (before.role !== "leader") return;
  invariant2(
    core.log.termAt(before.lastIndex) === before.lastTerm,
    "a leader only appends to its log (Leader Append-Only)"
  );
  invariant2(
    core.committed === before.committed || core.log.termAt(core.committed) === core.term,
    "a leader commits by counting only entries of its own term (Raft \xA75.4.2)"
  );
}

// src/raft/write-queue.ts
var WriteQueue = class {
  #inFlight = [];
  #issued = 0;
  #durable;
  #lastHardState;
  constructor(hardState, lastIndex) {
    this.#durable = { term: hardState.term, votedFor: hardState.votedFor, index: lastIndex };
    this.#lastHardState = hardState;
  }
  get durable() {
    return this.#durable;
  }
  /** The hard state of the newest write; null-op writes need not repeat it. */
  get lastHardState() {
    return this.#lastHardState;
  }
  get inFlight() {
    return this.#inFlight.length;
  }
  /** When the oldest unacknowledged write was issued; null when all are durable. */
  get oldestIssuedAt() {
    return this.#inFlight[0]?.issuedAt ?? null;
  }
  /** For fingerprint.ts: all but times and numbers. */
  inside() {
    const inFlight = this.#inFlight.map(({ hardState, lastIndex }) => [hardState, lastIndex]);
    return [this.#durable, this.#lastHardState, inFlight];
  }
  /** A write without entries still carries the log's last index: storage keeps the order, so its ack proves the tail. */
  issue(hardState, lastIndex, now) {
    this.#issued += 1;
    this.#lastHardState = hardState;
    this.#inFlight.push({ seq: this.#issued, hardState, issuedAt: now, lastIndex });
    return this.#issued;
  }
  truncateFrom(index) {
    for (const write3 of this.#inFlight) write3.lastIndex = Math.min(write3.lastIndex, index - 1);
    const { term, votedFor } = this.#durable;
    if (this.#durable.index >= index) this.#durable = { term, votedFor, index: index - 1 };
  }
  /** Cumulative: every write up to `through` is durable. */
  acknowledge(through) {
    invariant2(through <= this.#issued, "storage acknowledges only writes that were issued");
    const count2 = this.#inFlight.findIndex((write3) => write3.seq > through);
    const done = this.#inFlight.splice(0, count2 === -1 ? this.#inFlight.length : count2);
    const newest = done[done.length - 1];
    if (newest === void 0) return;
    const { term, votedFor } = newest.hardState;
    this.#durable = { term, votedFor, index: newest.lastIndex };
  }
};

// src/raft/raft.ts
var Raft = class _Raft {
  #core;
  #before;
  #thorough;
  constructor(core) {
    this.#core = core;
    this.#before = newBefore(core);
    this.#thorough = core.options.checkInvariants === "all";
  }
  static restore(options, durable, now) {
    checkOptions(options);
    invariant2(durable.commitHint <= durable.last.index, "storage knows of no commit beyond its log");
    invariant2(durable.last.term <= durable.hardState.term, "storage holds no entry of a later term");
    const core = coreFrom(options, durable, now);
    restartElectionTimer(core, now);
    return new _Raft(core);
  }
  /** Changes state only. Any number of steps, then one drain. */
  step(input, now) {
    const core = this.#core;
    remember(this.#before, core);
    watchHandover(core, now);
    if (core.role.kind === "leader") checkQuorum(core, core.role, now);
    if (core.role.kind === "leader") abdicateWhenStuck(core, core.role, now);
    take(core, input, now);
    watchHandover(core, now);
    checkTransition(this.#before, core);
    checkState(core);
    if (this.#thorough) checkStateThoroughly(core);
  }
  /** What may be said by now. Never changes what is true, except that it has been said. */
  drain(now) {
    const core = this.#core;
    const fetches = [];
    const persist = takeWrite(core, now);
    speakOfElection(core);
    acknowledgeAppends(core, now);
    if (core.role.kind === "leader") new Replication(core, core.role, now, fetches).toAll();
    offerLeadership(core, now);
    orderPulled(core, fetches);
    const apply = takeApply(core, fetches);
    core.log.evict(Math.min(core.applied, core.writes.durable.index), core.options.tailBytesMax);
    const { outbox: messages, settled } = core;
    core.outbox = [];
    core.settled = [];
    return {
      persist,
      messages,
      apply,
      fetches,
      settled,
      leadership: takeLeadership(core),
      wakeAt: nextWake(core, now)
    };
  }
  status() {
    return statusOf(this.#core);
  }
  /** Everything that decides what this node will do next, as text (fingerprint.ts). */
  fingerprint(now) {
    return fingerprintOf(this.#core, now);
  }
};
function take(core, input, now) {
  switch (input.type) {
    case "wake":
      return core.role.kind === "leader" ? void 0 : onElectionTimer(core, now);
    case "message":
      return deliver(core, input.message, now);
    case "persisted":
      return onPersisted(core, input.through, now);
    case "applied":
      return onApplied(core, input.through);
    case "propose":
      return propose(core, input.ref, input.payloads, now);
    case "read":
      return read2(core, input.ref);
    case "transfer":
      return transfer(core, input.ref, input.to, now);
    case "fetched":
      if (core.fetches.applyFetch === input.fetch) return onApplyFetched(core, input.entries);
      if (core.serving?.fetch === input.fetch) return onPullFetched(core, core.serving, input.entries);
      return onPeerFetched(core, input.fetch, input.entries);
    case "link":
      return onLink(core, input.peer, input.up, now);
    default:
      return unreachable2(input);
  }
}
function onPersisted(core, through, now) {
  core.writes.acknowledge(through);
  onOwnVoteDurable(core, now);
  if (core.role.kind === "leader") advanceCommit(core, core.role, now);
}
function onApplied(core, through) {
  core.applied = Math.max(core.applied, through);
}
function takeWrite(core, now) {
  if (core.writes.inFlight >= core.options.writesInFlightMax) return null;
  const { lastHardState } = core.writes;
  const renewed = lastHardState.term !== core.term || lastHardState.votedFor !== core.votedFor;
  if (!renewed && !core.log.hasUnwritten()) return null;
  const hardState = renewed ? { term: core.term, votedFor: core.votedFor } : lastHardState;
  const { truncateFrom: truncateFrom2, append } = core.log.takeUnwritten();
  return {
    seq: core.writes.issue(hardState, core.log.lastIndex, now),
    hardState: renewed ? hardState : null,
    truncateFrom: truncateFrom2,
    append,
    commitHint: core.committed
  };
}
function takeLeadership(core) {
  const { announced } = core;
  const role = core.role.kind;
  if (announced.term === core.term && announced.leader === core.leader && announced.role === role)
    return null;
  core.announced = { term: core.term, leader: core.leader, role };
  return core.announced;
}
function coreFrom(options, durable, now) {
  const { hardState } = durable;
  return {
    options,
    id: options.id,
    log: new RaftLog(durable),
    writes: new WriteQueue(hardState, durable.last.index),
    term: hardState.term,
    votedFor: hardState.votedFor,
    leader: null,
    role: newFollower(now),
    committed: durable.commitHint,
    handedOut: 0,
    applied: 0,
    leaderHeardAt: -Infinity,
    electionDeadline: Infinity,
    hintDeadline: null,
    roundsAlone: 0,
    linksDown: /* @__PURE__ */ new Set(),
    handover: null,
    fetches: { lastId: 0, applyFetch: null, applyEntries: [] },
    serving: null,
    outbox: [],
    settled: [],
    announced: { term: hardState.term, leader: null, role: "follower" },
    malformed: 0
  };
}
function checkOptions(options) {
  const { heartbeatMs, electionTimeoutMinMs, electionTimeoutMaxMs } = options;
  invariant2(heartbeatMs > 0, "a heartbeat takes time");
  invariant2(electionTimeoutMinMs > heartbeatMs, "an election timeout outlasts a heartbeat");
  invariant2(electionTimeoutMaxMs >= electionTimeoutMinMs, "the election timeout range is not empty");
  invariant2(options.writesInFlightMax >= 1, "a write may be in flight");
  invariant2(options.windowMessages >= 1, "a window admits a message");
}

// src/server/deferred.ts
var Deferred = class {
  promise;
  #resolve = () => {
  };
  #reject = () => {
  };
  constructor() {
    this.promise = new Promise((resolve2, reject2) => {
      this.#resolve = resolve2;
      this.#reject = reject2;
    });
  }
  resolve(value) {
    this.#resolve(value);
  }
  reject(error) {
    this.#reject(error);
  }
};

// src/server/event-driver.ts
var SLEEP_MS_MAX = 6e4;
var EventDriver = class {
  #loop;
  #clock;
  #effects;
  #cancelWake = () => {
  };
  #cancelTurn = null;
  #halted = false;
  constructor(loop, clock, effects) {
    this.#loop = loop;
    this.#clock = clock;
    this.#effects = effects;
  }
  post = (event) => {
    if (this.#halted) return;
    try {
      this.#loop.step(event, this.#clock.now());
    } catch (error) {
      return this.#fatal(error);
    }
    this.#turnSoon();
  };
  start() {
    this.#turnSoon();
  }
  /** Nothing runs after it. */
  halt() {
    this.#halted = true;
    this.#cancelWake();
    this.#cancelTurn?.();
  }
  #fatal(error) {
    this.halt();
    this.#effects.fatal(error);
  }
  #turnSoon() {
    if (this.#halted) return;
    this.#cancelTurn ??= this.#clock.endOfTurn(this.#turn);
  }
  #turn = () => {
    this.#cancelTurn?.();
    this.#cancelTurn = null;
    if (this.#halted) return;
    this.#cancelWake();
    try {
      const wakeAt = this.#loop.turn(this.#clock.now());
      this.#effects.flush();
      const sleepMs = wakeAt - this.#clock.now();
      if (sleepMs <= 0) this.#turnSoon();
      else this.#cancelWake = this.#clock.schedule(Math.min(sleepMs, SLEEP_MS_MAX), this.#turn);
    } catch (error) {
      this.#fatal(error);
    }
  };
};

// src/server/host.ts
import { performance as performance2 } from "node:perf_hooks";

// src/storage/local-disk.ts
import { constants as constants2 } from "node:fs";
import { access, chmod, mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import path3 from "node:path";

// src/storage/level-engine.ts
import { closeSync as closeSync2, fstatSync, openSync } from "node:fs";
import path2 from "node:path";
import { callbackify } from "node:util";
import { Level } from "level";
var SCAN_BYTES = 1024 * 1024;
async function openLevelEngine(location, options) {
  const database = new Level(location, {
    keyEncoding: "view",
    valueEncoding: "view",
    createIfMissing: options.createIfMissing,
    // Measured with 4,000 blocks of 30 kB: no more CPU, and JSON-like values write 156 MB instead of 356.
    compression: true
  });
  try {
    await database.open();
  } catch (error) {
    throw openingError(location, error);
  }
  return new LevelEngine(database, location);
}
var LevelEngine = class {
  #database;
  #location;
  /** Calls back outside of the promise: what throws there is an uncaught exception, not a lost rejection. */
  #commit;
  /**
   * On LevelDB's own lock file, and open for as long as the database is: closing any descriptor of a file gives up the
   * process's POSIX locks on it.
   */
  #lockFile;
  #closed = false;
  constructor(database, location) {
    this.#database = database;
    this.#location = location;
    this.#commit = callbackify((operations) => database.batch(operations, { sync: true }));
    this.#lockFile = openSync(path2.join(location, "LOCK"), "r");
  }
  write(batch2, done) {
    const operations = [
      ...batch2.deletes.map((key) => ({ type: "del", key })),
      ...batch2.puts.map(({ key, value }) => ({ type: "put", key, value }))
    ];
    this.#commit(operations, (error) => done(error ?? this.#lockLost()));
  }
  async range(gte, lte, limit, reverse) {
    const iterator = this.#database.iterator({ gte, lte, limit, reverse, highWaterMarkBytes: SCAN_BYTES });
    try {
      const records = await iterator.all();
      return records.map(([key, value]) => ({ key, value }));
    } catch (error) {
      throw readingError(this.#location, error);
    }
  }
  async close() {
    if (this.#closed) return;
    this.#closed = true;
    await this.#database.close();
    closeSync2(this.#lockFile);
  }
  /**
   * Once LOCK is unlinked another process can open the database (reliability.md row 45), so a batch counts only if the
   * file was still in its place after the sync: whoever opens later finds the batch. One fstat, some 2 µs, no disk.
   */
  #lockLost() {
    if (fstatSync(this.#lockFile).nlink > 0) return null;
    return locked(this.#location, new Error("its LOCK file was removed while it was open"));
  }
};
function openingError(location, error) {
  const { code, cause } = told(error);
  if (code === "LEVEL_LOCKED") return locked(location, error);
  if (code === "LEVEL_IO_ERROR") return ioFailed(`the database ${location} cannot be opened`, cause);
  return corrupt(`the database ${location} cannot be opened: ${cause.message}`, error);
}
function readingError(location, error) {
  const { code, cause } = told(error);
  if (code === "LEVEL_IO_ERROR" && !cause.message.includes("No such file")) {
    return ioFailed(`the database ${location} cannot be read`, cause);
  }
  return corrupt(`the database ${location} cannot be read: ${cause.message}`, error);
}
function told(error) {
  const outer = error instanceof Error ? error : new Error(String(error));
  const cause = outer.cause instanceof Error ? outer.cause : outer;
  return { code: "code" in cause ? cause.code : void 0, cause };
}

// src/storage/local-disk.ts
var PRIVATE_FOLDER = 448;
var NOBODYS = "lost+found";
var LOCAL_DISK = { at: (folder) => new LocalPlace(path3.resolve(folder)) };
var LocalPlace = class {
  path;
  files;
  #log;
  constructor(folder) {
    this.path = folder;
    this.files = new NodeFileEngine(folder);
    this.#log = path3.join(folder, LOG_FOLDER);
  }
  async list() {
    const names = await listFolder(this.path);
    if (names === null) return null;
    await access(this.path, constants2.R_OK | constants2.W_OK | constants2.X_OK).catch((error) => {
      throw folderError(this.path, error);
    });
    return names;
  }
  async inspectLog() {
    const names = await listFolder(this.#log) ?? [];
    const isDatabase = names.some((name3) => name3 === "CURRENT" || name3.startsWith("MANIFEST-"));
    const [name2] = names;
    if (name2 !== void 0 && !isDatabase && !names.every((each) => /^LOG|^LOCK$/u.test(each))) {
      return { kind: "foreign", name: name2 };
    }
    return { kind: await holdsRecords(this.#log, names) ? "records" : "empty" };
  }
  async make() {
    await makeFolder(this.path);
  }
  async closeToOthers() {
    const mode = (await stat(this.path)).mode & 511;
    if ((mode & 63) === 0) return [];
    await chmod(this.path, PRIVATE_FOLDER);
    return [`${this.path} was open to other users (mode ${mode.toString(8)}); it is 700 now`];
  }
  async openLog(options) {
    if (!options.createIfMissing && await this.files.read(`${LOG_FOLDER}/CURRENT`) === null) {
      throw corrupt(`the log of ${this.path} is missing or has lost its file CURRENT`);
    }
    if (options.createIfMissing) await makeFolder(this.#log);
    const engine = await openLevelEngine(this.#log, options).catch(async (error) => {
      if (!QuorateError.is(error) || error.code !== "IO_FAILED") throw error;
      await assertWritable(this.#log);
      throw corrupt(error.message, error);
    });
    await syncFolder(this.#log);
    return engine;
  }
  close() {
    this.files.close();
  }
};
async function makeFolder(folder) {
  try {
    await mkdir(folder, PRIVATE_FOLDER);
  } catch (error) {
    if (codeOf(error) === "EEXIST") return;
    const parent = path3.dirname(folder);
    if (codeOf(error) !== "ENOENT" || parent === folder || await listFolder(parent) !== null) {
      throw folderError(folder, error);
    }
    await makeFolder(parent);
    await mkdir(folder, PRIVATE_FOLDER).catch((again) => {
      if (codeOf(again) !== "EEXIST") throw folderError(folder, again);
    });
  }
  await syncFolder(path3.dirname(folder)).catch(() => {
  });
}
async function assertWritable(folder) {
  const probe = path3.join(folder, "quorate.probe");
  try {
    await writeFile(probe, new Uint8Array(4096), { flush: true });
  } finally {
    await rm(probe, { force: true });
  }
}
async function listFolder(folder) {
  try {
    return (await readdir(folder)).filter((name2) => name2 !== NOBODYS);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw folderError(folder, error);
  }
}
async function holdsRecords(folder, names) {
  if (names.some((name2) => /\.(?:ldb|sst)$/u.test(name2))) return true;
  const logs = names.filter((name2) => name2.endsWith(".log"));
  const sizes = await Promise.all(logs.map(async (name2) => (await stat(path3.join(folder, name2))).size));
  return sizes.some((bytes3) => bytes3 > 0);
}

// src/storage/keys.ts
var BLOCK_TAG = 98;
var BLOCK_KEY_BYTES = 1 + UINT53_BYTES;
var STATE_KEY = Uint8Array.of(115);
var FIRST_BLOCK_KEY = blockKey(0);
var LAST_BLOCK_KEY = blockKey(Number.MAX_SAFE_INTEGER);
function blockKey(first) {
  const key = new Uint8Array(BLOCK_KEY_BYTES);
  key[0] = BLOCK_TAG;
  setUint53(new DataView(key.buffer), 1, first);
  return key;
}
function firstIndexOf(key) {
  if (key.length !== BLOCK_KEY_BYTES || key[0] !== BLOCK_TAG) return -1;
  return getUint53(new DataView(key.buffer, key.byteOffset, key.byteLength), 1);
}

// src/storage/block-codec.ts
var BLOCK_VERSION = 1;
var PREVIOUS_AT = SEAL_BYTES + 4;
var RANGE_AT = PREVIOUS_AT + CHAIN_POINT_BYTES;
var HEADER_BYTES2 = RANGE_AT + 24;
function encodeBlock(previous, entries2) {
  const first = entries2[0];
  const last = entries2.at(-1);
  if (first === void 0 || last === void 0) throw new Error("a block without entries");
  const value = Buffer.allocUnsafe(HEADER_BYTES2 + encodedEntriesBytes(entries2));
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  view.setUint32(SEAL_BYTES, value.length);
  writeChainPoint(value, PREVIOUS_AT, previous);
  writeRange2(view, { firstTerm: first.term, lastIndex: last.index, lastTerm: last.term });
  encodeEntriesInto(value, HEADER_BYTES2, entries2);
  seal(value, BLOCK_VERSION);
  return { previous, entries: entries2, end: endOf(value, last), value };
}
function packBlocks(previous, entries2, bytesMax) {
  const blocks = [];
  let start = 0;
  let bytes3 = 0;
  for (let at = 0; at <= entries2.length; at++) {
    const entry = entries2[at];
    const size = entry === void 0 ? 0 : encodedEntryBytes(entry);
    const full = entry === void 0 || bytes3 + size > bytesMax;
    if (full && at > start) {
      blocks.push(encodeBlock(blocks.at(-1)?.end ?? previous, entries2.slice(start, at)));
      start = at;
      bytes3 = 0;
    }
    bytes3 += size;
  }
  return blocks;
}
function decodeBlock(value) {
  const state = sealState(value, BLOCK_VERSION);
  if (state.kind !== "sound") return state;
  const block = decodeBody(value);
  return block === null ? { kind: "damaged" } : { kind: "sound", block };
}
function decodeBody(value) {
  if (value.length < HEADER_BYTES2) return null;
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const previous = readChainPoint(value, PREVIOUS_AT);
  const entries2 = decodeEntries(value.subarray(HEADER_BYTES2));
  const first = entries2?.[0];
  const last = entries2?.at(-1);
  if (view.getUint32(SEAL_BYTES) !== value.length || previous === null) return null;
  if (entries2 === null || first === void 0 || last === void 0) return null;
  const range = readRange2(view);
  const fits = first.index === previous.index + 1 && first.term >= previous.term && first.term === range.firstTerm && last.index === range.lastIndex && last.term === range.lastTerm;
  return fits ? { previous, entries: entries2, end: endOf(value, last), value } : null;
}
function endOf(value, last) {
  return { index: last.index, term: last.term, hash: chainHash(value.subarray(0, HEADER_BYTES2)) };
}
function writeRange2(view, range) {
  setUint53(view, RANGE_AT, range.firstTerm);
  setUint53(view, RANGE_AT + 8, range.lastIndex);
  setUint53(view, RANGE_AT + 16, range.lastTerm);
}
function readRange2(view) {
  return {
    firstTerm: getUint53(view, RANGE_AT),
    lastIndex: getUint53(view, RANGE_AT + 8),
    lastTerm: getUint53(view, RANGE_AT + 16)
  };
}

// src/storage/cluster-time.ts
var VERSION2 = 1;
var TIME_AT = 2;
function clusterTimeOf(data) {
  if (data.length < TIME_AT + UINT53_BYTES || data[0] !== VERSION2) return 0;
  return Math.max(0, getUint53(new DataView(data.buffer, data.byteOffset, data.byteLength), TIME_AT));
}

// src/storage/log-scan.ts
var PAGE_BLOCKS = 64;
async function scanLog(engine, start, genesis2, ask2) {
  const findings = new Findings(start, genesis2, ask2);
  let from = start.index + 1;
  for (; ; ) {
    const page2 = await engine.range(blockKey(from), LAST_BLOCK_KEY, PAGE_BLOCKS, false);
    for (const record2 of page2) {
      const stop = findings.take(record2);
      if (stop !== null) return findings.result(stop);
    }
    if (page2.length < PAGE_BLOCKS) return findings.result({ kind: "end" });
    from = findings.end.index + 1;
  }
}
var Findings = class {
  end;
  #ask;
  #points = /* @__PURE__ */ new Map();
  #terms = [];
  #memberships;
  #clusterTimeMs = 0;
  constructor(start, genesis2, ask2) {
    this.end = start;
    this.#ask = new Set(ask2);
    this.#memberships = [{ index: start.index, membership: genesis2 }];
    this.#keepPoint();
  }
  take(record2) {
    const decoded = decodeBlock(record2.value);
    const first = firstIndexOf(record2.key);
    if (decoded.kind === "unsupported")
      throw unsupported("a block of the log", decoded.version, BLOCK_VERSION);
    if (decoded.kind === "damaged") return damaged(`the block at index ${first} fails its checks`);
    const { block } = decoded;
    if (block.previous.index + 1 !== first) return damaged(`the block at index ${first} is out of place`);
    if (first > this.end.index + 1) {
      return { kind: "gap", detail: `entries ${this.end.index + 1} to ${first - 1} are missing` };
    }
    if (!samePoint(block.previous, this.end)) {
      return damaged(`the block at index ${first} does not continue the log before it`);
    }
    this.#accept(block);
    return null;
  }
  result(stop) {
    return {
      end: this.end,
      stop,
      points: this.#points,
      terms: this.#terms,
      memberships: this.#memberships,
      clusterTimeMs: this.#clusterTimeMs
    };
  }
  #accept(block) {
    for (const entry of block.entries) this.#readEntry(entry);
    this.end = block.end;
    this.#keepPoint();
  }
  #readEntry(entry) {
    if (entry.term !== this.#terms.at(-1)?.term) this.#terms.push({ from: entry.index, term: entry.term });
    if (entry.kind === "membership") {
      this.#memberships.push({ index: entry.index, membership: entry.membership });
    }
    if (entry.kind === "command") {
      this.#clusterTimeMs = Math.max(this.#clusterTimeMs, clusterTimeOf(entry.data));
    }
  }
  #keepPoint() {
    if (this.#ask.has(this.end.index)) this.#points.set(this.end.index, this.end);
  }
};
function damaged(detail) {
  return { kind: "damaged", detail };
}

// src/storage/log-store.ts
import assert from "node:assert/strict";
import { callbackify as callbackify2 } from "node:util";

// src/storage/log-reader.ts
var PAGE_BLOCKS2 = 16;
var LogReader = class {
  #engine;
  #cacheBytesMax;
  /** By first index; least recently used first. */
  #cache = /* @__PURE__ */ new Map();
  #cacheBytes = 0;
  #latest = null;
  /** Grows with each truncation: a lookup that began before one proves nothing after it. */
  #truncations = 0;
  constructor(engine, cacheBytesMax) {
    this.#engine = engine;
    this.#cacheBytesMax = cacheBytesMax;
  }
  /** At least one entry, unless a truncation took `from` away while this was reading. */
  async read(from, to, bytesMax) {
    const truncations = this.#truncations;
    const entries2 = [];
    let bytes3 = 0;
    let last = null;
    for (let next = from; next <= to && (last === null || bytes3 < bytesMax); ) {
      const block = last === null ? await this.blockAt(next) : await this.#blockFrom(next);
      const continues = block !== null && (last === null || samePoint(block.previous, last.end));
      if (!continues) {
        if (this.#truncations !== truncations) return entries2;
        throw corrupt(`the block with index ${next} is gone from the log`);
      }
      for (const entry of block.entries) {
        if (entry.index < next) continue;
        if (entry.index > to || entries2.length > 0 && bytes3 >= bytesMax) break;
        entries2.push(entry);
        bytes3 += encodedEntryBytes(entry);
      }
      last = block;
      next = block.end.index + 1;
    }
    return entries2;
  }
  /** null when no block holds the index. */
  async blockAt(index) {
    const cached = this.#cached(index);
    if (cached !== null) return cached;
    const truncations = this.#truncations;
    const [record2] = await this.#engine.range(FIRST_BLOCK_KEY, blockKey(index), 1, true);
    if (record2 === void 0) return null;
    const block = checkedBlock(record2, index);
    if (!holds2(block, index)) return null;
    if (this.#truncations === truncations) this.#keep(block);
    return block;
  }
  /** The block that begins there, and into the cache the ones behind it; null when none does. */
  async #blockFrom(first) {
    const cached = this.#cached(first);
    if (cached !== null) return cached;
    const truncations = this.#truncations;
    const [record2, ...behind] = await this.#engine.range(blockKey(first), LAST_BLOCK_KEY, PAGE_BLOCKS2, false);
    if (record2 === void 0 || firstIndexOf(record2.key) !== first) return null;
    const block = checkedBlock(record2, first);
    if (this.#truncations !== truncations) return block;
    for (const each of behind) {
      const decoded = decodeBlock(each.value);
      if (decoded.kind === "sound" && startsAt(decoded.block, each)) this.#keep(decoded.block);
    }
    this.#keep(block);
    return block;
  }
  /** Everything at or above `from` has just been taken out of the log. */
  truncated(from) {
    this.#truncations += 1;
    for (const block of this.#cache.values()) if (block.end.index >= from) this.#drop(block);
  }
  /** Readers go from block to block: the one that begins at the index, or else the one that was read last. */
  #cached(index) {
    const beginning = this.#cache.get(index);
    const found = beginning ?? (this.#latest !== null && holds2(this.#latest, index) ? this.#latest : null);
    if (found !== null) this.#keep(found);
    return found;
  }
  /** Makes it the most recent one, and drops the oldest beyond the limit. */
  #keep(block) {
    this.#drop(block);
    this.#cache.set(block.previous.index + 1, block);
    this.#cacheBytes += block.value.length;
    this.#latest = block;
    for (const oldest of this.#cache.values()) {
      if (this.#cacheBytes <= this.#cacheBytesMax) return;
      this.#drop(oldest);
    }
  }
  #drop(block) {
    const first = block.previous.index + 1;
    const known = this.#cache.get(first);
    if (known === void 0) return;
    this.#cache.delete(first);
    this.#cacheBytes -= known.value.length;
    if (this.#latest === known) this.#latest = null;
  }
};
function checkedBlock(record2, index) {
  const decoded = decodeBlock(record2.value);
  if (decoded.kind === "unsupported") throw unsupported("a block of the log", decoded.version, BLOCK_VERSION);
  if (decoded.kind === "damaged" || !startsAt(decoded.block, record2)) {
    throw corrupt(`the block of the log that should hold index ${index} fails its checks`);
  }
  return decoded.block;
}
function startsAt(block, { key }) {
  return block.previous.index + 1 === firstIndexOf(key);
}
function holds2(block, index) {
  return block.previous.index < index && index <= block.end.index;
}

// src/storage/state-record.ts
var STATE_VERSION = 1;
var END_AT2 = SEAL_BYTES + 24;
var VOTE_AT = END_AT2 + CHAIN_POINT_BYTES;
function encodeState(state) {
  const vote = Buffer.from(state.hardState.votedFor ?? "", "utf8");
  const record2 = Buffer.allocUnsafe(VOTE_AT + vote.length);
  const view = new DataView(record2.buffer, record2.byteOffset, record2.byteLength);
  setUint53(view, SEAL_BYTES, state.writes);
  setUint53(view, SEAL_BYTES + 8, state.hardState.term);
  setUint53(view, SEAL_BYTES + 16, state.commitHint);
  writeChainPoint(record2, END_AT2, state.end);
  record2.set(vote, VOTE_AT);
  seal(record2, STATE_VERSION);
  return record2;
}
function decodeState(record2) {
  if (record2 === void 0) return { kind: "absent" };
  const sealed = sealState(record2, STATE_VERSION);
  if (sealed.kind !== "sound") return sealed;
  const state = decodeBody2(record2);
  return state === null ? { kind: "damaged" } : { kind: "sound", state };
}
function decodeBody2(record2) {
  if (record2.length < VOTE_AT) return null;
  const view = new DataView(record2.buffer, record2.byteOffset, record2.byteLength);
  const writes = getUint53(view, SEAL_BYTES);
  const term = getUint53(view, SEAL_BYTES + 8);
  const commitHint = getUint53(view, SEAL_BYTES + 16);
  const end2 = readChainPoint(record2, END_AT2);
  if (writes < 0 || term < 0 || commitHint < 0 || end2 === null) return null;
  const vote = Buffer.from(record2.subarray(VOTE_AT)).toString("utf8");
  return { writes, hardState: { term, votedFor: isNodeId3(vote) ? vote : null }, commitHint, end: end2 };
}
function isNodeId3(name2) {
  return name2 !== "";
}

// src/storage/log-store.ts
var BLOCK_BYTES_MAX = 256 * 1024;
var CACHE_BYTES_MAX = 4 * 1024 * 1024;
var PAGE_BLOCKS3 = 64;
var DurableLog = class {
  recovered;
  clusterTimeMs;
  #engine;
  #reader;
  #watermark;
  #blockBytesMax;
  /** Durable, and so is everything before its `end`. */
  #state;
  #busy = false;
  #failure = null;
  #closed = false;
  #onIdle = null;
  constructor(options) {
    this.recovered = options.recovered;
    this.clusterTimeMs = options.clusterTimeMs;
    this.#engine = options.engine;
    this.#reader = new LogReader(options.engine, options.cacheBytesMax);
    this.#watermark = options.watermark((error) => this.#fail(error));
    this.#blockBytesMax = options.blockBytesMax;
    this.#state = options.state;
  }
  write(write3, done) {
    assert(!this.#busy, "one write is in flight at a time");
    assert(!this.#closed, "the log is closed");
    assertContinues(write3, this.#state);
    this.#busy = true;
    const from = write3.truncateFrom;
    if (this.#failure !== null) queueMicrotask(() => this.#finish(done));
    else if (from !== null && from <= this.#state.end.index) this.#truncateAndCommit(from, write3, done);
    else this.#watermark.admit(() => this.#commit(write3, null, done));
  }
  read(from, to, bytesMax, done) {
    const last = Math.min(to, this.#state.end.index);
    callbackify2(() => this.#reader.read(from, last, bytesMax))((error, entries2) => {
      done(error, error === null ? entries2 : []);
    });
  }
  /** Waits for the write in flight and records the watermark; the engine stays open, it belongs to the directory. */
  async close() {
    if (this.#closed) return;
    this.#closed = true;
    await new Promise((resolve2) => {
      if (this.#busy) this.#onIdle = resolve2;
      else resolve2();
    });
    if (this.#failure === null) {
      await new Promise((resolve2) => {
        this.#watermark.flush(resolve2);
      });
      if (this.#failure !== null) throw this.#failure;
    }
    this.#watermark.stop();
  }
  #commit(write3, cut, done) {
    if (this.#failure !== null) {
      this.#finish(done);
      return;
    }
    const start = cut?.end ?? this.#state.end;
    const blocks = packBlocks(start, write3.append, this.#blockBytesMax);
    const state = {
      writes: this.#state.writes + 1,
      hardState: write3.hardState ?? this.#state.hardState,
      commitHint: write3.commitHint,
      end: blocks.at(-1)?.end ?? start
    };
    const puts = [
      ...cut?.puts ?? [],
      ...blocks.map((block) => ({ key: blockKey(block.previous.index + 1), value: block.value })),
      { key: STATE_KEY, value: encodeState(state) }
    ];
    this.#engine.write({ deletes: cut?.deletes ?? [], puts }, (error) => {
      if (error === null) this.#durable(state, cut);
      else this.#fail(error);
      this.#finish(done);
    });
    this.#watermark.recordDurable();
  }
  #durable(state, cut) {
    this.#state = state;
    if (cut !== null) this.#reader.truncated(cut.end.index + 1);
    this.#watermark.batchDurable(state.writes, state.end);
  }
  /** The watermark may not claim what is about to go: it is lowered, durably, to the last block that stays whole. */
  #truncateAndCommit(from, write3, done) {
    callbackify2(() => this.#planCut(from))((error, plan) => {
      if (error === null) {
        this.#watermark.lower(plan.whole, () => this.#commit(write3, plan.cut, done));
      } else {
        this.#fail(error);
        this.#finish(done);
      }
    });
  }
  /** A block that the cut goes through is rewritten with what stays of it, under its own key. */
  async #planCut(from) {
    const block = await this.#reader.blockAt(from);
    if (block === null) throw corrupt(`the block with index ${from} is gone from the log`);
    const whole = block.previous;
    const kept = block.entries.filter((entry) => entry.index < from);
    const deletes = await blockKeysFrom(this.#engine, block.previous.index + 1);
    if (kept.length === 0) return { cut: { end: whole, deletes, puts: [] }, whole };
    const rest = encodeBlock(whole, kept);
    const puts = [{ key: blockKey(whole.index + 1), value: rest.value }];
    return { cut: { end: rest.end, deletes, puts }, whole };
  }
  /** Final: LevelDB goes on to acknowledge what it will lose, so nothing is written after it. */
  #fail(error) {
    this.#failure ??= ioFailed("the log could not be written", error);
    this.#watermark.stop();
  }
  #finish(done) {
    this.#busy = false;
    done(this.#failure);
    this.#onIdle?.();
  }
};
function assertContinues({ truncateFrom: truncateFrom2, append, hardState }, state) {
  const end2 = Math.min(state.end.index, (truncateFrom2 ?? Infinity) - 1);
  assert.equal(append[0]?.index ?? end2 + 1, end2 + 1, "an append continues the log");
  const term = (hardState ?? state.hardState).term;
  assert((append.at(-1)?.term ?? 0) <= term, "no entry is from a term above the current one");
}
async function blockKeysFrom(engine, first) {
  const keys = [];
  for (let from = first; ; ) {
    const page2 = await engine.range(blockKey(from), LAST_BLOCK_KEY, PAGE_BLOCKS3, false);
    keys.push(...page2.map((record2) => record2.key));
    const last = page2.at(-1);
    if (page2.length < PAGE_BLOCKS3 || last === void 0) return keys;
    from = firstIndexOf(last.key) + 1;
  }
}

// src/storage/recovery.ts
var RULES = [
  {
    holds: ({ watermark }) => watermark === null,
    verdict: ({ slots }) => {
      const why = slots === null ? "the watermark file is missing" : "both slots of the watermark file are unreadable";
      return refuse4(recovering(why));
    }
  },
  {
    holds: ({ state }) => state.kind === "damaged",
    verdict: () => refuse4(corrupt("the record of term and vote fails its checks"))
  },
  {
    // LevelDB lost whole batches, a vote perhaps.
    holds: ({ watermark, record: record2 }) => (record2?.writes ?? 0) < (watermark?.writes ?? 0),
    verdict: ({ watermark, record: record2 }) => refuse4(
      recovering(`the log's database is at write ${record2?.writes ?? 0} of at least ${watermark?.writes}`)
    )
  },
  {
    // Every block came with a state record.
    holds: ({ state, scan: scan5 }) => state.kind === "absent" && (scan5.end.index > 0 || scan5.stop.kind !== "end"),
    verdict: () => refuse4(recovering("the record of term and vote is missing"))
  },
  {
    holds: ({ scan: scan5, vouched }) => scan5.end.index < vouched && scan5.stop.kind === "damaged",
    verdict: ({ scan: scan5 }) => refuse4(corrupt(`the log is damaged: ${detailOf(scan5)}`))
  },
  {
    holds: ({ scan: scan5, vouched }) => scan5.end.index < vouched,
    verdict: ({ scan: scan5, vouched }) => refuse4(recovering(`the log ends at index ${scan5.end.index} of at least ${vouched}${gapOf(scan5)}`))
  },
  {
    holds: ({ scan: scan5, watermark, record: record2 }) => !isOnChain(scan5, watermark?.end) || !isOnChain(scan5, record2?.end),
    verdict: ({ vouched }) => refuse4(corrupt(`the log up to index ${vouched} is not the one that was written here`))
  },
  {
    holds: ({ scan: scan5, record: record2 }) => scan5.end.term > (record2?.hardState.term ?? 0),
    verdict: ({ scan: scan5, record: record2 }) => refuse4(
      corrupt(`the log has entries of term ${scan5.end.term}, above the term ${record2?.hardState.term}`)
    )
  },
  {
    holds: ({ scan: scan5 }) => scan5.stop.kind !== "end",
    verdict: ({ scan: scan5 }) => ({ kind: "cut", after: scan5.end, detail: detailOf(scan5) })
  }
];
function judge(evidence) {
  const watermark = evidence.slots?.newest ?? null;
  const record2 = evidence.state.kind === "sound" ? evidence.state.state : null;
  const vouched = Math.max(watermark?.end.index ?? 0, record2?.end.index ?? 0);
  const facts = { ...evidence, watermark, record: record2, vouched };
  return RULES.find((rule) => rule.holds(facts))?.verdict(facts) ?? { kind: "sound" };
}
function refuse4(error) {
  return { kind: "refuse", error };
}
function isOnChain(scan5, point) {
  if (point === void 0) return true;
  const found = scan5.points.get(point.index);
  return found !== void 0 && samePoint(found, point);
}
function detailOf(scan5) {
  return scan5.stop.kind === "end" ? "nothing" : scan5.stop.detail;
}
function gapOf(scan5) {
  return scan5.stop.kind === "gap" ? ` (${scan5.stop.detail})` : "";
}

// src/storage/watermark.ts
import assert2 from "node:assert/strict";
var REST_MS = 10;
var UNRECORDED_MAX = 2;
var DurableWatermark = class {
  #files;
  #schedule;
  #onFailure;
  /** The newest slot on disk. */
  #written;
  #writing = null;
  /** What may be recorded: durable in the log. */
  #durable;
  #afterWriting = null;
  #restScheduled = false;
  #stopped = false;
  constructor(options) {
    this.#files = options.files;
    this.#schedule = options.schedule;
    this.#onFailure = options.onFailure;
    this.#written = options.written;
    this.#durable = options.written;
  }
  /** Calls `start` once a batch may begin: at once, unless two before it are not recorded yet. */
  admit(start) {
    const unrecorded = this.#durable.writes - this.#written.writes;
    if (unrecorded >= UNRECORDED_MAX && this.#writing !== null) this.#whenIdle(start);
    else start();
  }
  /** A batch has been handed to the engine: what was durable before it is recorded beside it. */
  recordDurable() {
    if (this.#writing === null && this.#isBehind()) this.#sync(() => {
    });
  }
  /** The batch is durable and the log ends here. */
  batchDurable(writes, end2) {
    this.#durable = { writes, end: end2 };
    this.#rest();
  }
  /** Before a truncation down to `end`, whose batch comes next: durably claims no more than that. */
  lower(end2, done) {
    this.#durable = { writes: this.#durable.writes, end: end2 };
    this.#whenIdle(() => this.#sync(done));
  }
  /** Records everything durable, while no batch is in flight. */
  flush(done) {
    this.#whenIdle(() => {
      if (this.#isBehind()) this.#sync(done);
      else done();
    });
  }
  /** Nothing is written from here on; a timer that is still out does nothing. */
  stop() {
    this.#stopped = true;
  }
  #isBehind() {
    return this.#written.writes !== this.#durable.writes;
  }
  #rest() {
    if (this.#restScheduled) return;
    this.#restScheduled = true;
    this.#schedule(REST_MS, () => {
      this.#restScheduled = false;
      if (!this.#stopped) this.recordDurable();
    });
  }
  #whenIdle(fn) {
    if (this.#writing === null) {
      fn();
      return;
    }
    assert2.equal(this.#afterWriting, null, "one batch or close at a time waits for the watermark");
    this.#afterWriting = fn;
  }
  #sync(done) {
    assert2.equal(this.#writing, null, "one watermark is written at a time");
    const next = { sequence: this.#written.sequence + 1, ...this.#durable };
    this.#writing = next;
    this.#files.overwrite(WATERMARK_FILE, slotOffset(next), encodeSlot(next), (error) => {
      this.#writing = null;
      if (error === null) this.#written = next;
      else this.#onFailure(error);
      const after = this.#afterWriting;
      this.#afterWriting = null;
      done();
      after?.();
      if (this.#isBehind()) this.#rest();
    });
  }
};

// src/storage/log-opening.ts
var NO_TERM2 = { term: 0, votedFor: null };
async function openLog(options) {
  const { engine, files } = options;
  const start = chainStart(options.incarnation);
  const slots = await findSlots(files);
  const [record2] = await engine.range(STATE_KEY, STATE_KEY, 1, false);
  const found = decodeState(record2?.value);
  if (found.kind === "unsupported")
    throw unsupported("the record of term and vote", found.version, STATE_VERSION);
  const ask2 = [slots?.newest?.end.index ?? 0, found.kind === "sound" ? found.state.end.index : 0];
  const scan5 = await scanLog(engine, start, options.genesisMembership, ask2);
  const verdict2 = judge({ slots, state: found, scan: scan5 });
  if (verdict2.kind === "refuse") throw verdict2.error;
  if (slots?.unreadable === 1)
    options.warn("one slot of the watermark file is unreadable; the other one is used");
  let state = stateAt(scan5, found.kind === "sound" ? found.state : freshState(start));
  if (verdict2.kind === "cut") {
    options.warn(`the log was cut after index ${verdict2.after.index}: ${verdict2.detail}`);
    state = await cutTail(engine, state);
  }
  const written = await recordEnd(files, slots?.newest ?? null, state);
  return new DurableLog({
    engine,
    recovered: recoveredOf(scan5, state),
    clusterTimeMs: scan5.clusterTimeMs,
    state,
    blockBytesMax: options.blockBytesMax ?? BLOCK_BYTES_MAX,
    cacheBytesMax: options.cacheBytesMax ?? CACHE_BYTES_MAX,
    watermark: (onFailure) => new DurableWatermark({ files, schedule: options.schedule, written, onFailure })
  });
}
async function findSlots(files) {
  const file = await files.read(WATERMARK_FILE);
  if (file === null) return null;
  const slots = readSlots(file);
  if (slots.unsupported !== null)
    throw unsupported("the watermark file", slots.unsupported, WATERMARK_VERSION);
  return slots;
}
function freshState(start) {
  return { writes: 0, hardState: NO_TERM2, commitHint: 0, end: start };
}
function stateAt(scan5, record2) {
  return { ...record2, end: scan5.end, commitHint: Math.min(record2.commitHint, scan5.end.index) };
}
async function cutTail(engine, state) {
  const cut = { ...state, writes: state.writes + 1 };
  const deletes = await blockKeysFrom(engine, state.end.index + 1);
  await new Promise((resolve2, reject2) => {
    engine.write({ deletes, puts: [{ key: STATE_KEY, value: encodeState(cut) }] }, (error) => {
      if (error === null) resolve2();
      else reject2(ioFailed("the torn end of the log could not be cut", error));
    });
  });
  return cut;
}
async function recordEnd(files, newest, state) {
  const next = { sequence: (newest?.sequence ?? 0) + 1, writes: state.writes, end: state.end };
  if (newest !== null && newest.writes === next.writes && newest.end.index === next.end.index) return newest;
  await new Promise((resolve2, reject2) => {
    files.overwrite(WATERMARK_FILE, slotOffset(next), encodeSlot(next), (error) => {
      if (error === null) resolve2();
      else reject2(ioFailed("the watermark could not be written", error));
    });
  });
  return next;
}
function recoveredOf(scan5, state) {
  return {
    hardState: state.hardState,
    last: { index: scan5.end.index, term: scan5.end.term },
    terms: scan5.terms,
    memberships: scan5.memberships,
    commitHint: state.commitHint
  };
}

// src/storage/data-directory.ts
async function openDataDirectory(options) {
  const place = (options.disk ?? LOCAL_DISK).at(options.path);
  try {
    return await openPlace(place, options);
  } catch (error) {
    throw folderError(place.path, error);
  }
}
async function openPlace(place, options) {
  const kind = await inspectFolder(place);
  if (kind === "ours") await readIdentity(place, options.nodeId);
  else await assertNothingPromised(place);
  await place.make();
  const warnings = await place.closeToOthers();
  const engine = await place.openLog({ createIfMissing: kind !== "ours" });
  try {
    const found = await readIdentity(place, options.nodeId);
    const identity = found ?? await makeIdentity(place, options);
    return new DataDirectory({ identity, place, engine, schedule: options.schedule, warnings });
  } catch (error) {
    await engine.close();
    throw error;
  }
}
async function readIdentity(place, nodeId3) {
  const record2 = await place.files.read(IDENTITY_FILE);
  if (record2 === null) return null;
  const identity = decodeIdentity(record2, place.path);
  if (identity.nodeId !== nodeId3) throw wrongNode(place.path, identity.nodeId, nodeId3);
  return identity;
}
async function makeIdentity({ files }, options) {
  const incarnation = drawIncarnation(options.randomBytes);
  const identity = { nodeId: options.nodeId, incarnation, genesis: null };
  await files.replace(WATERMARK_FILE, freshSlots(chainStart(incarnation)));
  await files.replace(IDENTITY_FILE, encodeIdentity(identity));
  return identity;
}
var DataDirectory = class {
  #parts;
  #warnings;
  #identity;
  #log = null;
  constructor(parts) {
    this.#parts = parts;
    this.#identity = parts.identity;
    this.#warnings = [...parts.warnings];
  }
  get identity() {
    return this.#identity;
  }
  /** What an operator should read, once the directory and its log are open. */
  get warnings() {
    return this.#warnings;
  }
  /** Durable when it resolves. A node learns one genesis in its life; the same one again changes nothing. */
  async saveGenesis(genesis2) {
    const known = this.#identity.genesis;
    if (known !== null) {
      if (JSON.stringify(known) === JSON.stringify(genesisOf(genesis2))) return;
      throw new QuorateError("WRONG_CLUSTER", `this node belongs to cluster ${known.clusterId} already`);
    }
    const identity = { ...this.#identity, genesis: genesisOf(genesis2) };
    const { files, path: path4 } = this.#parts.place;
    await files.replace(IDENTITY_FILE, encodeIdentity(identity)).catch((error) => {
      throw diskError(path4, error);
    });
    this.#identity = identity;
  }
  /** Once. Rejects with CORRUPT, RECOVERING or FORMAT_UNSUPPORTED when the log is not what was acknowledged, or IO_FAILED. */
  async openLog(genesisMembership2) {
    if (this.#log !== null) throw new Error("the log is open already");
    const { engine, place, schedule } = this.#parts;
    this.#log = await openLog({
      engine,
      files: place.files,
      incarnation: this.#identity.incarnation,
      genesisMembership: genesisMembership2,
      schedule,
      warn: (message) => this.#warnings.push(message)
    }).catch((error) => {
      throw diskError(place.path, error);
    });
    return this.#log;
  }
  /** Closes the log, records where it ends, and gives the lock back. */
  async close() {
    try {
      await this.#log?.close();
    } finally {
      this.#parts.place.close();
      await this.#parts.engine.close();
    }
  }
};
function genesisOf({ clusterId, clusterName, voters }) {
  return { clusterId, clusterName, voters: voters.map(({ id, incarnation }) => ({ id, incarnation })) };
}

// src/transport/clock.ts
import { performance } from "node:perf_hooks";
var systemClock = {
  now: () => performance.now(),
  schedule: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  }
};

// src/transport/frame-socket.ts
import { WebSocket } from "ws";

// src/wire/versions.ts
var CLIENT_PROTOCOL = { min: 1, max: 1 };
var PEER_PROTOCOL = { min: 1, max: 1 };
var CLIENT_SUBPROTOCOL = "quorate.client.v1";
var PEER_SUBPROTOCOL = "quorate.peer.v1";
function negotiate(own, other) {
  const highest = Math.min(own.max, other.max);
  return highest >= Math.max(own.min, other.min) ? highest : null;
}

// src/transport/socket-options.ts
var CLOSE_GOING_AWAY = 1001;
var CLOSE_POLICY = 1008;
var CLOSE_REASON_BYTES_MAX = 123;
var SEGMENT_BYTES = 512;
function socketLimits(frameBytesMax) {
  return {
    perMessageDeflate: false,
    maxPayload: frameBytesMax,
    // Nobody of ours fragments; the default of 16,384 is a way to burn memory with tiny fragments.
    maxFragments: 16,
    // The largest frame must fit when it arrives in small segments: 1,024, as advised, would cut it off at 1.4 MiB.
    maxBufferedChunks: 1024 + Math.ceil(frameBytesMax / SEGMENT_BYTES),
    closeTimeout: 5e3
  };
}
function zeroMask(mask) {
  mask.fill(0);
}
function closeWith(socket, code, reason) {
  const bytes3 = Buffer.from(reason, "utf8").subarray(0, CLOSE_REASON_BYTES_MAX);
  socket.close(code, bytes3.toString("utf8").replace(/\uFFFD+$/u, ""));
}

// src/transport/frame-socket.ts
var dialWebSocket = (address, frameBytesMax) => new WebSocket(`ws://${formatEndpoint(address)}/`, PEER_SUBPROTOCOL, {
  ...socketLimits(frameBytesMax),
  generateMask: zeroMask
});

// src/transport/handshake.ts
var SETTINGS_MUST_BE_EQUAL = ["heartbeatMs", "requestBytesMax"];
function dials(from, to) {
  return from < to;
}
function ownHello(side, expects) {
  return { type: "hello", ...side.self, clusterId: side.genesis?.clusterId ?? null, expects };
}
function judgeHello(own, other) {
  const { self } = own;
  const protocol = negotiate(
    { min: self.protocolMin, max: self.protocolMax },
    { min: other.protocolMin, max: other.protocolMax }
  );
  if (protocol === null) return protocolMismatch(self, other);
  const refused2 = otherCluster(own, other) ?? otherNode(own, other) ?? otherVoters(self, other) ?? otherIncarnation(own.genesis, other) ?? unequalSettings(self, other);
  return refused2 ?? { accept: true, protocol, warnings: settingsWarnings(self, other) };
}
function refuse5(code, message, hint) {
  return { accept: false, code, message, hint };
}
function protocolMismatch(self, other) {
  const range = ({ protocolMin, protocolMax }) => `${protocolMin} to ${protocolMax}`;
  return refuse5(
    "PROTOCOL_MISMATCH",
    `${self.nodeId} speaks peer protocol ${range(self)}, ${other.nodeId} ${range(other)}`,
    "run versions of Quorate that have a protocol version in common on all nodes"
  );
}
function otherCluster({ self, genesis: genesis2 }, other) {
  if (other.clusterName !== self.clusterName) {
    return refuse5(
      "WRONG_CLUSTER",
      `${self.nodeId} belongs to cluster "${self.clusterName}", ${other.nodeId} to "${other.clusterName}"`,
      "give both nodes the same cluster name, or each the addresses of its own cluster"
    );
  }
  if (genesis2 === null || other.clusterId === null || other.clusterId === genesis2.clusterId) return null;
  return refuse5(
    "WRONG_CLUSTER",
    `two clusters are named "${self.clusterName}": ${self.nodeId} belongs to ${genesis2.clusterId}, ${other.nodeId} to ${other.clusterId}`,
    "give each node the addresses of its own cluster, and its own data directory"
  );
}
function otherNode({ self, dialled }, other) {
  if (other.nodeId === self.nodeId) {
    const who = other.incarnation === self.incarnation ? `${self.nodeId} met itself, or a process on a copy of its data directory` : `two nodes call themselves ${self.nodeId}`;
    return refuse5("WRONG_NODE", who, "give every node an id, an address and a data directory of its own");
  }
  if (other.expects !== self.nodeId) {
    return refuse5(
      "WRONG_NODE",
      `${other.nodeId} takes ${self.nodeId} for ${other.expects}`,
      `correct the address of ${other.expects} in the list of peers of ${other.nodeId}`
    );
  }
  if (dialled !== null && other.nodeId !== dialled) {
    return refuse5(
      "WRONG_NODE",
      `the address that ${self.nodeId} has for ${dialled} answers as ${other.nodeId}`,
      `correct the address of ${dialled} in the list of peers of ${self.nodeId}`
    );
  }
  if (!self.voters.includes(other.nodeId)) {
    return refuse5(
      "WRONG_NODE",
      `${other.nodeId} is none of the nodes that ${self.nodeId} knows (${self.voters.join(", ")})`,
      "give all nodes the same list of peers"
    );
  }
  if (dialled !== null || dials(other.nodeId, self.nodeId)) return null;
  return refuse5(
    "PROTOCOL_MISMATCH",
    `${other.nodeId} dialled ${self.nodeId}, but of two nodes the one with the smaller id dials`,
    "run the same version of Quorate on both nodes"
  );
}
function otherVoters(self, other) {
  const own = self.voters.toSorted();
  const theirs = other.voters.toSorted();
  if (own.length === theirs.length && own.every((id, place) => id === theirs[place])) return null;
  return refuse5(
    "WRONG_CLUSTER",
    `${self.nodeId} has the voters ${own.join(", ")}; ${other.nodeId} has ${theirs.join(", ")}`,
    "give all nodes the same list of peers"
  );
}
function otherIncarnation(genesis2, other) {
  if (genesis2 === null) return null;
  const known = genesis2.voters.find((voter) => voter.id === other.nodeId)?.incarnation;
  if (known === other.incarnation) return null;
  const what = other.clusterId === null ? "a fresh data directory" : "another data directory";
  return refuse5(
    "INCARNATION_FENCED",
    `${other.nodeId} runs on ${what}, not on the one with which it joined cluster ${genesis2.clusterId}`,
    `start ${other.nodeId} on its own data directory; only if no data of this cluster is to be kept, stop all nodes, remove all their data directories and start again`
  );
}
function unequalSettings(self, other) {
  const unequal = SETTINGS_MUST_BE_EQUAL.filter((name2) => {
    const [own, theirs] = [self.settings[name2], other.settings[name2]];
    return own !== void 0 && theirs !== void 0 && own !== theirs;
  });
  if (unequal.length === 0) return null;
  return refuse5(
    "CONFIG_INVALID",
    unequal.map((name2) => differs(name2, self, other)).join("; "),
    `give ${unequal.join(", ")} the same value on all nodes`
  );
}
function settingsWarnings(self, other) {
  const names = /* @__PURE__ */ new Set([...Object.keys(self.settings), ...Object.keys(other.settings)]);
  return [...names].toSorted().filter((name2) => self.settings[name2] !== other.settings[name2]).map((name2) => differs(name2, self, other));
}
function differs(name2, self, other) {
  const printed = ({ settings: settings2 }) => settings2[name2] ?? "unset";
  return `${name2} is ${printed(self)} on ${self.nodeId} and ${printed(other)} on ${other.nodeId}`;
}

// src/transport/link-tuning.ts
var MIB2 = 1024 * 1024;
var LINK_TUNING = {
  dialTimeoutMs: 300,
  backoffMinMs: 20,
  backoffMaxMs: 300,
  silentHeartbeatsMax: 5,
  stalledHeartbeatsMax: 40,
  /** About 8 ms on a link of 1 Gbit/s: what comes behind waits no longer than that for one frame. */
  frameBytesTarget: 1 * MIB2,
  /** Twice what raft keeps in flight to one follower (8 MiB): above it, appends are repeats of repeats. */
  bufferedBytesSoft: 16 * MIB2,
  bufferedBytesHard: 32 * MIB2
};

// src/transport/dialler.ts
var Dialler = class {
  #options;
  #handlers;
  #state = { name: "stopped" };
  #failures = 0;
  #attempts = 0;
  constructor(options, handlers) {
    this.#options = options;
    this.#handlers = handlers;
  }
  get attempts() {
    return this.#attempts;
  }
  start() {
    if (this.#state.name === "stopped") this.#dial();
  }
  stop() {
    const state = this.#state;
    this.#state = { name: "stopped" };
    if (state.name === "waiting" || state.name === "dialling") state.cancel();
    if (state.name === "dialling") state.socket.terminate();
  }
  /** The link is up: the next loss starts with the shortest pause. */
  succeeded() {
    this.#failures = 0;
  }
  /** The socket that was handed over is gone. */
  redial() {
    if (this.#state.name === "connected") this.#wait();
  }
  #dial() {
    this.#attempts += 1;
    const { address, frameBytesMax, tuning, clock } = this.#options;
    const socket = this.#options.dial(address, frameBytesMax);
    let foreign2 = null;
    let abandoned = false;
    const abandon = () => {
      abandoned = true;
      socket.terminate();
    };
    const cancel = clock.schedule(tuning.dialTimeoutMs, abandon);
    this.#state = { name: "dialling", socket, cancel };
    socket.on("unexpected-response", (_request, { statusCode = 0 }) => {
      if (statusCode < 500) foreign2 = `HTTP status ${statusCode}`;
      abandon();
    });
    socket.on("error", (error) => {
      if (!abandoned && !isNetworkError(error)) foreign2 = error.message;
    });
    socket.on("close", () => {
      cancel();
      if (this.#state.name !== "dialling" || this.#state.socket !== socket) return;
      if (foreign2 !== null) this.#handlers.onForeign(foreign2);
      this.#wait();
    });
    socket.on("open", () => {
      cancel();
      this.#state = { name: "connected" };
      this.#handlers.onOpen(socket);
    });
  }
  #wait() {
    const { backoffMinMs, backoffMaxMs } = this.#options.tuning;
    const pauseMs = Math.min(backoffMaxMs, backoffMinMs * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, 16);
    const delayMs = pauseMs * (0.5 + this.#options.random() / 2);
    this.#state = { name: "waiting", cancel: this.#options.clock.schedule(delayMs, () => this.#dial()) };
  }
};
function isNetworkError(error) {
  return "code" in error && !String(error.code).startsWith("HPE_");
}

// src/transport/outbox.ts
var Outbox = class {
  #limits;
  #messages = [];
  #sizes = [];
  #bytes = 0;
  constructor(limits2) {
    this.#limits = limits2;
  }
  /** Estimated. */
  get bytes() {
    return this.#bytes;
  }
  /** `inSocket`: bytes that the kernel has not taken yet. */
  push(message, inSocket) {
    const waiting = this.#bytes + inSocket;
    if (waiting > this.#limits.bufferedBytesHard) return message.type === "raft" ? "dropped" : "overflow";
    if (waiting > this.#limits.bufferedBytesSoft && isBulk(message)) return "dropped";
    const bytes3 = estimatedBytes(message);
    this.#messages.push(message);
    this.#sizes.push(bytes3);
    this.#bytes += bytes3;
    return "queued";
  }
  /** Everything, in order, as the messages of one frame, or of several when one would be too large. */
  take() {
    const [messages, sizes] = [this.#messages, this.#sizes];
    const whole = this.#bytes <= this.#limits.frameBytesTarget;
    this.#messages = [];
    this.#sizes = [];
    this.#bytes = 0;
    if (messages.length === 0) return [];
    return whole ? [messages] : split(messages, sizes, this.#limits.frameBytesTarget);
  }
};
function split(messages, sizes, bytesTarget) {
  const frames = [];
  let open3 = [];
  let openBytes = 0;
  messages.forEach((message, place) => {
    const bytes3 = sizes[place] ?? 0;
    if (open3.length > 0 && openBytes + bytes3 > bytesTarget) {
      frames.push(open3);
      open3 = [];
      openBytes = 0;
    }
    open3.push(message);
    openBytes += bytes3;
  });
  return [...frames, open3];
}
var HEAD_BYTES = 128;
var ENTRY_HEAD_BYTES = 32;
var REQUEST_HEAD_BYTES = 32;
var RESULT_BYTES = 64;
function estimatedBytes(message) {
  switch (message.type) {
    case "raft":
      return HEAD_BYTES + entryBytes2(message.message);
    case "forward":
      return message.requests.reduce(
        (sum, { operation }) => sum + REQUEST_HEAD_BYTES + operation.length,
        HEAD_BYTES
      );
    case "forwarded":
      return message.results.reduce(
        (sum, result) => sum + RESULT_BYTES + (result.accepted ? 0 : result.message.length),
        HEAD_BYTES
      );
    case "genesis":
      return HEAD_BYTES + message.genesis.voters.length * RESULT_BYTES;
    case "hello":
    case "refuse":
    case "readIndex":
    case "readIndexReply":
    case "ping":
      return HEAD_BYTES;
  }
}
function entryBytes2(message) {
  if (message.type !== "append" && message.type !== "pullReply") return 0;
  return message.entries.reduce(
    (sum, entry) => sum + ENTRY_HEAD_BYTES + (entry.kind === "command" ? entry.data.length : 0),
    0
  );
}
function isBulk(message) {
  return message.type === "raft" && entryBytes2(message.message) > 0;
}

// src/transport/peer-link.ts
var PING = [{ type: "ping" }];
var PeerLink = class {
  /** The peer that we dialled; null when it dialled us. */
  dialled;
  counters = {
    framesSent: 0,
    framesReceived: 0,
    bytesSent: 0,
    bytesReceived: 0,
    messagesSent: 0,
    messagesReceived: 0,
    messagesDropped: 0
  };
  #socket;
  #owner;
  #outbox;
  #phase = { name: "greeting" };
  #silentTicks = 0;
  #stalledTicks = 0;
  #sentSinceTick = false;
  constructor(socket, dialled, owner) {
    this.dialled = dialled;
    this.#socket = socket;
    this.#owner = owner;
    this.#outbox = new Outbox(owner.tuning);
    socket.on("message", (data, isBinary) => this.#received(data, isBinary));
    socket.on("close", () => this.#end("closed"));
    socket.on("error", (error) => this.#broken(error));
    if (dialled !== null) this.#sendFrame([owner.helloTo(dialled)]);
  }
  /** What the peer said of itself, once we accepted it. */
  get hello() {
    return this.#phase.name === "greeting" ? null : this.#phase.hello;
  }
  get isUp() {
    return this.#phase.name === "up";
  }
  /** Whether the peer was heard within about a heartbeat. */
  get isLively() {
    return this.isUp && this.#silentTicks <= 1;
  }
  /** Waiting here and in the socket. */
  get bufferedBytes() {
    return this.#outbox.bytes + this.#socket.bufferedAmount;
  }
  /** Queues until `flush`; false if the message was dropped. */
  send(message) {
    if (!this.isUp) return false;
    const queued = this.#outbox.push(message, this.#socket.bufferedAmount);
    if (queued === "dropped") this.counters.messagesDropped += 1;
    if (queued === "overflow") this.cut("overflow");
    return queued === "queued";
  }
  flush() {
    if (!this.isUp) return;
    for (const messages of this.#outbox.take()) this.#sendFrame(messages);
  }
  /** Once a heartbeat. Counted in ticks, not in time: after a pause of our own, what lies in the socket is read first. */
  tick() {
    if (this.#hasEnded()) return;
    const { silentHeartbeatsMax, stalledHeartbeatsMax, bufferedBytesHard } = this.#owner.tuning;
    this.#silentTicks += 1;
    if (this.#silentTicks > silentHeartbeatsMax) return this.cut("silent");
    this.#stalledTicks = this.bufferedBytes > bufferedBytesHard ? this.#stalledTicks + 1 : 0;
    if (this.#stalledTicks > stalledHeartbeatsMax) return this.cut("stalled");
    if (this.isUp && !this.#sentSinceTick) this.#sendFrame(PING);
    this.#sentSinceTick = false;
  }
  /** Ends it without a word: the other side is not listening, or must hear it at once. */
  cut(reason) {
    this.#end(reason);
    this.#socket.terminate();
  }
  /** Ends it with a word of why. */
  refuse(hello, refusal) {
    if (this.#phase.name === "ended") return;
    const { code, message, hint } = refusal;
    this.#sendFrame([{ type: "refuse", code, message: `${message}; ${hint}` }]);
    closeWith(this.#socket, CLOSE_POLICY, code);
    this.#owner.refused(hello, refusal);
    this.#end("refused");
  }
  /** Says goodbye. */
  stop() {
    this.flush();
    closeWith(this.#socket, CLOSE_GOING_AWAY, "the node is stopping");
    this.#end("stopping");
  }
  #received(data, isBinary) {
    if (this.#phase.name === "ended") return;
    if (!isBinary || !(data instanceof Uint8Array)) return this.#invalid("a text frame");
    this.#silentTicks = 0;
    this.counters.framesReceived += 1;
    this.counters.bytesReceived += data.length;
    const decoded = decodePeerFrame(data, this.#owner);
    if (!decoded.ok) return this.#invalid(decoded.reason);
    const messages = decoded.value;
    this.counters.messagesReceived += messages.length;
    let place = 0;
    while (!this.isUp) {
      const message = messages[place];
      if (message === void 0) return;
      if (this.#handshake(message) === "ended") return;
      if (!this.isUp || message.type === "hello") place += 1;
    }
    this.#deliver(place === 0 ? messages : messages.slice(place));
  }
  #handshake(message) {
    const isStranger = this.#phase.name === "greeting" && this.dialled === null;
    if (message.type === "refuse" && !isStranger) this.#told(message);
    else if (this.#phase.name === "greeting" && message.type === "hello") this.#greeted(message);
    else if (this.#phase.name === "confirming" && message.type !== "hello") this.#becomeUp(this.#phase.hello);
    else this.#invalid(`${message.type} while ${this.#phase.name}`);
    return this.#hasEnded() ? "ended" : "going on";
  }
  #hasEnded() {
    return this.#phase.name === "ended";
  }
  #greeted(hello) {
    const verdict2 = this.#owner.judge(this, hello);
    if (!verdict2.accept) return this.refuse(hello, verdict2);
    this.#owner.settings(hello, verdict2.warnings);
    if (this.dialled !== null) {
      this.#sendFrame(PING);
      return this.#becomeUp(hello);
    }
    this.#phase = { name: "confirming", hello };
    this.#owner.claimed(this, hello);
    this.#sendFrame([this.#owner.helloTo(hello.nodeId)]);
  }
  #becomeUp(hello) {
    this.#phase = { name: "up", hello };
    this.#owner.up(hello);
  }
  #deliver(messages) {
    const payload = messages.every(isPayload) ? messages : messages.filter(isPayload);
    if (payload.length > 0) this.#owner.messages(this, payload);
    if (payload.length === messages.length) return;
    for (const message of messages) {
      if (message.type === "refuse") return this.#told(message);
      if (message.type === "hello") return this.#invalid("a second hello");
    }
  }
  #told(refusal) {
    if (this.#hasEnded()) return;
    this.#owner.told(this, refusal);
    closeWith(this.#socket, CLOSE_POLICY, refusal.code);
    this.#end("refused");
  }
  #invalid(reason) {
    if (this.#hasEnded()) return;
    this.#owner.invalid(this, reason);
    closeWith(this.#socket, CLOSE_POLICY, `FRAME_INVALID: ${reason}`);
    this.#end("invalid");
  }
  /** ws has found a frame that breaks the protocol or its limits and closes by itself, or the socket failed. */
  #broken(error) {
    if (this.#hasEnded() || !("code" in error) || !String(error.code).startsWith("WS_ERR_")) return;
    this.#owner.invalid(this, error.message);
    this.#end("invalid");
  }
  #end(reason) {
    if (this.#phase.name === "ended") return;
    const wasUp = this.isUp;
    this.#phase = { name: "ended", hello: this.hello };
    this.#owner.ended(this, reason, wasUp);
  }
  #sendFrame(messages) {
    const frame = encodePeerMessages(messages);
    this.#sentSinceTick = true;
    this.counters.framesSent += 1;
    this.counters.bytesSent += frame.length;
    this.counters.messagesSent += messages.length;
    this.#socket.send(frame);
  }
};
function isPayload(message) {
  return message.type !== "ping" && message.type !== "refuse" && message.type !== "hello";
}

// src/transport/warnings.ts
var REPEAT_MS = 3e4;
var REMEMBERED_MAX = 256;
var WarningFilter = class {
  #saidAt = /* @__PURE__ */ new Map();
  passes(warning, nowMs) {
    const key = `${warning.kind} ${warning.peer ?? ""} ${warning.message}`;
    const saidAt = this.#saidAt.get(key);
    if (saidAt !== void 0 && nowMs - saidAt < REPEAT_MS) return false;
    if (this.#saidAt.size >= REMEMBERED_MAX) this.#saidAt.clear();
    this.#saidAt.set(key, nowMs);
    return true;
  }
};

// src/transport/peer-links.ts
var CONTESTS_MAX = 2;
var CONTEST_WINDOW_HEARTBEATS = 40;
var CLOSE_BOUND_MS = 1e3;
var PeerLinks = class {
  #options;
  #handlers;
  #clock;
  #tuning;
  #owner;
  #slots = /* @__PURE__ */ new Map();
  /** Every connection that is not quite gone, strangers included. */
  #connections = /* @__PURE__ */ new Map();
  #warnings = new WarningFilter();
  #genesis;
  #state = "new";
  #cancelTick = () => {
  };
  #ticks = 0;
  #refused = 0;
  #invalidFrames = 0;
  #messagesDropped = 0;
  constructor(options, handlers) {
    this.#options = options;
    this.#handlers = handlers;
    this.#clock = options.clock ?? systemClock;
    this.#tuning = { ...LINK_TUNING, ...options.tuning };
    this.#genesis = options.genesis;
    this.#owner = this.#ownLinks();
    for (const { id, address } of options.peers) {
      if (id !== options.self.nodeId) this.#slots.set(id, this.#newSlot(id, address));
    }
    for (const id of options.self.voters) {
      if (id !== options.self.nodeId && !this.#slots.has(id))
        throw new Error(`no address for the voter ${id}`);
    }
  }
  /** Dials whom we dial; the others come by `accept`. */
  start() {
    if (this.#state !== "new") throw new Error(`peer links are ${this.#state}`);
    this.#state = "running";
    for (const slot2 of this.#slots.values()) slot2.dialler?.start();
    this.#cancelTick = this.#clock.schedule(this.#options.heartbeatMs, this.#tick);
  }
  /** For the listener's `onConnection`. */
  accept = (socket) => {
    if (this.#state === "closed") socket.terminate();
    else this.#connect(socket, null);
  };
  isUp(peer) {
    return this.#slots.get(peer)?.link?.isUp ?? false;
  }
  /** Queues; false if there is no link or the message was dropped. */
  send(peer, message) {
    return this.#slots.get(peer)?.link?.send(message) ?? false;
  }
  /** Once a turn: what was queued for a peer leaves in one frame (or a few, if it is more than about 1 MiB). */
  flush() {
    for (const { link: link2 } of this.#slots.values()) link2?.flush();
  }
  /** From now on our hello carries this cluster. Links stay, unless their peer is not in it. */
  setGenesis(genesis2) {
    this.#genesis = genesis2;
    for (const { link: link2 } of this.#slots.values()) {
      const hello = link2?.hello ?? null;
      if (link2 === null || hello === null) continue;
      const verdict2 = this.#owner.judge(link2, hello);
      if (!verdict2.accept) link2.refuse(hello, verdict2);
    }
  }
  stats() {
    const peers = [...this.#slots.values()].map(({ id, dialler, link: link2, downs, lastDown }) => ({
      id,
      up: link2?.isUp ?? false,
      bufferedBytes: link2?.bufferedBytes ?? 0,
      link: link2?.isUp === true ? { ...link2.counters } : null,
      downs,
      lastDown,
      dialAttempts: dialler?.attempts ?? 0
    }));
    const dropped = peers.reduce(
      (sum, { link: link2 }) => sum + (link2?.messagesDropped ?? 0),
      this.#messagesDropped
    );
    return {
      peers,
      refused: this.#refused,
      invalidFrames: this.#invalidFrames,
      messagesDropped: dropped
    };
  }
  /** Sends what is queued, says goodbye, and cuts whoever does not answer within the bound. No handler is called. */
  async close(boundMs = CLOSE_BOUND_MS) {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#cancelTick();
    for (const { dialler } of this.#slots.values()) dialler?.stop();
    const open3 = [...this.#connections];
    const gone = open3.map(([socket]) => new Promise((resolve2) => socket.on("close", () => resolve2())));
    for (const [, link2] of open3) link2.stop();
    const cancel = this.#clock.schedule(boundMs, () => {
      for (const [socket] of open3) socket.terminate();
    });
    await Promise.all(gone);
    cancel();
  }
  #newSlot(id, address) {
    const { self, frameBytesMax, random } = this.#options;
    const dial = this.#options.dial ?? dialWebSocket;
    const options = { address, frameBytesMax, random, clock: this.#clock, tuning: this.#tuning, dial };
    const handlers = {
      onOpen: (socket) => {
        slot2.link = this.#connect(socket, id);
      },
      onForeign: (reason) => this.#warn(foreign(id, address, reason))
    };
    const dialler = dials(self.nodeId, id) ? new Dialler(options, handlers) : null;
    const slot2 = { id, dialler, link: null, downs: 0, lastDown: null, contests: 0 };
    return slot2;
  }
  #connect(socket, dialled) {
    const link2 = new PeerLink(socket, dialled, this.#owner);
    this.#connections.set(socket, link2);
    socket.on("close", () => this.#connections.delete(socket));
    return link2;
  }
  #tick = () => {
    this.#cancelTick = this.#clock.schedule(this.#options.heartbeatMs, this.#tick);
    this.#ticks += 1;
    const isNewWindow = this.#ticks % CONTEST_WINDOW_HEARTBEATS === 0;
    for (const slot2 of this.#slots.values()) {
      slot2.link?.tick();
      if (isNewWindow) slot2.contests = 0;
    }
  };
  #ownLinks() {
    const { self, frameBytesMax } = this.#options;
    return {
      tuning: this.#tuning,
      frameBytesMax,
      judge: ({ dialled }, hello) => judgeHello({ self, genesis: this.#genesis, dialled }, hello),
      helloTo: (peer) => ownHello({ self, genesis: this.#genesis }, peer),
      claimed: (link2, hello) => this.#claimed(link2, this.#slotOf(hello.nodeId)),
      up: (hello) => {
        this.#slotOf(hello.nodeId).dialler?.succeeded();
        this.#handlers.onUp(hello.nodeId, hello);
      },
      messages: (link2, messages) => this.#handlers.onMessages(peerOf(link2) ?? "", messages),
      settings: (hello, sentences) => {
        for (const message of sentences) {
          this.#warn({ kind: "settings", peer: hello.nodeId, code: "CONFIG_INVALID", message });
        }
      },
      refused: (hello, { code, message, hint }) => {
        this.#refused += 1;
        this.#warn({ kind: "refused", peer: hello.nodeId, code, message: `${message}; ${hint}` });
      },
      told: (link2, { code, message }) => this.#warn({ kind: "refusedByPeer", peer: peerOf(link2), code, message }),
      invalid: (link2, reason) => {
        this.#invalidFrames += 1;
        this.#warn({ kind: "invalidFrame", peer: peerOf(link2), code: "FRAME_INVALID", message: reason });
      },
      ended: (link2, reason, wasUp) => this.#ended(link2, reason, wasUp)
    };
  }
  #claimed(link2, slot2) {
    const old = slot2.link;
    slot2.link = link2;
    if (old === null) return;
    if (old.isLively) slot2.contests += 1;
    old.cut("replaced");
    if (slot2.contests > CONTESTS_MAX) this.#warn(contested(slot2.id));
  }
  #ended(link2, reason, wasUp) {
    this.#messagesDropped += link2.counters.messagesDropped;
    const peer = peerOf(link2);
    const slot2 = peer === null ? void 0 : this.#slots.get(peer);
    if (slot2 === void 0 || this.#state === "closed") return;
    if (slot2.link === link2) slot2.link = null;
    if (link2.dialled !== null) slot2.dialler?.redial();
    if (!wasUp) return;
    slot2.downs += 1;
    slot2.lastDown = reason;
    this.#handlers.onDown(slot2.id, reason);
  }
  /** Only accepted hellos come here, and those are of voters. */
  #slotOf(id) {
    const slot2 = this.#slots.get(id);
    if (slot2 === void 0) throw new Error(`no slot for ${id}`);
    return slot2;
  }
  #warn(warning) {
    if (this.#state === "closed" || !this.#warnings.passes(warning, this.#clock.now())) return;
    this.#handlers.onWarning(warning);
  }
};
function peerOf(link2) {
  return link2.dialled ?? link2.hello?.nodeId ?? null;
}
function foreign(peer, address, reason) {
  const message = `${formatEndpoint(address)}, the address of ${peer}, does not answer as a peer port (${reason}); give the address of its peer port, and allow its host name there`;
  return { kind: "foreign", peer, code: "WRONG_NODE", message };
}
function contested(peer) {
  const message = `two processes take turns as ${peer}, with the same data directory or a copy of it; stop the one that is not meant to run`;
  return { kind: "contested", peer, code: "WRONG_NODE", message };
}

// src/server/host.ts
var machineClock = {
  now: () => Math.floor(performance2.now()),
  schedule: systemClock.schedule,
  endOfTurn: (task) => {
    const immediate = setImmediate(task);
    return () => clearImmediate(immediate);
  }
};
function randomUint32(host) {
  const [a = 0, b = 0, c = 0, d = 0] = host.randomBytes(4);
  return (a << 24 | b << 16 | c << 8 | d) >>> 0;
}

// src/wire/acknowledged-operation.ts
var FORMAT2 = 2;
var HEADER_BYTES3 = 3;
function decodeAcknowledged(bytes3, limits2) {
  if (bytes3[0] !== FORMAT2) return withBack(null, decodeOperation(bytes3, limits2));
  const back2 = 256 * (bytes3[1] ?? 0) + (bytes3[2] ?? 0);
  if (back2 === 0) return refuse("INVALID_ARGUMENT", "a request does not acknowledge its own reply");
  return withBack(back2, decodeOperation(bytes3.subarray(HEADER_BYTES3), limits2));
}
function withBack(back2, decoded) {
  return decoded.ok ? { ok: true, value: { back: back2, operation: decoded.value } } : decoded;
}

// src/wire/envelope.ts
var FORMAT3 = 1;
var KIND_REQUESTS = 1;
var TIME_OFFSET = 2;
var COUNT_OFFSET = 10;
var HEADER_BYTES4 = 14;
var USER_BYTES_MAX = 65535;
var REQUEST_HEADER_BYTES = 8 + 8 + 8 + 2 + 4;
var ANY_SIZE2 = { keyBytesMax: Number.MAX_SAFE_INTEGER, valueBytesMax: Number.MAX_SAFE_INTEGER };
var utf8Encoder = new TextEncoder();
var utf8Decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
var NOBODY = new Uint8Array(0);
function envelopeBytes(requests) {
  let bytes3 = HEADER_BYTES4;
  for (const request of requests) {
    bytes3 += REQUEST_HEADER_BYTES + bytesOfUser(request.user).length + request.operation.length;
  }
  return bytes3;
}
function encodeEnvelope(clusterTimeMs, requests) {
  const target = allocate(envelopeBytes(requests));
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
  view.setUint8(0, FORMAT3);
  view.setUint8(1, KIND_REQUESTS);
  setUint53(view, TIME_OFFSET, clusterTimeMs);
  view.setUint32(COUNT_OFFSET, requests.length);
  let at = HEADER_BYTES4;
  for (const { session, sequence, user, authRevision, operation } of requests) {
    const userBytes = bytesOfUser(user);
    view.setBigInt64(at, session);
    setUint53(view, at + 8, sequence);
    setUint53(view, at + 16, authRevision);
    view.setUint16(at + 24, userBytes.length);
    target.set(userBytes, at + 26);
    at += 26 + userBytes.length;
    view.setUint32(at, operation.length);
    target.set(operation, at + 4);
    at += 4 + operation.length;
  }
  return target;
}
function bytesOfUser(user) {
  if (user === "") return NOBODY;
  const bytes3 = utf8Encoder.encode(user);
  if (bytes3.length > USER_BYTES_MAX) throw new Error(`a user name of ${bytes3.length} bytes`);
  return bytes3;
}
function decodeEnvelope(data) {
  const view = checkedView(data);
  const count2 = view.getUint32(COUNT_OFFSET);
  const requests = [];
  let at = HEADER_BYTES4;
  for (let ordinal = 0; ordinal < count2; ordinal += 1) {
    const userBytes = view.getUint16(at + 24);
    const user = userBytes === 0 ? "" : utf8Decoder.decode(data.subarray(at + 26, at + 26 + userBytes));
    const operationAt = at + REQUEST_HEADER_BYTES + userBytes;
    const end2 = operationAt + view.getUint32(operationAt - 4);
    const decoded = decodeAcknowledged(data.subarray(operationAt, end2), ANY_SIZE2);
    if (!decoded.ok) throw new Error(`request ${ordinal} of an envelope: ${decoded.message}`);
    const { back: back2, operation } = decoded.value;
    const sequence = checkedUint53(view, at + 8);
    requests.push({
      session: view.getBigInt64(at),
      sequence,
      acknowledgedThrough: back2 === null ? 0 : Math.max(0, sequence - back2),
      user,
      authRevision: checkedUint53(view, at + 16),
      operation
    });
    at = end2;
  }
  if (at !== data.length) throw new Error("something follows the last request of an envelope");
  return { clusterTimeMs: checkedUint53(view, TIME_OFFSET), requests };
}
function peekClusterTime(data) {
  return checkedUint53(checkedView(data), TIME_OFFSET);
}
function checkedUint53(view, at) {
  const value = getUint53(view, at);
  if (value < 0) throw new Error(`no safe integer at offset ${at} of an envelope`);
  return value;
}
function checkedView(data) {
  if (data.length < HEADER_BYTES4) throw new Error(`an envelope of ${data.length} bytes`);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const format = view.getUint8(0);
  if (format !== FORMAT3) throw new Error(`envelope format ${format} is not known here`);
  const kind = view.getUint8(1);
  if (kind !== KIND_REQUESTS) throw new Error(`envelope kind ${kind} is not known here`);
  return view;
}

// src/server/member-directory.ts
var MemberDirectory = class {
  #view;
  #members;
  #addresses = /* @__PURE__ */ new Map();
  constructor(view, members) {
    this.#view = view;
    this.#members = members;
    for (const { id, client } of members) this.#addresses.set(id, client);
  }
  /** True if that was news. */
  learn(id, client) {
    if (this.#addresses.get(id) === client) return false;
    this.#addresses.set(id, client);
    return true;
  }
  topology() {
    return {
      term: this.#view.term,
      leader: this.#view.leader,
      members: this.#members.map(({ id }) => ({ id, client: this.#addresses.get(id) ?? "" }))
    };
  }
};

// src/server/query-limits.ts
var NOT_SERVED = /* @__PURE__ */ new Set([
  "sessionOpen",
  "sessionRenew",
  "sessionClose",
  "sessionExpire",
  "resolve",
  "leaseGrant",
  "leaseRenew",
  "leaseRevoke",
  "leaseExpire"
]);
function checkOperation(bytes3, limits2) {
  const decoded = decodeOperation(bytes3, limits2);
  if (!decoded.ok) return decoded;
  if (NOT_SERVED.has(decoded.value.type)) {
    const message = `this version of Quorate does not serve ${decoded.value.type}`;
    return { ok: false, code: "INVALID_ARGUMENT", message };
  }
  if (decoded.value.type !== "txn") return decoded;
  const flaw = checkTxn(decoded.value);
  return flaw === null ? decoded : { ok: false, ...flaw };
}
function checkQuery(query2, limits2) {
  if (query2.type === "past") return checkQuery(query2.read, limits2);
  if (query2.type === "txn") {
    const checked = checkOperation(encodeOperation(query2), limits2);
    return checked.ok ? null : checked;
  }
  const keys = query2.type === "get" ? query2.keys : query2.range.end === null ? [query2.range.start] : [];
  if (query2.type === "get" && keys.length > limits2.pageRecordsMax) {
    const message = `${keys.length} keys in one read; the most is ${limits2.pageRecordsMax}`;
    return { code: "REQUEST_TOO_LARGE", message };
  }
  for (const key of keys) {
    if (key.length === 0) return { code: "INVALID_ARGUMENT", message: "a key has at least one byte" };
    if (key.length > limits2.keyBytesMax) {
      const message = `a key of ${key.length} bytes; the most is ${limits2.keyBytesMax}`;
      return { code: "KEY_TOO_LARGE", message };
    }
  }
  return null;
}

// src/server/requests.ts
var REQUEST_OVERHEAD_BYTES = 256;
var RequestTable = class {
  #open = /* @__PURE__ */ new Map();
  #bytes = 0;
  #count = 0;
  /** Not later than the earliest deadline of all open requests. */
  #nextDeadline = Number.POSITIVE_INFINITY;
  get bytes() {
    return this.#bytes;
  }
  get count() {
    return this.#count;
  }
  get nextDeadline() {
    return this.#nextDeadline;
  }
  openConnection(connection) {
    this.#open.set(connection, /* @__PURE__ */ new Map());
  }
  inFlight(connection) {
    return this.#open.get(connection)?.size ?? 0;
  }
  has(connection, id) {
    return this.#open.get(connection)?.has(id) ?? false;
  }
  add(request) {
    const requests = this.#open.get(request.connection);
    if (requests === void 0) throw new Error(`request on unknown connection ${request.connection}`);
    requests.set(request.id, request);
    this.#count += 1;
    this.#bytes += heldBytes(request);
    this.#nextDeadline = Math.min(this.#nextDeadline, request.deadline);
  }
  /** True when it was open until now: the caller owes the one answer. */
  settle(request) {
    if (request.settled) return false;
    request.settled = true;
    this.#open.get(request.connection)?.delete(request.id);
    this.#count -= 1;
    this.#bytes -= heldBytes(request);
    return true;
  }
  find(connection, id) {
    return this.#open.get(connection)?.get(id);
  }
  /** Nobody listens any more: what is open is settled without an answer. */
  closeConnection(connection) {
    for (const request of this.#open.get(connection)?.values() ?? []) this.settle(request);
    this.#open.delete(connection);
  }
  /** Open requests whose deadline has come. */
  expired(now) {
    if (now < this.#nextDeadline) return [];
    const expired = [];
    this.#nextDeadline = Number.POSITIVE_INFINITY;
    for (const request of this.all()) {
      if (request.deadline <= now) expired.push(request);
      else this.#nextDeadline = Math.min(this.#nextDeadline, request.deadline);
    }
    return expired;
  }
  *all() {
    for (const requests of this.#open.values()) yield* requests.values();
  }
};
function heldBytes(request) {
  return REQUEST_OVERHEAD_BYTES + (request.kind === "write" ? request.operation.length : queryBytes(request.query));
}
function queryBytes(query2) {
  if (query2.type === "txn") return encodeOperation(query2).length;
  if (query2.type === "past") return queryBytes(query2.read);
  if (query2.type === "scan") return query2.range.start.length + (query2.range.end?.length ?? 0);
  let bytes3 = 0;
  for (const key of query2.keys) bytes3 += key.length;
  return bytes3;
}

// src/server/client-sessions.ts
var TIMEOUT_MS_MAX = 6e4;
var SILENCE_MS_MAX = 3e4;
var HELD_BYTES_MAX = 256 * 1024 * 1024;
var RETRY_AFTER_MS = 50;
var ClientSessions = class {
  #view;
  #machine;
  #ports;
  #writes;
  #reads;
  #facts;
  #limits;
  #requests = new RequestTable();
  #sessions = /* @__PURE__ */ new Map();
  #members;
  #silenceCheckAt = 0;
  #leaving = false;
  constructor(view, machine, ports, writes, reads2, options) {
    this.#view = view;
    this.#machine = machine;
    this.#ports = ports;
    this.#writes = writes;
    this.#reads = reads2;
    this.#facts = options.facts;
    this.#limits = options.limits;
    this.#members = new MemberDirectory(view, options.facts.members);
  }
  get openRequests() {
    return this.#requests.count;
  }
  get connectionCount() {
    return this.#sessions.size;
  }
  get wakeAt() {
    return Math.min(
      this.#requests.nextDeadline,
      this.#sessions.size > 0 ? this.#silenceCheckAt : Number.POSITIVE_INFINITY
    );
  }
  opened(connection, now) {
    this.#sessions.set(connection, { heardAt: now, greeted: false });
    this.#requests.openConnection(connection);
    if (this.#sessions.size === 1) this.#silenceCheckAt = now + SILENCE_MS_MAX;
  }
  closed(connection) {
    this.#sessions.delete(connection);
    this.#requests.closeConnection(connection);
  }
  receive(connection, messages, leaderless, now) {
    const session = this.#sessions.get(connection);
    if (session === void 0) return;
    session.heardAt = now;
    for (const message of messages) {
      if (!session.greeted && message.type !== "hello") {
        return this.#hangUp(connection, "FRAME_INVALID", "the first message must be hello");
      }
      switch (message.type) {
        case "hello":
          if (!this.#greet(connection, message)) return;
          session.greeted = true;
          break;
        case "write":
          this.#write(connection, message, leaderless, now);
          break;
        case "read":
          this.#read(connection, message, leaderless, now);
          break;
        case "cancel": {
          const request = this.#requests.find(connection, message.id);
          if (request !== void 0) this.#requests.settle(request);
          break;
        }
        case "ping":
          this.#ports.toClient(connection, { type: "pong", nonce: message.nonce });
          break;
      }
    }
  }
  #greet(connection, hello) {
    const protocol = negotiate(CLIENT_PROTOCOL, { min: hello.protocolMin, max: hello.protocolMax });
    if (protocol === null) {
      const own = `${CLIENT_PROTOCOL.min} to ${CLIENT_PROTOCOL.max}`;
      const message = `this node speaks client protocol ${own}, the client ${hello.protocolMin} to ${hello.protocolMax}`;
      this.#hangUp(connection, "PROTOCOL_MISMATCH", message);
      return false;
    }
    if (hello.clusterId !== null && hello.clusterId !== this.#facts.clusterId) {
      this.#hangUp(connection, "WRONG_CLUSTER", `this node belongs to cluster ${this.#facts.clusterId}`);
      return false;
    }
    const { keyBytesMax, valueBytesMax, requestBytesMax, inFlightPerConnectionMax } = this.#limits;
    this.#ports.toClient(connection, {
      type: "welcome",
      protocol,
      clusterId: this.#facts.clusterId,
      nodeId: this.#facts.self,
      topology: this.#members.topology(),
      limits: { keyBytesMax, valueBytesMax, requestBytesMax, inFlightMax: inFlightPerConnectionMax }
    });
    if (this.#leaving) this.#ports.toClient(connection, { type: "goodbye" });
    return true;
  }
  #hangUp(connection, code, message) {
    this.#send(connection, 0, code, message, "not-applied");
    this.#ports.closeClient(connection);
  }
  #write(connection, message, leaderless, now) {
    if (!this.#admits(connection, message.id, message.operation.length)) return;
    const decoded = checkOperation(message.operation, this.#limits);
    if (!decoded.ok) return this.#send(connection, message.id, decoded.code, decoded.message, "not-applied");
    if (leaderless !== null)
      return this.#send(connection, message.id, "NO_QUORUM", leaderless, "not-applied");
    const request = {
      kind: "write",
      connection,
      id: message.id,
      deadline: now + Math.min(message.timeoutMs, TIMEOUT_MS_MAX),
      settled: false,
      session: message.session,
      sequence: message.sequence,
      operation: message.operation,
      mayApply: false
    };
    this.#requests.add(request);
    this.#writes.route(request);
  }
  #read(connection, message, leaderless, now) {
    if (!this.#admits(connection, message.id, queryBytes(message.query))) return;
    const refusal = checkQuery(message.query, this.#limits);
    if (refusal !== null)
      return this.#send(connection, message.id, refusal.code, refusal.message, "not-applied");
    if (leaderless !== null && message.level === "linearizable") {
      return this.#send(connection, message.id, "NO_QUORUM", leaderless, "not-applied");
    }
    const request = {
      kind: "read",
      connection,
      id: message.id,
      deadline: now + Math.min(message.timeoutMs, TIMEOUT_MS_MAX),
      settled: false,
      level: message.level,
      minRevision: message.minRevision,
      query: message.query
    };
    this.#requests.add(request);
    if (message.level === "linearizable") this.#reads.admit(request);
    else this.answerRead(request);
  }
  #admits(connection, id, bytes3) {
    if (this.#requests.has(connection, id)) {
      this.#hangUp(connection, "FRAME_INVALID", `request ${id} is already open`);
      return false;
    }
    const crowded = this.#requests.inFlight(connection) >= this.#limits.inFlightPerConnectionMax;
    if (!crowded && this.#requests.bytes + bytes3 <= HELD_BYTES_MAX) return true;
    const message = crowded ? `this connection has ${this.#limits.inFlightPerConnectionMax} requests in flight, the most it may have` : "the node holds as many open requests as it may";
    this.#send(connection, id, "OVERLOADED", message, "not-applied", { retryAfterMs: RETRY_AFTER_MS });
    return false;
  }
  /** The read may be answered from the state as it is now; unless it asks for a revision that is not here yet. */
  answerRead(request) {
    if (request.settled) return;
    if (this.#machine.revision < request.minRevision) return this.#reads.admitBehind(request);
    if (!this.#requests.settle(request)) return;
    this.#ports.toClient(request.connection, {
      type: "answer",
      id: request.id,
      term: this.#view.term,
      revision: this.#machine.revision,
      level: request.level,
      ageMs: request.level === "linearizable" ? 0 : -1,
      result: this.#machine.query(request.query, this.#limits)
    });
  }
  written(request, term, reply2) {
    if (!this.#requests.settle(request)) return;
    this.#ports.toClient(request.connection, { type: "written", id: request.id, term, reply: reply2 });
  }
  failed(request, code, message, outcome2) {
    if (!this.#requests.settle(request)) return;
    const details = code === "OVERLOADED" ? { retryAfterMs: RETRY_AFTER_MS } : {};
    this.#send(request.connection, request.id, code, message, outcome2, details);
  }
  #send(connection, id, code, message, outcome2, details = {}) {
    const leader = this.#view.leader;
    const known = leader === null ? details : { ...details, leader };
    this.#ports.toClient(connection, { type: "failed", id, code, message, outcome: outcome2, details: known });
  }
  /** Answers what has run out of time, and lets go of clients that have fallen silent. */
  expire(now) {
    for (const request of this.#requests.expired(now)) {
      const unknown = request.kind === "write" && request.mayApply;
      const code = this.#view.leader === null ? "NO_QUORUM" : "TIMEOUT";
      const message = unknown ? "the deadline passed before the write was known to be committed" : "the deadline passed before the request could be served";
      this.failed(request, code, message, unknown ? "unknown" : "not-applied");
    }
    if (this.#sessions.size === 0 || now < this.#silenceCheckAt) return;
    this.#silenceCheckAt = now + SILENCE_MS_MAX / 2;
    for (const [connection, session] of this.#sessions) {
      if (now - session.heardAt >= SILENCE_MS_MAX) this.#ports.closeClient(connection);
    }
  }
  learnAddress(peer, client) {
    if (this.#members.learn(peer, client)) this.publishTopology();
  }
  publishTopology() {
    this.#broadcast({ type: "topology", topology: this.#members.topology() });
  }
  sayGoodbye() {
    this.#leaving = true;
    this.#broadcast({ type: "goodbye" });
  }
  #broadcast(message) {
    for (const [connection, session] of this.#sessions) {
      if (session.greeted) this.#ports.toClient(connection, message);
    }
  }
};

// src/server/cluster-clock.ts
var ClusterClock = class {
  /** The highest stamp in this node's log, committed or not. */
  #highest;
  #anchor = null;
  constructor(highestInLog) {
    this.#highest = highestInLog;
  }
  /** An entry with this stamp has been appended here. */
  observe(stamp) {
    if (stamp > this.#highest) this.#highest = stamp;
  }
  leadershipBegan(now) {
    this.#anchor = { stamp: this.#highest, at: now };
  }
  leadershipEnded() {
    this.#anchor = null;
  }
  /** The stamp of an entry that this leader appends now; never below any stamp in its log. */
  stamp(now) {
    if (this.#anchor === null) throw new Error("only a leader stamps entries");
    const elapsed = Math.max(0, Math.floor(now - this.#anchor.at));
    this.#highest = Math.max(this.#highest, this.#anchor.stamp + elapsed);
    return this.#highest;
  }
};

// src/server/history-keeper.ts
var EVENTS_PER_TURN = 1e3;
var PIECE_EVERY_MS = 1;
var DECIDE_EVERY_MS = 1e4;
var HistoryKeeper = class {
  #machine;
  #view;
  #kept;
  #propose;
  #decideAt;
  #pieceAt = Number.POSITIVE_INFINITY;
  constructor(machine, view, kept, propose2, now) {
    this.#machine = machine;
    this.#view = view;
    this.#kept = kept;
    this.#propose = propose2;
    this.#decideAt = now + DECIDE_EVERY_MS;
  }
  get wakeAt() {
    return Math.min(this.#pieceAt, this.#view.isLeader ? this.#decideAt : Number.POSITIVE_INFINITY);
  }
  /** Called once in a turn, before what is proposed in it goes to the core. */
  turn(now) {
    const freed = this.#machine.cleanUp(EVENTS_PER_TURN);
    this.#pieceAt = freed < EVENTS_PER_TURN ? Number.POSITIVE_INFINITY : now + PIECE_EVERY_MS;
    if (!this.#view.isLeader || now < this.#decideAt) return;
    this.#decideAt = now + DECIDE_EVERY_MS;
    const revision = compactionDue(this.#machine.history, this.#kept);
    if (revision !== null) this.#propose({ type: "compact", revision });
  }
};

// src/server/leader-view.ts
var LeaderView = class {
  self;
  #term = 0;
  #leader = null;
  #role = "follower";
  /** When the last leader was lost; meaningful while there is none. */
  #lostAt;
  #links = /* @__PURE__ */ new Map();
  #linksEver = 0;
  constructor(self, now) {
    this.self = self;
    this.#lostAt = now;
  }
  get term() {
    return this.#term;
  }
  get leader() {
    return this.#leader;
  }
  get role() {
    return this.#role;
  }
  get isLeader() {
    return this.#role === "leader";
  }
  /** The leader, when it is another node and a link to it is up: where requests can be handed to. */
  get reachableLeader() {
    if (this.#leader === null || this.#leader === this.self || !this.#links.has(this.#leader)) return null;
    return this.#leader;
  }
  /** How long there has been no leader; 0 while there is one. */
  leaderlessMs(now) {
    return this.#leader === null ? now - this.#lostAt : 0;
  }
  update(leadership, now) {
    if (this.#leader !== null && leadership.leader === null) this.#lostAt = now;
    this.#term = leadership.term;
    this.#leader = leadership.leader;
    this.#role = leadership.role;
  }
  linkUp(peer) {
    this.#linksEver += 1;
    this.#links.set(peer, this.#linksEver);
  }
  linkDown(peer) {
    this.#links.delete(peer);
  }
  /**
   * Which link to the peer is up, by a number that never comes again; null for none. A question is answered over the
   * link it came by or not at all: behind the next one may be another process, which counts its questions from 1 too.
   */
  linkTo(peer) {
    return this.#links.get(peer) ?? null;
  }
};

// src/server/peer-messages.ts
function receivePeerMessages(peer, messages, handlers) {
  for (const message of messages) {
    switch (message.type) {
      case "raft":
        if (message.message.from === peer) handlers.raft(message.message);
        break;
      case "forward":
        handlers.forward(message.batch, message.requests);
        break;
      case "forwarded":
        handlers.forwarded(message.batch, message.results);
        break;
      case "readIndex":
        handlers.readIndex(message.batch);
        break;
      case "readIndexReply":
        handlers.readIndexReply(message.batch, message.index);
        break;
      case "hello":
      case "refuse":
      case "genesis":
      case "ping":
        break;
    }
  }
}
function checkForwarded(requests, limits2) {
  return requests.map((request) => {
    const decoded = checkOperation(request.operation, limits2);
    if (decoded.ok) return request;
    return { accepted: false, code: decoded.code, message: decoded.message, outcome: "not-applied" };
  });
}

// src/server/waiting-list.ts
var LOOK_THROUGH_MIN = 64;
var WaitingList = class {
  #requests = [];
  #lookThroughAt = LOOK_THROUGH_MIN;
  /** Some of them may be settled. */
  get length() {
    return this.#requests.length;
  }
  push(request) {
    if (this.#requests.length >= this.#lookThroughAt) {
      this.#requests = this.#requests.filter(({ settled }) => !settled);
      this.#lookThroughAt = Math.max(LOOK_THROUGH_MIN, 2 * this.#requests.length);
    }
    this.#requests.push(request);
  }
  /** Takes out all that are still open, in order. */
  takeAll() {
    const open3 = this.#requests.filter(({ settled }) => !settled);
    this.#requests = [];
    this.#lookThroughAt = LOOK_THROUGH_MIN;
    return open3;
  }
};

// src/server/read-path.ts
var ReadPath = class {
  #raft;
  #view;
  #ports;
  #answer;
  #retryMs;
  /** Admitted, not asked for yet. */
  #fresh = new WaitingList();
  #question = null;
  /** Confirmed at an index that is not applied yet, or asked for a revision that is not here yet. */
  #confirmed = [];
  #behind = new WaitingList();
  #asked = /* @__PURE__ */ new Map();
  #nextRef = 1;
  #nextBatch = 1;
  #notBefore = 0;
  constructor(raft, view, ports, answer2, retryMs) {
    this.#raft = raft;
    this.#view = view;
    this.#ports = ports;
    this.#answer = answer2;
    this.#retryMs = retryMs;
  }
  get wakeAt() {
    const idle = this.#fresh.length === 0 || this.#question !== null;
    return idle || this.#notBefore === 0 ? Number.POSITIVE_INFINITY : this.#notBefore;
  }
  /** Words that are owed: by the core on barriers, by the leader on a question, by the log on what was confirmed. */
  get unanswered() {
    return this.#asked.size + this.#confirmed.length + (this.#question === null ? 0 : 1);
  }
  admit(request) {
    this.#fresh.push(request);
  }
  /** Waits for a state at least as new as the request wants. */
  admitBehind(request) {
    this.#behind.push(request);
  }
  /** Another node asks for a read index on behalf of its clients. */
  askedByPeer(peer, batch2, now) {
    if (!this.#view.isLeader) return this.#ports.toPeer(peer, { type: "readIndexReply", batch: batch2, index: null });
    this.#ask({ type: "peer", peer, link: this.#view.linkTo(peer), batch: batch2 }, now);
  }
  flush(now) {
    if (now < this.#notBefore) return;
    this.#notBefore = 0;
    if (this.#fresh.length === 0) return;
    if (this.#view.isLeader) {
      const requests2 = this.#takeFresh();
      if (requests2.length > 0) this.#ask({ type: "clients", requests: requests2 }, now);
      return;
    }
    const leader = this.#view.reachableLeader;
    if (leader === null || this.#question !== null) return;
    const requests = this.#takeFresh();
    if (requests.length === 0) return;
    const batch2 = this.#nextBatch++;
    this.#question = { peer: leader, batch: batch2, requests };
    this.#ports.toPeer(leader, { type: "readIndex", batch: batch2 });
  }
  #takeFresh() {
    this.#notBefore = 0;
    return this.#fresh.takeAll();
  }
  #ask(asker, now) {
    const ref = this.#nextRef++;
    this.#asked.set(ref, asker);
    this.#raft.step({ type: "read", ref }, now);
  }
  /** The core's word on a barrier. */
  barrierSettled(settled, applied, now) {
    const asker = this.#asked.get(settled.ref);
    if (asker === void 0) throw new Error(`the core settled read ${settled.ref}, which nobody asked for`);
    this.#asked.delete(settled.ref);
    const index = settled.type === "readable" ? settled.index : null;
    if (asker.type === "peer") {
      if (asker.link !== this.#view.linkTo(asker.peer)) return;
      this.#ports.toPeer(asker.peer, { type: "readIndexReply", batch: asker.batch, index });
    } else {
      this.#resolve(asker.requests, index, applied, now);
    }
  }
  /** The leader's answer to this node's question. */
  questionAnswered(peer, batch2, index, applied, now) {
    const question = this.#question;
    if (question === null || question.peer !== peer || question.batch !== batch2) return;
    this.#question = null;
    this.#resolve(question.requests, index, applied, now);
  }
  #resolve(requests, index, applied, now) {
    if (index === null) {
      for (const request of requests) this.#fresh.push(request);
      this.#notBefore = now + this.#retryMs;
    } else if (index <= applied) {
      for (const request of requests) this.#answer(request);
    } else {
      this.#confirmed.push({ index, requests });
    }
  }
  /** The leader changed, or the link to it broke: an open question may never be answered, so it is asked again. */
  reask() {
    if (this.#question !== null) {
      for (const request of this.#question.requests) this.#fresh.push(request);
      this.#question = null;
    }
    this.#notBefore = 0;
  }
  peerDown(peer) {
    if (this.#question?.peer === peer) this.reask();
  }
  /** The state has moved: answer what waited for it. */
  applied(applied, revision) {
    if (this.#confirmed.length > 0) {
      const due = this.#confirmed.filter((waiting) => waiting.index <= applied);
      this.#confirmed = this.#confirmed.filter((waiting) => waiting.index > applied);
      for (const { requests } of due) for (const request of requests) this.#answer(request);
    }
    if (this.#behind.length > 0) {
      for (const request of this.#behind.takeAll()) {
        if (request.minRevision <= revision) this.#answer(request);
        else this.#behind.push(request);
      }
    }
  }
  /** Nobody has led for too long: every read that needs a leader is told so. */
  noQuorum(refuse7) {
    this.reask();
    for (const request of this.#fresh.takeAll()) refuse7(request);
  }
};

// src/server/stopping.ts
var GRACE_MS = 3e3;
var LINGER_MS = 100;
var TRANSFER_REF = 0;
var Stopping = class {
  #raft;
  #view;
  #clients;
  #ports;
  #phase = "running";
  #deadline = Number.POSITIVE_INFINITY;
  /** Not before: other nodes may still ask something of this one. */
  #lingerUntil = 0;
  constructor(raft, view, clients, ports) {
    this.#raft = raft;
    this.#view = view;
    this.#clients = clients;
    this.#ports = ports;
  }
  get wakeAt() {
    if (this.#phase === "stopped") return Number.POSITIVE_INFINITY;
    const lingers = this.#phase === "draining" && this.#clients.connectionCount === 0;
    return lingers ? Math.min(this.#lingerUntil, this.#deadline) : this.#deadline;
  }
  begin(now) {
    if (this.#phase !== "running") return;
    this.#deadline = now + GRACE_MS;
    if (this.#view.isLeader) {
      this.#phase = "handing-over";
      this.#raft.step({ type: "transfer", ref: TRANSFER_REF, to: null }, now);
    } else {
      this.#drain();
    }
  }
  /** Whether or not a successor took over, clients have to go now. */
  transferred(ok, now) {
    if (this.#phase !== "handing-over") return;
    if (ok) this.#lingerUntil = now + LINGER_MS;
    this.#drain();
  }
  #drain() {
    this.#phase = "draining";
    this.#clients.sayGoodbye();
  }
  check(now) {
    if (this.#phase === "running" || this.#phase === "stopped") return;
    const drained = this.#phase === "draining" && this.#clients.connectionCount === 0 && now >= this.#lingerUntil;
    if (!drained && now < this.#deadline) return;
    this.#phase = "stopped";
    this.#ports.stopped();
  }
};

// src/server/group-by-bytes.ts
function groupByBytes(items, bytesOf2, bytesMax) {
  const groups = [];
  let group = [];
  let bytes3 = 0;
  for (const item of items) {
    const size = bytesOf2(item);
    if (group.length > 0 && bytes3 + size > bytesMax) {
      groups.push(group);
      group = [];
      bytes3 = 0;
    }
    group.push(item);
    bytes3 += size;
  }
  if (group.length > 0) groups.push(group);
  return groups;
}

// src/server/placed-writes.ts
var PlacedWrites = class {
  #owner;
  /** At most one place per term and index. */
  #places = /* @__PURE__ */ new Map();
  #applied = 0;
  constructor(owner) {
    this.#owner = owner;
  }
  add(request, term, index, ordinal) {
    if (index <= this.#applied) return this.#owner.missed(request);
    const places = this.#places.get(index) ?? [];
    if (places.length === 0) this.#places.set(index, places);
    const place = places.find((other) => other.term === term);
    if (place === void 0) places.push({ term, waiters: [{ ordinal, request }] });
    else place.waiters.push({ ordinal, request });
  }
  applied(entry, replies) {
    this.#applied = entry.index;
    const places = this.#places.get(entry.index);
    if (places === void 0) return;
    this.#places.delete(entry.index);
    for (const { term, waiters } of places) {
      if (term === entry.term) this.#answer(entry, waiters, replies);
      else for (const { request } of waiters) this.#owner.lost(request);
    }
  }
  /** Gives all of them up. */
  takeAll() {
    const places = [...this.#places.values()].flat();
    this.#places.clear();
    return places.flatMap(({ waiters }) => waiters.map(({ request }) => request));
  }
  #answer(entry, waiters, replies) {
    for (const { ordinal, request } of waiters) {
      const reply2 = replies[ordinal];
      if (reply2 === void 0) throw new Error(`entry ${entry.index} has no request ${ordinal}`);
      this.#owner.answered(request, entry.term, reply2);
    }
  }
};

// src/server/write-batches.ts
function notLeading() {
  return { accepted: false, code: "NO_QUORUM", message: "this node does not lead", outcome: "not-applied" };
}
function asEncoded(request) {
  const { session, sequence, operation } = request;
  return { session, sequence, user: "", authRevision: 0, operation };
}
function ownRequest(operation) {
  return { session: 0n, sequence: 0, user: "", authRevision: 0, operation: encodeOperation(operation) };
}
function asForwarded(request) {
  return { session: request.session, sequence: request.sequence, operation: request.operation };
}
function forwardedBytes(request) {
  return request.operation.length + 32;
}

// src/server/write-path.ts
var OVERLOADED = "the leader has too many writes that are not committed yet";
var MISSED = "the log moved on before the leader said where the write stands";
var WritePath = class {
  #raft;
  #view;
  #clock;
  #ports;
  #answers;
  #options;
  #proposals = [];
  #outbound = [];
  #waiting = new WaitingList();
  #retryAt = Number.POSITIVE_INFINITY;
  #nextRef = 1;
  #nextBatch = 1;
  #proposed = /* @__PURE__ */ new Map();
  #forwarded = /* @__PURE__ */ new Map();
  #placed;
  constructor(raft, view, clock, ports, answers2, options) {
    this.#raft = raft;
    this.#view = view;
    this.#clock = clock;
    this.#ports = ports;
    this.#answers = answers2;
    this.#options = options;
    this.#placed = new PlacedWrites({
      answered: (request, term, reply2) => answers2.written(request, term, reply2),
      lost: (request) => this.#again(request),
      missed: (request) => this.#unknown(request, "UNAVAILABLE", MISSED)
    });
  }
  /** When something here wants a turn of its own. */
  get wakeAt() {
    return this.#waiting.length > 0 ? this.#retryAt : Number.POSITIVE_INFINITY;
  }
  /** Words that are owed: by the core on proposals, by the leader on batches. */
  get unanswered() {
    return this.#proposals.length + this.#proposed.size + this.#forwarded.size;
  }
  /** Hands the request to whoever leads. */
  route(request) {
    if (request.settled) return;
    if (this.#view.isLeader) {
      this.#proposals.push({ origin: { type: "client", request }, encoded: asEncoded(request) });
    } else if (this.#view.reachableLeader !== null) {
      this.#outbound.push(request);
    } else {
      this.#waiting.push(request);
    }
  }
  /** What this node, the leader, decides. Nobody is answered, and nothing is tried twice. */
  proposeOwn(operation) {
    this.#proposals.push({ origin: { type: "own" }, encoded: ownRequest(operation) });
  }
  /** The leader, or a link to it, changed: what waited may have somewhere to go. */
  routeWaiting() {
    this.#retryAt = Number.POSITIVE_INFINITY;
    for (const request of this.#waiting.takeAll()) this.route(request);
  }
  /** Another node hands over its clients' writes, already checked. */
  acceptForwarded(peer, batch2, requests) {
    const inbound = {
      peer,
      link: this.#view.linkTo(peer),
      batch: batch2,
      results: requests.map(() => void 0),
      missing: requests.length
    };
    requests.forEach((request, slot2) => {
      if ("accepted" in request) return this.#resolveSlot(inbound, slot2, request);
      if (!this.#view.isLeader) return this.#resolveSlot(inbound, slot2, notLeading());
      this.#proposals.push({
        origin: { type: "peer", batch: inbound, slot: slot2 },
        encoded: { ...request, user: "", authRevision: 0 }
      });
    });
  }
  /** Gives the turn's writes to the core, or to the leader: many clients, one entry, one message. */
  flush(now) {
    if (now >= this.#retryAt) this.routeWaiting();
    this.#flushOutbound(now);
    this.#flushProposals(now);
  }
  #flushOutbound(now) {
    if (this.#outbound.length === 0) return;
    const requests = this.#outbound.filter((request) => !request.settled);
    this.#outbound = [];
    const leader = this.#view.reachableLeader;
    if (leader === null) {
      for (const request of requests) this.#wait(request, now);
      return;
    }
    for (const group of groupByBytes(requests, forwardedBytes, this.#options.entryBytesMax)) {
      const batch2 = this.#nextBatch++;
      for (const request of group) request.mayApply = true;
      this.#forwarded.set(batch2, { peer: leader, requests: group });
      this.#ports.toPeer(leader, { type: "forward", batch: batch2, requests: group.map(asForwarded) });
    }
  }
  #flushProposals(now) {
    if (this.#proposals.length === 0) return;
    const proposals = this.#proposals.filter((p) => p.origin.type !== "client" || !p.origin.request.settled);
    this.#proposals = [];
    if (proposals.length === 0) return;
    if (!this.#view.isLeader) {
      for (const proposal of proposals) this.#turnAway(proposal, now);
      return;
    }
    const groups = groupByBytes(proposals, (p) => envelopeBytes([p.encoded]), this.#options.entryBytesMax);
    const ref = this.#nextRef++;
    const stamp = this.#clock.stamp(now);
    this.#proposed.set(ref, groups);
    const payloads = groups.map(
      (group) => encodeEnvelope(
        stamp,
        group.map((proposal) => proposal.encoded)
      )
    );
    this.#raft.step({ type: "propose", ref, payloads }, now);
  }
  /** The core's word on what was proposed in this turn. */
  proposalSettled(settled, now) {
    const groups = this.#proposed.get(settled.ref);
    if (groups === void 0) throw new Error(`the core settled proposal ${settled.ref}, which nobody made`);
    this.#proposed.delete(settled.ref);
    groups.forEach((group, offset) => {
      group.forEach((proposal, ordinal) => {
        if (settled.type === "proposed") {
          this.#place(proposal, settled.term, settled.first + offset, ordinal);
        } else if (settled.reason === "overloaded") {
          this.#refuse(proposal, "OVERLOADED", OVERLOADED);
        } else {
          this.#turnAway(proposal, now);
        }
      });
    });
  }
  #place(proposal, term, index, ordinal) {
    if (proposal.origin.type === "peer") {
      const { batch: batch2, slot: slot2 } = proposal.origin;
      this.#resolveSlot(batch2, slot2, { accepted: true, term, index, ordinal });
    } else if (proposal.origin.type === "client") {
      this.#await(proposal.origin.request, term, index, ordinal);
    }
  }
  #await(request, term, index, ordinal) {
    request.mayApply = true;
    this.#placed.add(request, term, index, ordinal);
  }
  /** Known to be lost, hence safe to offer again. */
  #again(request) {
    request.mayApply = false;
    this.route(request);
  }
  /** The leader's answer to a batch that this node forwarded. */
  forwardAnswered(peer, batch2, results, now) {
    const sent = this.#forwarded.get(batch2);
    if (sent === void 0 || sent.peer !== peer) return;
    this.#forwarded.delete(batch2);
    sent.requests.forEach((request, slot2) => {
      if (request.settled) return;
      const result = results[slot2];
      if (result === void 0) return this.#unknown(request, "INTERNAL", "the leader left out an answer");
      if (result.accepted) return this.#await(request, result.term, result.index, result.ordinal);
      request.mayApply = result.outcome === "unknown";
      if (result.code === "NO_QUORUM" && !request.mayApply) this.#wait(request, now);
      else this.#answers.failed(request, result.code, result.message, result.outcome);
    });
  }
  /** The link is gone, and with it the answers to whatever was forwarded over it. */
  peerDown(peer) {
    for (const [batch2, sent] of this.#forwarded) {
      if (sent.peer !== peer) continue;
      this.#forwarded.delete(batch2);
      for (const request of sent.requests) {
        this.#unknown(
          request,
          "UNAVAILABLE",
          `the connection to the leader ${peer} broke before it answered`
        );
      }
    }
  }
  /** Answers the local clients whose requests stood in this entry. */
  applied(entry, replies) {
    this.#placed.applied(entry, replies);
  }
  /** Nobody has led for too long: every write that is open here is told so. */
  noQuorum(message, now) {
    for (const request of this.#waiting.takeAll())
      this.#answers.failed(request, "NO_QUORUM", message, "not-applied");
    for (const request of this.#placed.takeAll()) this.#unknown(request, "NO_QUORUM", message);
    this.#flushOutbound(now);
  }
  #refuse(proposal, code, message) {
    if (proposal.origin.type === "client") {
      this.#answers.failed(proposal.origin.request, code, message, "not-applied");
    } else if (proposal.origin.type === "peer") {
      const { batch: batch2, slot: slot2 } = proposal.origin;
      this.#resolveSlot(batch2, slot2, { accepted: false, code, message, outcome: "not-applied" });
    }
  }
  /** Not led here any more: a local client's write waits for the next leader, another node's goes back to it. */
  #turnAway(proposal, now) {
    if (proposal.origin.type === "client") this.#wait(proposal.origin.request, now);
    else if (proposal.origin.type === "peer")
      this.#resolveSlot(proposal.origin.batch, proposal.origin.slot, notLeading());
  }
  #wait(request, now) {
    if (request.settled) return;
    this.#waiting.push(request);
    this.#retryAt = Math.min(this.#retryAt, now + this.#options.retryMs);
  }
  #unknown(request, code, message) {
    this.#answers.failed(request, code, message, "unknown");
  }
  #resolveSlot(inbound, slot2, result) {
    inbound.results[slot2] = result;
    inbound.missing -= 1;
    if (inbound.missing > 0 || inbound.link !== this.#view.linkTo(inbound.peer)) return;
    const results = inbound.results.filter((r) => r !== void 0);
    this.#ports.toPeer(inbound.peer, { type: "forwarded", batch: inbound.batch, results });
  }
};

// src/server/node-loop.ts
var ROUNDS_MAX = 8;
var NodeLoop = class {
  #raft;
  #machine;
  #ports;
  #limits;
  #view;
  #clock;
  #writes;
  #reads;
  #clients;
  #stopping;
  #keeper;
  #noQuorumAfterMs;
  #tap;
  constructor(raft, machine, ports, options, now) {
    this.#raft = raft;
    this.#machine = machine;
    this.#ports = ports;
    this.#limits = options.limits;
    this.#tap = options.tap;
    this.#noQuorumAfterMs = 2 * options.electionTimeoutMaxMs;
    this.#view = new LeaderView(options.facts.self, now);
    this.#clock = new ClusterClock(options.clusterTimeMs);
    const answers2 = {
      written: (...args) => this.#clients.written(...args),
      failed: (...args) => this.#clients.failed(...args)
    };
    this.#writes = new WritePath(raft, this.#view, this.#clock, ports, answers2, {
      entryBytesMax: options.limits.requestBytesMax,
      retryMs: options.heartbeatMs
    });
    this.#reads = new ReadPath(
      raft,
      this.#view,
      ports,
      (request) => this.#clients.answerRead(request),
      options.heartbeatMs
    );
    this.#clients = new ClientSessions(this.#view, machine, ports, this.#writes, this.#reads, options);
    this.#stopping = new Stopping(raft, this.#view, this.#clients, ports);
    this.#keeper = new HistoryKeeper(
      machine,
      this.#view,
      options.history,
      (operation) => this.#writes.proposeOwn(operation),
      now
    );
  }
  /** What this node knows of leader and term, for status and health. */
  get view() {
    return this.#view;
  }
  get openRequests() {
    return this.#clients.openRequests;
  }
  /** What the core, the leader or the log owes to this loop; 0 once everything has come to rest. */
  get unanswered() {
    return this.#writes.unanswered + this.#reads.unanswered;
  }
  /** Takes in one event. Nothing is sent before the turn. */
  step(event, now) {
    switch (event.type) {
      case "clientOpened":
        return this.#clients.opened(event.connection, now);
      case "clientMessages":
        return this.#clients.receive(event.connection, event.messages, this.#refuseLeaderless(now), now);
      case "clientClosed":
        return this.#clients.closed(event.connection);
      case "peerUp":
        this.#view.linkUp(event.peer);
        this.#clients.learnAddress(event.peer, event.client);
        this.#raft.step({ type: "link", peer: event.peer, up: true }, now);
        return this.#writes.routeWaiting();
      case "peerDown":
        this.#view.linkDown(event.peer);
        this.#writes.peerDown(event.peer);
        this.#reads.peerDown(event.peer);
        return this.#raft.step({ type: "link", peer: event.peer, up: false }, now);
      case "peerMessages":
        return receivePeerMessages(event.peer, event.messages, {
          raft: (message) => this.#raft.step({ type: "message", message }, now),
          forward: (batch2, requests) => this.#writes.acceptForwarded(event.peer, batch2, checkForwarded(requests, this.#limits)),
          forwarded: (batch2, results) => this.#writes.forwardAnswered(event.peer, batch2, results, now),
          readIndex: (batch2) => this.#reads.askedByPeer(event.peer, batch2, now),
          readIndexReply: (batch2, index) => this.#reads.questionAnswered(event.peer, batch2, index, this.#machine.appliedIndex, now)
        });
      case "persisted":
        return this.#raft.step({ type: "persisted", through: event.through }, now);
      case "fetched":
        return this.#raft.step({ type: "fetched", fetch: event.fetch, entries: event.entries }, now);
      case "stop":
        return this.#stopping.begin(now);
    }
  }
  /** Does all that can be done now. Returns when it wants to be called again, at the latest. */
  turn(now) {
    this.#raft.step({ type: "wake" }, now);
    this.#clients.expire(now);
    this.#keeper.turn(now);
    let coreWakeAt = now;
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      this.#writes.flush(now);
      this.#reads.flush(now);
      const output = this.#raft.drain(now);
      this.#dispatch(output, now);
      coreWakeAt = output.wakeAt;
      if (output.apply.length === 0 && output.settled.length === 0 && output.leadership === null) break;
      coreWakeAt = now;
    }
    this.#checkQuorum(now);
    this.#stopping.check(now);
    this.#tap?.turned();
    return Math.min(
      coreWakeAt,
      this.#writes.wakeAt,
      this.#reads.wakeAt,
      this.#clients.wakeAt,
      this.#noQuorumAt(now),
      this.#stopping.wakeAt,
      this.#keeper.wakeAt
    );
  }
  #dispatch(output, now) {
    this.#tap?.drained(output);
    for (const message of output.messages) this.#ports.toPeer(message.to, { type: "raft", message });
    if (output.persist !== null) {
      for (const entry of output.persist.append) this.#observeStamp(entry);
      this.#ports.persist(output.persist);
    }
    for (const fetch of output.fetches) this.#ports.fetch(fetch);
    if (output.leadership !== null) this.#leadershipChanged(output.leadership, now);
    for (const settled of output.settled) this.#settled(settled, now);
    if (output.apply.length > 0) this.#apply(output.apply, now);
  }
  #observeStamp(entry) {
    if (entry.kind === "command") this.#clock.observe(peekClusterTime(entry.data));
  }
  #leadershipChanged(leadership, now) {
    const led = this.#view.isLeader;
    const term = this.#view.term;
    this.#view.update(leadership, now);
    if (led && (!this.#view.isLeader || leadership.term !== term)) this.#clock.leadershipEnded();
    if (this.#view.isLeader && (!led || leadership.term !== term)) this.#clock.leadershipBegan(now);
    this.#reads.reask();
    this.#writes.routeWaiting();
    this.#clients.publishTopology();
  }
  #settled(settled, now) {
    switch (settled.type) {
      case "proposed":
      case "refused":
        return this.#writes.proposalSettled(settled, now);
      case "readable":
      case "unreadable":
        return this.#reads.barrierSettled(settled, this.#machine.appliedIndex, now);
      case "transferred":
        this.#writes.routeWaiting();
        return this.#stopping.transferred(settled.ok, now);
    }
  }
  #apply(entries2, now) {
    for (const entry of entries2) {
      if (entry.kind === "command") {
        const envelope = decodeEnvelope(entry.data);
        const replies = this.#machine.apply(
          entry.index,
          envelope.clusterTimeMs,
          envelope.requests,
          entry.term
        );
        this.#writes.applied(entry, replies);
      } else {
        this.#writes.applied(entry, this.#machine.apply(entry.index, 0, [], entry.term));
      }
      this.#tap?.applied(entry);
    }
    this.#raft.step({ type: "applied", through: this.#machine.appliedIndex }, now);
    this.#reads.applied(this.#machine.appliedIndex, this.#machine.revision);
  }
  #refuseLeaderless(now) {
    const leaderless = this.#view.leaderlessMs(now);
    if (this.#view.leader !== null || leaderless < this.#noQuorumAfterMs) return null;
    return `no leader for ${(leaderless / 1e3).toFixed(1)} s: fewer than a majority of the nodes can reach each other`;
  }
  #checkQuorum(now) {
    const refusal = this.#refuseLeaderless(now);
    if (refusal === null || this.#clients.openRequests === 0) return;
    this.#writes.noQuorum(refusal, now);
    this.#reads.noQuorum((request) => this.#clients.failed(request, "NO_QUORUM", refusal, "not-applied"));
  }
  #noQuorumAt(now) {
    if (this.#view.leader !== null || this.#clients.openRequests === 0) return Number.POSITIVE_INFINITY;
    const left = this.#noQuorumAfterMs - this.#view.leaderlessMs(now);
    return left > 0 ? now + left : Number.POSITIVE_INFINITY;
  }
};

// src/server/node-core.ts
var CORE_LIMITS = {
  /** One write is with the disk while the next one gathers: a second in flight would only split the group. */
  writesInFlightMax: 1,
  /** Enough to cover a round trip at full load; a lost window is found out by the next heartbeat. */
  windowMessages: 64,
  windowBytes: 8 * 1024 * 1024,
  /** A frame of this size takes about 3 ms on a 100 MB/s link, well below a heartbeat. */
  appendBytesMax: 256 * 1024,
  uncommittedBytesMax: 64 * 1024 * 1024,
  tailBytesMax: 64 * 1024 * 1024
};
var NodeCore = class {
  raft;
  machine;
  loop;
  #driver;
  #log;
  #effects;
  #writing = Promise.resolve();
  constructor(settings2, genesis2, log, effects, host) {
    const now = host.clock.now();
    this.#log = log;
    this.#effects = effects;
    this.raft = Raft.restore(
      {
        id: nodeId2(settings2.id),
        heartbeatMs: settings2.heartbeatMs,
        electionTimeoutMinMs: settings2.electionTimeoutMinMs,
        electionTimeoutMaxMs: settings2.electionTimeoutMaxMs,
        ...CORE_LIMITS,
        ...host.coreTuning,
        checkInvariants: "cheap",
        random: () => randomUint32(host)
      },
      log.recovered,
      now
    );
    this.machine = createStateMachine();
    this.loop = new NodeLoop(
      this.raft,
      this.machine,
      this.#ports(),
      loopOptions(settings2, genesis2, log, host),
      now
    );
    this.#driver = new EventDriver(this.loop, host.clock, {
      flush: () => this.#effects.flush(),
      fatal: (error) => this.#effects.failed(brokenInvariant(error))
    });
  }
  post = (event) => this.#driver.post(event);
  start() {
    this.#driver.start();
  }
  halt() {
    this.#driver.halt();
  }
  #ports() {
    return {
      persist: (write3) => this.#persist(write3),
      fetch: (fetch) => this.#fetch(fetch),
      toPeer: (peer, message) => this.#effects.toPeer(peer, message),
      toClient: (connection, message) => this.#effects.toClient(connection, message),
      closeClient: (connection) => this.#effects.closeClient(connection),
      stopped: () => this.#effects.stopped()
    };
  }
  /** Resolves when nothing is with the disk any more, so that the log may be closed. */
  async idle() {
    await this.#writing;
  }
  #persist(write3) {
    const written = new Deferred();
    this.#writing = written.promise;
    this.#log.write(write3, (error) => {
      written.resolve();
      if (error !== null) return this.#diskFailed(error);
      this.post({ type: "persisted", through: write3.seq });
    });
  }
  #fetch(fetch) {
    this.#log.read(fetch.from, fetch.to, fetch.bytesMax, (error, entries2) => {
      if (error !== null) return this.#diskFailed(error);
      this.post({ type: "fetched", fetch: fetch.fetch, entries: entries2 });
    });
  }
  /** No retry after a failed sync: the kernel may have dropped what it could not write (reliability 0.3). */
  #diskFailed(error) {
    this.halt();
    this.#effects.failed(
      QuorateError.is(error) ? error : new QuorateError("IO_FAILED", `the disk failed: ${error.message}`, { cause: error })
    );
  }
};
function genesisMembership(genesis2) {
  const voters = genesis2.voters.map((voter) => nodeId2(voter.id)).toSorted();
  return { index: 0, membership: { voters, outgoing: [], learners: [] } };
}
function nodeId2(id) {
  return id;
}
function loopOptions(settings2, genesis2, log, { tap }) {
  const own = formatEndpoint(settings2.clientAdvertise);
  return {
    facts: {
      self: nodeId2(settings2.id),
      clusterId: genesis2.clusterId,
      members: genesis2.voters.map(({ id }) => ({ id: nodeId2(id), client: id === settings2.id ? own : "" }))
    },
    limits: settings2.limits,
    history: settings2.history,
    clusterTimeMs: log.clusterTimeMs,
    heartbeatMs: settings2.heartbeatMs,
    electionTimeoutMaxMs: settings2.electionTimeoutMaxMs,
    ...tap === void 0 ? {} : { tap }
  };
}
function brokenInvariant(error) {
  const message = error instanceof Error ? error.message : String(error);
  return new QuorateError("INTERNAL", `a broken invariant stopped the node: ${message}`, { cause: error });
}

// src/wire/client-codec.ts
var requestId = integer(1, 2 ** 32 - 1);
var timeoutMs = integer(0, 2 ** 31 - 1);
var level = oneOf("linearizable", "local");
var topology = record({
  term: count,
  leader: nullable(name),
  members: list(record({ id: name, client: name }))
});
var limits = record({
  keyBytesMax: count,
  valueBytesMax: count,
  requestBytesMax: count,
  inFlightMax: count
});
var clientMessage = variants({
  hello: {
    tag: 0,
    fields: { protocolMin: count, protocolMax: count, client: name, clusterId: nullable(name) }
  },
  write: { tag: 1, fields: { id: requestId, timeoutMs, session: int64, sequence: count, operation: bytes } },
  read: { tag: 2, fields: { id: requestId, timeoutMs, level, minRevision: count, query } },
  cancel: { tag: 3, fields: { id: requestId } },
  ping: { tag: 4, fields: { nonce: count } }
});
var serverMessage = variants({
  welcome: { tag: 0, fields: { protocol: count, clusterId: name, nodeId: name, topology, limits } },
  written: { tag: 1, fields: { id: requestId, term: count, reply } },
  answer: {
    tag: 2,
    fields: { id: requestId, term: count, revision: count, level, ageMs: integer(-1), result: queryResult }
  },
  failed: {
    tag: 3,
    fields: {
      id: integer(0, 2 ** 32 - 1),
      code: errorCode,
      message: sentence,
      outcome,
      details: errorDetails
    }
  },
  topology: { tag: 4, fields: { topology } },
  goodbye: { tag: 5, fields: {} },
  pong: { tag: 6, fields: { nonce: count } }
});
function encodeClientMessages(messages) {
  return packFrame(messages.map(clientMessage.encode));
}
function decodeClientFrame(frame, frameLimits) {
  const elementsMax = frameLimits.elementsMax ?? CLIENT_FRAME_ELEMENTS_MAX;
  return decodeMessages(unpackFrame(frame, { ...frameLimits, elementsMax }), clientMessage);
}
function encodeServerMessages(messages) {
  return packFrame(messages.map(serverMessage.encode));
}
function decodeServerFrame(frame, frameLimits) {
  return decodeMessages(unpackFrame(frame, frameLimits), serverMessage);
}

// src/server/client-port.ts
var BUFFERED_BYTES_PAUSE = 1024 * 1024;
var FRAME_BYTES = 4 * 1024 * 1024;
var CLOSE_GOING_AWAY2 = 1001;
var CLOSE_POLICY2 = 1008;
var ClientPort = class {
  #post;
  #frameLimits;
  #nextId;
  #clients = /* @__PURE__ */ new Map();
  #dirty = /* @__PURE__ */ new Set();
  #invalidFrames = 0;
  constructor(post, limits2, nextId) {
    this.#post = post;
    this.#frameLimits = {
      frameBytesMax: clientFrameBytesMax(limits2.requestBytesMax),
      elementsMax: CLIENT_FRAME_ELEMENTS_MAX
    };
    this.#nextId = nextId;
  }
  get count() {
    return this.#clients.size;
  }
  get invalidFrames() {
    return this.#invalidFrames;
  }
  accept(socket) {
    const connection = this.#nextId();
    const client = { socket, outbox: [], closing: false, paused: false };
    this.#clients.set(connection, client);
    this.#post({ type: "clientOpened", connection });
    socket.on("message", (data, isBinary) => this.#received(connection, client, data, isBinary));
    socket.on("close", () => {
      this.#clients.delete(connection);
      this.#dirty.delete(connection);
      this.#post({ type: "clientClosed", connection });
    });
    socket.on("error", () => {
      this.#invalidFrames += 1;
    });
  }
  #received(connection, client, data, isBinary) {
    if (client.closing) return;
    const decoded = isBinary && data instanceof Uint8Array ? decodeClientFrame(data, this.#frameLimits) : { ok: false, reason: "text frames are not understood" };
    if (decoded.ok) return this.#post({ type: "clientMessages", connection, messages: decoded.value });
    this.#invalidFrames += 1;
    refuse6(client.socket, "FRAME_INVALID", decoded.reason);
    client.closing = true;
  }
  send(connection, message) {
    const client = this.#clients.get(connection);
    if (client === void 0) return;
    client.outbox.push(message);
    this.#dirty.add(connection);
  }
  /** Closes once what was sent has left. */
  close(connection) {
    const client = this.#clients.get(connection);
    if (client === void 0) return;
    client.closing = true;
    this.#dirty.add(connection);
  }
  /** At the end of a turn: one frame for each client that has something coming. */
  flush() {
    for (const connection of this.#dirty) {
      const client = this.#clients.get(connection);
      if (client !== void 0) this.#flushClient(client);
    }
    this.#dirty.clear();
  }
  #flushClient(client) {
    const { socket, outbox } = client;
    for (const messages of groupByBytes(outbox, approximateBytes, FRAME_BYTES)) {
      socket.send(encodeServerMessages(messages), () => this.#drained(client));
    }
    outbox.length = 0;
    if (client.closing) return socket.close(CLOSE_POLICY2);
    if (!client.paused && socket.bufferedAmount > BUFFERED_BYTES_PAUSE) {
      client.paused = true;
      socket.pause();
    }
  }
  #drained(client) {
    if (!client.paused || client.socket.bufferedAmount > BUFFERED_BYTES_PAUSE / 2) return;
    client.paused = false;
    client.socket.resume();
  }
  closeAll() {
    for (const { socket } of this.#clients.values()) socket.close(CLOSE_GOING_AWAY2);
  }
};
var OVERHEAD_BYTES = 64;
function approximateBytes(message) {
  let bytes3 = OVERHEAD_BYTES;
  for (const record2 of recordsOf(message)) {
    if (record2 !== null) bytes3 += OVERHEAD_BYTES + record2.key.length + record2.value.length;
  }
  return bytes3;
}
function recordsOf(message) {
  if (message.type === "answer") return recordsOfResult(message.result);
  if (message.type !== "written") return [];
  return recordsOfReply(message.reply);
}
function recordsOfReply(reply2) {
  switch (reply2.type) {
    case "put":
    case "delete":
    case "increment":
    case "txn":
      return recordsOfStep(reply2);
    case "resolve":
      return reply2.resolution.type === "applied" ? recordsOfReply(reply2.resolution.reply) : [];
    case "compact":
    case "failure":
    case "leaseGrant":
    case "leaseRenew":
    case "leaseRevoke":
    case "leaseExpire":
    case "sessionOpen":
    case "sessionRenew":
    case "sessionClose":
    case "sessionExpire":
      return [];
  }
}
function recordsOfStep(result) {
  switch (result.type) {
    case "put":
      return [result.previous];
    case "delete":
      return result.previous;
    case "increment":
      return [];
    case "get":
    case "scan":
    case "past":
    case "txn":
      return recordsOfResult(result);
  }
}
function recordsOfResult(result) {
  if (result.type === "failure") return [];
  if (result.type === "txn") return result.results.flatMap(recordsOfStep);
  return result.type === "past" ? result.result.records : result.records;
}
function refuse6(socket, code, message) {
  socket.send(
    encodeServerMessages([{ type: "failed", id: 0, code, message, outcome: "not-applied", details: {} }])
  );
  socket.close(CLOSE_POLICY2);
}

// src/server/bootstrap.ts
var NOT_STARTED = { phase: "fresh", linked: /* @__PURE__ */ new Map() };
function bootstrapStep(self, state, input, drawn) {
  switch (input.type) {
    case "start":
      if (input.stored === null) return foundIfComplete(self, state, drawn);
      return {
        state: { ...state, phase: "founded", genesis: input.stored },
        actions: [
          { type: "announce", genesis: input.stored },
          { type: "founded", genesis: input.stored }
        ]
      };
    case "linkUp":
      return linkUp(self, state, input.hello, drawn);
    case "linkDown": {
      const linked = new Map(state.linked);
      linked.delete(input.peer);
      return { state: { ...state, linked }, actions: [] };
    }
    case "genesis":
      return received(self, state, input.from, input.genesis);
    case "stored":
      return stored(state);
  }
}
function linkUp(self, state, hello, drawn) {
  const linked = { ...state, linked: new Map([...state.linked, [hello.nodeId, hello]]) };
  switch (linked.phase) {
    case "fresh":
      return foundIfComplete(self, linked, drawn);
    case "storing":
      return { state: linked, actions: [] };
    case "founded":
      return { state: linked, actions: handOut2(linked.genesis, [hello]) };
  }
}
function foundIfComplete(self, state, drawn) {
  const incarnations = /* @__PURE__ */ new Map([[self.nodeId, self.incarnation]]);
  for (const peer of state.linked.values()) {
    if (peer.clusterId === null) incarnations.set(peer.nodeId, peer.incarnation);
  }
  const voters = self.voters.flatMap((id) => {
    const incarnation = incarnations.get(id);
    return incarnation === void 0 ? [] : [{ id, incarnation }];
  });
  const founder = self.voters.every((id) => self.nodeId <= id);
  if (!founder || voters.length < self.voters.length) return { state, actions: [] };
  return store(state, { clusterId: drawn, clusterName: self.clusterName, voters });
}
function store(state, genesis2) {
  return {
    state: { phase: "storing", linked: state.linked, genesis: genesis2 },
    actions: [
      { type: "announce", genesis: genesis2 },
      { type: "store", genesis: genesis2 }
    ]
  };
}
function received(self, state, from, genesis2) {
  const refusal = state.phase === "fresh" ? notOurs2(self, genesis2, state.linked.get(from)) : notTheSame(state.genesis, genesis2);
  if (refusal !== null) return { state, actions: [{ type: "reject", from, ...refusal }] };
  return state.phase === "fresh" ? store(state, genesis2) : { state, actions: [] };
}
function notOurs2(self, genesis2, sender) {
  const ids = genesis2.voters.map((voter) => voter.id).toSorted();
  const sameVoters = ids.length === self.voters.length && ids.every((id, place) => id === self.voters[place]);
  if (genesis2.clusterName !== self.clusterName || !sameVoters) {
    const message = `a genesis of cluster "${genesis2.clusterName}" with the voters ${ids.join(", ")} is not ours`;
    return { code: "WRONG_CLUSTER", message };
  }
  const names = (peer) => genesis2.voters.some((voter) => voter.id === peer.nodeId && voter.incarnation === peer.incarnation);
  if (names(self) && sender !== void 0 && names(sender)) return null;
  const stranger = names(self) ? "its sender" : self.nodeId;
  return {
    code: "INCARNATION_FENCED",
    message: `cluster ${genesis2.clusterId} was founded with another data directory of ${stranger}`
  };
}
function notTheSame(own, other) {
  if (own.clusterId === other.clusterId) return null;
  const message = `a genesis of cluster ${other.clusterId} came to a member of cluster ${own.clusterId}`;
  return { code: "WRONG_CLUSTER", message };
}
function stored(state) {
  if (state.phase !== "storing") throw new Error(`a genesis became durable while ${state.phase}`);
  const { genesis: genesis2, linked } = state;
  return {
    state: { phase: "founded", genesis: genesis2, linked },
    actions: [{ type: "founded", genesis: genesis2 }, ...handOut2(genesis2, [...linked.values()])]
  };
}
function handOut2(genesis2, peers) {
  const members = new Map(genesis2.voters.map((voter) => [voter.id, voter.incarnation]));
  return peers.filter((peer) => peer.clusterId === null && members.get(peer.nodeId) === peer.incarnation).map((peer) => ({ type: "send", peer: peer.nodeId, genesis: genesis2 }));
}

// src/server/cluster-join.ts
var ClusterJoin = class {
  #self;
  #links;
  #effects;
  /** The cluster id, in case this node founds. */
  #drawn;
  #state = NOT_STARTED;
  constructor(self, links, drawn, effects) {
    this.#self = self;
    this.#links = links;
    this.#drawn = drawn;
    this.#effects = effects;
  }
  /** For people: what a node that has not joined is waiting for. */
  get waitingFor() {
    if (this.#state.phase !== "fresh") return "opening the log";
    const { linked } = this.#state;
    const missing = this.#self.voters.filter((id) => id !== this.#self.nodeId && !linked.has(id));
    if (missing.length === 0) return "waiting for the cluster to be founded";
    return `waiting for ${missing.join(", ")}: a new cluster is founded once all its nodes have met`;
  }
  start(stored2) {
    this.#step({ type: "start", stored: stored2 });
  }
  linkUp(hello) {
    this.#step({ type: "linkUp", hello });
  }
  linkDown(peer) {
    this.#step({ type: "linkDown", peer });
  }
  genesis(from, genesis2) {
    this.#step({ type: "genesis", from, genesis: genesis2 });
  }
  #step(input) {
    const { state, actions } = bootstrapStep(this.#self, this.#state, input, this.#drawn);
    this.#state = state;
    for (const action of actions) this.#do(action);
    this.#links.flush();
  }
  #do(action) {
    switch (action.type) {
      case "announce":
        this.#links.setGenesis(action.genesis);
        break;
      case "store":
        this.#effects.store(action.genesis).then(
          () => this.#step({ type: "stored" }),
          (error) => this.#effects.failed(error)
        );
        break;
      case "send":
        this.#links.send(action.peer, { type: "genesis", genesis: action.genesis });
        break;
      case "founded":
        this.#effects.founded(action.genesis);
        break;
      case "reject":
        if (action.code === "INCARNATION_FENCED") {
          this.#effects.failed(new QuorateError(action.code, action.message));
        }
        break;
    }
  }
};

// src/server/http-requests.ts
var HttpRequests = class {
  limits;
  #owner;
  #open = /* @__PURE__ */ new Map();
  constructor(owner, limits2) {
    this.#owner = owner;
    this.limits = limits2;
  }
  status() {
    return this.#owner.status();
  }
  /** Answered by the request's deadline: the loop sees to that. */
  async submit(message) {
    const { phase, waitingFor } = this.status();
    if (phase === "starting") throw new QuorateError("NO_QUORUM", `not joined yet: ${waitingFor}`);
    const connection = this.#owner.nextId();
    const deferred = new Deferred();
    this.#open.set(connection, deferred);
    this.#owner.post({ type: "clientOpened", connection });
    this.#owner.post({ type: "clientMessages", connection, messages: [HELLO, message] });
    return await deferred.promise;
  }
  /** False if the connection is no HTTP request. What is no answer (welcome, topology) is dropped. */
  answered(connection, message) {
    const deferred = this.#open.get(connection);
    if (deferred === void 0) return false;
    if (message.type === "written" || message.type === "answer" || message.type === "failed") {
      this.#open.delete(connection);
      deferred.resolve(message);
      queueMicrotask(() => this.#owner.post({ type: "clientClosed", connection }));
    }
    return true;
  }
  closeAll() {
    for (const deferred of this.#open.values()) {
      deferred.reject(new QuorateError("SHUTTING_DOWN", "the node is stopping", { outcome: "unknown" }));
    }
    this.#open.clear();
  }
};
var HELLO = {
  type: "hello",
  protocolMin: CLIENT_PROTOCOL.min,
  protocolMax: CLIENT_PROTOCOL.max,
  client: "http",
  clusterId: null
};

// src/server/http-answers.ts
function sendText(response, status, text3) {
  send(response, status, "text/plain; charset=utf-8", text3);
}
function sendJson(response, status, value) {
  send(response, status, "application/json", `${JSON.stringify(value)}
`);
}
function sendBytes(response, status, bytes3) {
  send(response, status, "application/octet-stream", bytes3);
}
function sendError(response, error) {
  const { code, message, outcome: outcome2, details, retryable } = error;
  if (details.retryAfterMs !== void 0) {
    response.setHeader("retry-after", Math.ceil(details.retryAfterMs / 1e3));
  }
  sendJson(response, HTTP_STATUS[code] ?? 500, { code, message, outcome: outcome2, retryable, details });
}
function send(response, status, type, body) {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    "content-type": type,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff"
  });
  response.end(body);
}
var HTTP_STATUS = {
  INVALID_ARGUMENT: 400,
  KEY_TOO_LARGE: 413,
  VALUE_TOO_LARGE: 413,
  REQUEST_TOO_LARGE: 413,
  NOT_A_COUNTER: 409,
  COUNTER_OVERFLOW: 409,
  CONFLICT: 412,
  NOT_FOUND: 404,
  COMPACTED: 410,
  FUTURE_REVISION: 400,
  DUPLICATE_KEY: 400,
  TOO_MANY_OPERATIONS: 413,
  OVERLOADED: 429,
  NO_QUORUM: 503,
  UNAVAILABLE: 503,
  SHUTTING_DOWN: 503,
  TIMEOUT: 504
};

// src/wire/ranges.ts
function prefixRange(prefix) {
  const end2 = afterPrefix(prefix);
  return { start: prefix, end: end2 };
}
function afterPrefix(prefix) {
  for (let last = prefix.length - 1; last >= 0; last -= 1) {
    const byte = prefix[last];
    if (byte === void 0 || byte === 255) continue;
    const end2 = new Uint8Array(prefix.subarray(0, last + 1));
    end2[last] = byte + 1;
    return end2;
  }
  return new Uint8Array(0);
}

// src/server/http-kv.ts
var DEFAULT_TIMEOUT_MS = 5e3;
var PATH_PREFIX = "/v1/kv/";
async function serveKey(request, response, url, node) {
  const key = Buffer.from(decodeURIComponent(url.pathname.slice(PATH_PREFIX.length)));
  switch (request.method ?? "") {
    case "GET":
    case "HEAD":
      return key.length === 0 ? serveScan(response, url, node) : serveGet(response, url, node, key);
    case "PUT": {
      const value = await readBody(request, node.limits.requestBytesMax);
      const conditions = conditionsOf2(url);
      const put4 = { type: "put", key, value, conditions, returnPrevious: false };
      return serveWrite(response, url, node, put4);
    }
    case "POST": {
      const by = integer2(url, "increment");
      if (by === null) throw new QuorateError("INVALID_ARGUMENT", "POST needs ?increment=N");
      return serveWrite(response, url, node, { type: "increment", key, by });
    }
    case "DELETE": {
      const target = { start: key, end: null };
      const conditions = conditionsOf2(url);
      return serveWrite(response, url, node, { type: "delete", target, conditions, returnPrevious: false });
    }
    default:
      response.setHeader("allow", "GET, HEAD, PUT, POST, DELETE");
      throw new QuorateError("INVALID_ARGUMENT", `method ${request.method} is not known here`);
  }
}
async function serveGet(response, url, node, key) {
  const { answer: answer2, result } = await read3(url, node, { type: "get", keys: [key] });
  describeRead(response, answer2);
  const record2 = result.type === "get" ? result.records[0] ?? null : null;
  if (record2 === null) return sendError(response, new QuorateError("NOT_FOUND", "the key does not exist"));
  response.setHeader("quorate-mod-revision", record2.modRevision);
  response.setHeader("quorate-create-revision", record2.createRevision);
  response.setHeader("quorate-version", record2.version);
  return sendBytes(response, 200, record2.value);
}
async function serveScan(response, url, node) {
  const { answer: answer2, result, resume } = await read3(url, node, {
    type: "scan",
    range: prefixRange(Buffer.from(url.searchParams.get("prefix") ?? "")),
    limit: Number(integer2(url, "limit") ?? 0n),
    reverse: url.searchParams.has("reverse"),
    keysOnly: url.searchParams.has("keysOnly"),
    countOnly: url.searchParams.has("countOnly")
  });
  if (result.type !== "scan") throw new QuorateError("INTERNAL", "a scan was answered as a get");
  const { records, count: count2, more } = result;
  describeRead(response, answer2);
  return sendJson(response, 200, {
    revision: answer2.revision,
    count: count2,
    more,
    ...resume === null ? {} : { resume: bytesJson(resume) },
    records: records.map(recordJson)
  });
}
function describeRead(response, answer2) {
  response.setHeader("quorate-revision", answer2.revision);
  response.setHeader("quorate-term", answer2.term);
  response.setHeader("quorate-level", answer2.level);
  if (answer2.ageMs >= 0) response.setHeader("quorate-age-ms", answer2.ageMs);
}
async function read3(url, node, query2) {
  const level2 = levelOf(url);
  const revision = integer2(url, "atRevision");
  const answer2 = await node.submit({
    type: "read",
    id: 1,
    timeoutMs: timeoutOf(url),
    level: level2,
    minRevision: Number(integer2(url, "minRevision") ?? 0n),
    query: revision === null ? query2 : { type: "past", revision: revisionOf(revision), read: query2 }
  });
  if (answer2.type === "failed") throw fromFailedMessage(answer2);
  if (answer2.type !== "answer") throw new QuorateError("INTERNAL", `a read was answered with ${answer2.type}`);
  const { result } = answer2;
  if (result.type === "failure") throw fromFailure(result.failure);
  if (result.type === "past") return { answer: answer2, result: result.result, resume: result.resume };
  if (result.type === "txn") throw new QuorateError("INTERNAL", "a read was answered as a transaction");
  return { answer: answer2, result, resume: null };
}
function revisionOf(number) {
  if (number >= 1n && number <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(number);
  throw new QuorateError("INVALID_ARGUMENT", `${number} is not a revision: the first is 1`);
}
async function serveWrite(response, url, node, operation) {
  const answer2 = await node.submit({
    type: "write",
    id: 1,
    timeoutMs: timeoutOf(url),
    session: 0n,
    sequence: 0,
    operation: encodeOperation(operation)
  });
  if (answer2.type === "failed") throw fromFailedMessage(answer2);
  if (answer2.type !== "written")
    throw new QuorateError("INTERNAL", `a write was answered with ${answer2.type}`);
  if (answer2.reply.type === "failure") throw fromFailure(answer2.reply.failure);
  return sendJson(response, 200, replyJson(answer2.reply));
}
async function serveCompact(response, url, node) {
  const revision = integer2(url, "revision");
  if (revision === null) throw new QuorateError("INVALID_ARGUMENT", "POST needs ?revision=N");
  return serveWrite(response, url, node, { type: "compact", revision: revisionOf(revision) });
}
function replyJson(reply2) {
  if (reply2.type === "put") return { revision: reply2.revision };
  if (reply2.type === "delete") return { deleted: reply2.deleted, revision: reply2.revision };
  if (reply2.type === "increment") return { value: reply2.value.toString(), revision: reply2.revision };
  if (reply2.type === "compact") return { floor: reply2.floor, revision: reply2.revision };
  throw new QuorateError("INTERNAL", `no path asks for ${reply2.type}`);
}
function bytesJson(bytes3) {
  const buffer = Buffer.from(bytes3.buffer, bytes3.byteOffset, bytes3.length);
  const text3 = buffer.toString("utf8");
  return Buffer.from(text3, "utf8").equals(buffer) ? text3 : { b64: buffer.toString("base64") };
}
function recordJson(record2) {
  const { createRevision, modRevision, version } = record2;
  const lease = record2.lease.toString();
  return {
    key: bytesJson(record2.key),
    value: bytesJson(record2.value),
    createRevision,
    modRevision,
    version,
    lease
  };
}
function conditionsOf2(url) {
  const conditions = [];
  if (url.searchParams.has("ifAbsent")) conditions.push({ type: "absent" });
  if (url.searchParams.has("ifPresent")) conditions.push({ type: "present" });
  const revision = integer2(url, "ifRevision");
  if (revision !== null) conditions.push({ type: "revision", modRevision: Number(revision) });
  const version = integer2(url, "ifVersion");
  if (version !== null) conditions.push({ type: "version", version: Number(version) });
  return conditions;
}
function levelOf(url) {
  const level2 = url.searchParams.get("level") ?? "linearizable";
  if (level2 === "linearizable" || level2 === "local") return level2;
  throw new QuorateError("INVALID_ARGUMENT", `level=${level2}: it is linearizable or local`);
}
function timeoutOf(url) {
  const timeoutMs2 = Number(integer2(url, "timeoutMs") ?? BigInt(DEFAULT_TIMEOUT_MS));
  if (timeoutMs2 >= 1 && timeoutMs2 <= 6e4) return timeoutMs2;
  throw new QuorateError("INVALID_ARGUMENT", `timeoutMs=${timeoutMs2}: it is 1 to 60000`);
}
function integer2(url, name2) {
  const text3 = url.searchParams.get(name2);
  if (text3 === null) return null;
  if (/^-?\d{1,19}$/.test(text3)) return BigInt(text3);
  throw new QuorateError("INVALID_ARGUMENT", `${name2}=${text3} is not an integer`);
}
async function readBody(request, bytesMax) {
  const chunks = [];
  let bytes3 = 0;
  for await (const chunk of request) {
    const buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    bytes3 += buffer.length;
    if (bytes3 > bytesMax) {
      const details = { limit: bytesMax };
      throw new QuorateError("REQUEST_TOO_LARGE", `the body is larger than ${bytesMax} bytes`, { details });
    }
    chunks.push(buffer);
  }
  return Buffer.concat(chunks);
}

// src/server/http-routes.ts
var INDEX = `Quorate node.

GET    /livez                      200 while the process answers
GET    /startupz                   200 once the node has joined its cluster and opened its log
GET    /readyz?maxLagMs=N          200 while the node has a leader and is caught up
GET    /leader                     200 on the leader only
GET    /v1/status                  what this node knows, as JSON
GET    /v1/kv/KEY                  the value; ?level=local reads this node's own state, ?atRevision=N the past
GET    /v1/kv/?prefix=P&limit=N    records as JSON
PUT    /v1/kv/KEY                  the body becomes the value; ?ifAbsent, ?ifPresent, ?ifRevision=N, ?ifVersion=N
POST   /v1/kv/KEY?increment=N      atomic counter
DELETE /v1/kv/KEY
POST   /v1/compact?revision=N      ends the history below N
`;
async function serveHttp(request, response, node) {
  try {
    const url = new URL(request.url ?? "/", "http://node");
    if (url.pathname.startsWith("/v1/kv/")) return await serveKey(request, response, url, node);
    if (url.pathname === "/v1/compact" && request.method === "POST") {
      return await serveCompact(response, url, node);
    }
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      return sendText(response, 405, "this path can only be read\n");
    }
    return serveHealth(response, url, node);
  } catch (error) {
    return sendError(response, QuorateError.is(error) ? error : invalid2(error));
  }
}
function serveHealth(response, url, node) {
  const status = node.status();
  switch (url.pathname) {
    case "/":
      return sendText(response, 200, INDEX);
    case "/livez":
      return sendText(response, 200, "ok\n");
    case "/startupz":
      return verdict(response, status.phase === "starting" ? status.waitingFor : null);
    case "/readyz":
      return verdict(response, notReady(status, url.searchParams.get("maxLagMs")));
    case "/leader":
      return verdict(
        response,
        status.role === "leader" ? null : `the leader is ${status.leader ?? "unknown"}`
      );
    case "/v1/status":
      return sendJson(response, 200, status);
    default:
      return sendText(response, 404, `no such path: ${url.pathname}; GET / lists them all
`);
  }
}
function verdict(response, refusal) {
  if (refusal === null) sendText(response, 200, "ok\n");
  else sendText(response, 503, `${refusal}
`);
}
function notReady(status, maxLagText) {
  if (status.phase !== "serving") return status.waitingFor;
  if (status.leader === null) return "no leader";
  const maxLagMs = maxLagText === null ? Number.POSITIVE_INFINITY : Number(maxLagText);
  if (!(maxLagMs >= 0))
    throw new QuorateError("INVALID_ARGUMENT", `maxLagMs=${maxLagText} is not a number of ms`);
  if (status.leaderHeardMsAgo > maxLagMs) return `last heard of the leader ${status.leaderHeardMsAgo} ms ago`;
  if (status.appliedIndex < status.commitIndex) {
    return `${status.commitIndex - status.appliedIndex} entries behind`;
  }
  return null;
}
function invalid2(error) {
  const message = error instanceof URIError || error instanceof TypeError ? error.message : String(error);
  return new QuorateError("INVALID_ARGUMENT", message, { cause: error });
}

// src/server/node-parts.ts
function selfIdentity(settings2, incarnation) {
  const { heartbeatMs, electionTimeoutMinMs, electionTimeoutMaxMs, limits: limits2, history } = settings2;
  const { keyBytesMax, valueBytesMax, requestBytesMax } = limits2;
  const shared = {
    heartbeatMs,
    electionTimeoutMinMs,
    electionTimeoutMaxMs,
    keyBytesMax,
    valueBytesMax,
    requestBytesMax,
    historyKeptMs: history.keptMs,
    historyKeptRevisions: history.keptRevisions
  };
  return {
    protocolMin: PEER_PROTOCOL.min,
    protocolMax: PEER_PROTOCOL.max,
    clusterName: settings2.clusterName,
    nodeId: settings2.id,
    incarnation,
    voters: settings2.peers.map(({ id }) => id).toSorted(),
    client: formatEndpoint(settings2.clientAdvertise),
    settings: Object.fromEntries(Object.entries(shared).map(([name2, value]) => [name2, String(value)]))
  };
}
async function closeAll(parts) {
  await Promise.all(parts.map((part) => part.close()));
}
function asQuorateError(cause) {
  if (QuorateError.is(cause)) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new QuorateError("INTERNAL", `the node stopped: ${message}`, { cause });
}

// src/server/version.ts
import { readFileSync } from "node:fs";
function packageVersion() {
  const text3 = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  const manifest = JSON.parse(text3);
  const known = typeof manifest === "object" && manifest !== null && "version" in manifest;
  return known ? String(manifest.version) : "unknown";
}

// src/server/status.ts
function describeNode(sources) {
  const { settings: settings2, identity, core } = sources;
  return {
    id: settings2.id,
    version: packageVersion(),
    phase: sources.phase,
    waitingFor: sources.waitingFor,
    cluster: settings2.clusterName,
    clusterId: identity?.genesis?.clusterId ?? null,
    incarnation: identity?.incarnation ?? "",
    ...consensusStatus(core, sources.now),
    openRequests: core?.loop.openRequests ?? 0,
    connections: sources.connections,
    members: settings2.peers.map(({ id, address }) => memberStatus(id, address, sources)),
    settingsDiffer: sources.settingsDiffer,
    insecure: settings2.insecure,
    uptimeMs: sources.now - sources.startedAt
  };
}
function consensusStatus(core, now) {
  const raft = core?.raft.status();
  const machine = core?.machine;
  return {
    role: raft?.role ?? "follower",
    term: raft?.term ?? 0,
    leader: raft?.leader ?? null,
    leaderHeardMsAgo: raft === void 0 || raft.leader === null ? -1 : heardMsAgo(raft, now),
    lastIndex: raft?.last.index ?? 0,
    durableIndex: raft?.durableIndex ?? 0,
    commitIndex: raft?.committed ?? 0,
    appliedIndex: machine?.appliedIndex ?? 0,
    revision: machine?.revision ?? 0,
    clusterTimeMs: machine?.clusterTimeMs ?? 0,
    keyCount: machine?.keyCount ?? 0,
    digest: machine?.digest() ?? ""
  };
}
function heardMsAgo(raft, now) {
  return raft.role === "leader" ? 0 : Math.max(0, now - raft.leaderHeardAt);
}
function memberStatus(id, address, { settings: settings2, linked }) {
  const self = id === settings2.id;
  const client = self ? formatEndpoint(settings2.clientAdvertise) : linked.get(id) ?? "";
  return { id, peer: formatEndpoint(address), client, linked: self || linked.has(id) };
}

// src/server/node.ts
var RunningNode = class {
  id;
  #settings;
  #log;
  #host;
  #startedAt;
  #ready = new Deferred();
  #failed = new Deferred();
  #stopped = new Deferred();
  #clients;
  #http;
  /** Peers whose link is up, with their client addresses. */
  #linked = /* @__PURE__ */ new Map();
  #settingsDiffer = /* @__PURE__ */ new Set();
  #nextConnection = 1;
  #phase = "starting";
  #isReady = false;
  #listeners = null;
  #directory = null;
  #links = null;
  #join = null;
  #core = null;
  #closing = null;
  constructor(settings2, log, host) {
    this.id = settings2.id;
    this.#host = host;
    this.#startedAt = host.clock.now();
    this.#settings = settings2;
    this.#log = log;
    const nextId = () => this.#nextConnection++;
    this.#clients = new ClientPort((event) => this.#core?.post(event), settings2.limits, nextId);
    this.#http = new HttpRequests(
      { post: (event) => this.#core?.post(event), nextId, status: () => this.status() },
      settings2.limits
    );
    this.#ready.promise.catch(() => {
    });
  }
  /** Resolves when the node first serves: it has a leader and has applied what was committed. */
  get ready() {
    return this.#ready.promise;
  }
  /** Resolves, with the reason, if the node cannot go on; it serves nothing any more, and the process should end. */
  get failed() {
    return this.#failed.promise;
  }
  /** A closer look than `status`; null until the cluster is known. */
  get core() {
    return this.#core;
  }
  get #bound() {
    if (this.#listeners === null) throw new Error("the node does not listen yet");
    return this.#listeners;
  }
  get clientAddress() {
    return this.#bound.client.address;
  }
  get peerAddress() {
    return this.#bound.peer.address;
  }
  /** Ports before data: a node that cannot be reached touches nothing. */
  async open() {
    this.#listeners = await this.#host.bind(this.#settings, {
      onClient: (socket) => {
        if (this.#core !== null) return this.#clients.accept(socket);
        refuse6(socket, "NO_QUORUM", `this node has not joined its cluster yet: ${this.#waitingFor()}`);
      },
      onPeer: (socket) => this.#links === null ? socket.terminate() : this.#links.accept(socket),
      onHttp: (request, response) => void serveHttp(request, response, this.#http)
    });
    try {
      this.#directory = await this.#host.openDirectory(this.#settings);
    } catch (error) {
      await closeAll(Object.values(this.#listeners));
      throw error;
    }
    this.#join = this.#joinCluster(this.#directory);
    this.#links?.start();
    this.#join.start(this.#directory.identity.genesis);
  }
  #joinCluster(directory) {
    const { identity } = directory;
    const self = selfIdentity(this.#settings, identity.incarnation);
    const links = new PeerLinks(
      {
        self,
        genesis: identity.genesis,
        peers: this.#settings.peers,
        heartbeatMs: this.#settings.heartbeatMs,
        frameBytesMax: peerFrameBytesMax(this.#settings.limits.requestBytesMax),
        random: () => randomUint32(this.#host) / 2 ** 32,
        clock: this.#host.clock,
        dial: this.#host.dialPeer
      },
      {
        onUp: (peer, hello) => this.#peerUp(peer, hello),
        onDown: (peer, reason) => this.#peerDown(peer, reason),
        onMessages: (peer, messages) => this.#peerMessages(peer, messages),
        onWarning: (warning) => this.#linkWarning(warning)
      }
    );
    this.#links = links;
    return new ClusterJoin(self, links, Buffer.from(this.#host.randomBytes(16)).toString("hex"), {
      store: (genesis2) => directory.saveGenesis(genesis2),
      founded: (genesis2) => void this.#founded(directory, genesis2).catch((error) => this.#fail(error)),
      failed: (error) => this.#fail(error)
    });
  }
  async #founded(directory, genesis2) {
    const log = await directory.openLog(genesisMembership(genesis2).membership);
    for (const warning of directory.warnings) this.#log.warn({}, warning);
    if (this.#closing !== null) return;
    this.#core = new NodeCore(
      this.#settings,
      genesis2,
      log,
      {
        toPeer: (peer, message) => void this.#links?.send(peer, message),
        toClient: (connection, message) => this.#toClient(connection, message),
        closeClient: (connection) => this.#clients.close(connection),
        flush: () => this.#endOfTurn(),
        stopped: () => this.#stopped.resolve(),
        failed: (error) => this.#fail(error)
      },
      this.#host
    );
    this.#phase = "serving";
    this.#log.info(
      { clusterId: genesis2.clusterId, lastIndex: log.recovered.last.index },
      "joined the cluster"
    );
    for (const [peer, client] of this.#linked)
      this.#core.post({ type: "peerUp", peer: nodeId2(peer), client });
    this.#core.start();
  }
  #peerUp(peer, hello) {
    this.#linked.set(peer, hello.client);
    this.#log.info({ peer }, "link up");
    this.#join?.linkUp(hello);
    this.#core?.post({ type: "peerUp", peer: nodeId2(peer), client: hello.client });
  }
  #peerDown(peer, reason) {
    this.#linked.delete(peer);
    this.#log.info({ peer, reason }, "link down");
    this.#join?.linkDown(peer);
    this.#core?.post({ type: "peerDown", peer: nodeId2(peer) });
  }
  #peerMessages(peer, messages) {
    for (const message of messages) {
      if (message.type === "genesis") this.#join?.genesis(peer, message.genesis);
    }
    this.#core?.post({ type: "peerMessages", peer: nodeId2(peer), messages });
  }
  #linkWarning({ kind, peer, code, message }) {
    if (kind === "settings") this.#settingsDiffer.add(message);
    this.#log.warn({ kind, peer, code }, message);
    if (kind === "refusedByPeer" && code === "INCARNATION_FENCED")
      this.#fail(new QuorateError(code, message));
  }
  #toClient(connection, message) {
    if (!this.#http.answered(connection, message)) this.#clients.send(connection, message);
  }
  #endOfTurn() {
    this.#links?.flush();
    this.#clients.flush();
    if (!this.#isReady && this.#serves()) {
      this.#isReady = true;
      this.#log.info({ leader: this.#core?.loop.view.leader, term: this.#core?.loop.view.term }, "ready");
      this.#ready.resolve();
    }
  }
  #serves() {
    const status = this.#core?.raft.status();
    return status !== void 0 && status.leader !== null && status.applied >= status.committed && status.committed > 0;
  }
  #waitingFor() {
    return this.#core === null ? this.#join?.waitingFor ?? "opening the data directory" : "";
  }
  status() {
    return describeNode({
      settings: this.#settings,
      phase: this.#phase,
      waitingFor: this.#waitingFor(),
      identity: this.#directory?.identity ?? null,
      core: this.#core,
      linked: this.#linked,
      settingsDiffer: [...this.#settingsDiffer],
      connections: this.#clients.count,
      now: this.#host.clock.now(),
      startedAt: this.#startedAt
    });
  }
  /** Graceful: clients are sent elsewhere, leadership is handed over, what is open is answered. Then all is closed. */
  async stop() {
    if (this.#core !== null && this.#closing === null && this.#phase === "serving") {
      this.#phase = "stopping";
      this.#core.post({ type: "stop" });
      await Promise.race([this.#stopped.promise, this.#failed.promise]);
    }
    await this.#close();
  }
  #close() {
    this.#closing ??= this.#closeParts();
    return this.#closing;
  }
  async #closeParts() {
    this.#core?.halt();
    this.#clients.closeAll();
    this.#http.closeAll();
    if (this.#links !== null) await closeAll([this.#links]);
    if (this.#listeners !== null) await closeAll(Object.values(this.#listeners));
    await this.#core?.idle();
    await this.#directory?.close();
  }
  #fail(cause) {
    const error = asQuorateError(cause);
    this.#log.error({ code: error.code, err: error.cause }, error.message);
    this.#core?.halt();
    this.#ready.reject(error);
    const told2 = () => this.#failed.resolve(error);
    this.#close().then(told2, told2);
  }
};

// src/sim/node/incarnation.ts
var Incarnation = class {
  host;
  clock;
  /** What it does now settles promises: they run on before anything else happens. */
  promising = true;
  #kernel;
  #crashed;
  #alive = true;
  #asleepUntilMs = 0;
  #sleeping = [];
  /** The clock at `#anchorMs` of the kernel; it runs at `#rate` from there. */
  #clockMs = 1e3;
  #anchorMs;
  #rate = 1;
  #timers = /* @__PURE__ */ new Set();
  /** `crashed`: told of what the process threw and nobody caught. */
  constructor(host, kernel, crashed) {
    this.host = host;
    this.#kernel = kernel;
    this.#crashed = crashed;
    this.#anchorMs = kernel.now();
    this.clock = {
      now: () => Math.floor(this.#readClock()),
      schedule: (delayMs, task) => this.#schedule(delayMs, task),
      endOfTurn: (task) => kernel.schedule(0, () => this.run(task))
    };
  }
  get isAlive() {
    return this.#alive;
  }
  get isAsleep() {
    return this.#alive && this.#asleepUntilMs > this.#kernel.now();
  }
  run(task) {
    if (!this.#alive) return;
    if (this.isAsleep || this.#sleeping.length > 0) {
      this.#sleeping.push(task);
      return;
    }
    if (this.promising) this.#kernel.promised();
    try {
      task();
    } catch (error) {
      this.#crashed(error);
    }
  }
  sleep(forMs) {
    const untilMs = this.#kernel.now() + forMs;
    if (!this.#alive || untilMs <= this.#asleepUntilMs) return;
    this.#asleepUntilMs = untilMs;
    this.#kernel.schedule(forMs, () => {
      if (!this.isAsleep) this.#wake();
    });
  }
  /** Before its time. */
  awaken() {
    this.#asleepUntilMs = 0;
    this.#wake();
  }
  kill() {
    this.#alive = false;
    this.#sleeping = [];
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }
  /** 1 is true time. */
  setClockRate(rate) {
    this.#clockMs = this.#readClock();
    this.#anchorMs = this.#kernel.now();
    this.#rate = rate;
    this.#clockChanged();
  }
  jumpClock(aheadMs) {
    this.#clockMs += aheadMs;
    this.#clockChanged();
  }
  #readClock() {
    return this.#clockMs + (this.#kernel.now() - this.#anchorMs) * this.#rate;
  }
  #schedule(delayMs, task) {
    const timer = { dueMs: this.#readClock() + delayMs, task, cancel: () => {
    } };
    this.#timers.add(timer);
    this.#arm(timer);
    return () => {
      this.#timers.delete(timer);
      timer.cancel();
    };
  }
  /** A timer that comes while the process sleeps may still be taken back. */
  #arm(timer) {
    const realMs = Math.max(0, timer.dueMs - this.#readClock()) / this.#rate;
    timer.cancel = this.#kernel.schedule(
      realMs,
      () => this.run(() => {
        if (this.#timers.delete(timer)) timer.task();
      })
    );
  }
  /** Timers go by the process's own clock. */
  #clockChanged() {
    for (const timer of this.#timers) {
      timer.cancel();
      this.#arm(timer);
    }
  }
  #wake() {
    const tasks = this.#sleeping;
    this.#sleeping = [];
    for (const task of tasks) this.run(task);
  }
};

// src/sim/node/simulated-host.ts
function simulatedHost(self, around) {
  const { kernel, network, random } = around;
  return {
    clock: self.clock,
    randomBytes: (count2) => random.bytes(count2),
    dialPeer: (address) => network.dial(self, address),
    tap: around.tap,
    coreTuning: around.coreTuning,
    bind: (settings2, handlers) => Promise.resolve(bindPorts(self, network, settings2, handlers)),
    openDirectory: async (settings2) => {
      const directory = await openDataDirectory({
        path: settings2.dataDir,
        nodeId: settings2.id,
        randomBytes: (count2) => random.bytes(count2),
        schedule: self.clock.schedule,
        disk: around.disk
      });
      return observedDirectory(directory, settings2.id, self, around, kernel);
    }
  };
}
function bindPorts(self, network, settings2, handlers) {
  const bind = (address, kind, accept2) => {
    const unbind = network.listen(address, { resident: self, kind, accept: accept2 });
    return {
      address,
      close: () => {
        unbind();
        return Promise.resolve();
      }
    };
  };
  return {
    client: bind(settings2.clientListen, "client", (socket) => handlers.onClient(socket)),
    peer: bind(settings2.peerListen, "peer", (socket) => handlers.onPeer(socket))
  };
}
function observedDirectory(directory, id, self, { observe }, kernel) {
  return {
    get identity() {
      return directory.identity;
    },
    get warnings() {
      return directory.warnings;
    },
    saveGenesis: (genesis2) => directory.saveGenesis(genesis2),
    close: () => directory.close(),
    openLog: async (membership) => {
      const log = await directory.openLog(membership);
      const entries2 = await readAll(log);
      if (self.isAlive) observe({ type: "started", node: nodeId2(id), recovered: log.recovered, entries: entries2 });
      return observedLog(log, id, self, observe, kernel);
    }
  };
}
function observedLog(log, id, self, observe, kernel) {
  return {
    recovered: log.recovered,
    clusterTimeMs: log.clusterTimeMs,
    write: (write3, done) => log.write(write3, (error) => {
      if (error === null && self.isAlive)
        observe({ type: "durable", node: nodeId2(id), through: write3.seq });
      if (error !== null) self.promising = true;
      self.run(() => done(error));
    }),
    read: (from, to, bytesMax, done) => {
      kernel.promised();
      log.read(from, to, bytesMax, (error, entries2) => self.run(() => done(error, entries2)));
    },
    close: () => log.close()
  };
}
async function readAll(log) {
  const { last } = log.recovered;
  if (last.index === 0) return [];
  const entries2 = [];
  while (entries2.length < last.index) {
    const page2 = await new Promise((resolve2, reject2) => {
      log.read(entries2.length + 1, last.index, PAGE_BYTES, (error, found) => {
        if (error === null) resolve2(found);
        else reject2(error);
      });
    });
    if (page2.length === 0) throw new Error(`the log has nothing at ${entries2.length + 1}`);
    for (const entry of page2) entries2.push(entry);
  }
  return entries2;
}
var PAGE_BYTES = 4 * 1024 * 1024;
function observingTap(id, observe, look) {
  const node = nodeId2(id);
  return {
    drained: ({ messages, persist }) => {
      for (const message of messages) observe({ type: "sent", node, message });
      if (persist !== null) observe({ type: "persist", node, write: persist });
    },
    applied: (entry) => observe({
      type: "applied",
      node,
      entry,
      digest: entry.index % DIGEST_EVERY === 0 ? look.digest() : null
    }),
    turned: () => {
      const status = look.status();
      if (status !== null) observe({ type: "turned", node, status });
    }
  };
}
var DIGEST_EVERY = 16;

// src/sim/node/simulated-node.ts
var SimulatedNode = class {
  id;
  disk;
  #settings;
  #coreTuning;
  #world;
  #process = null;
  #starts = 0;
  #stopping = false;
  constructor(settings2, coreTuning, world) {
    this.id = nodeId2(settings2.id);
    this.disk = new SimulatedDisk(settings2.id, world.random);
    this.#settings = settings2;
    this.#coreTuning = coreTuning;
    this.#world = world;
  }
  get isRunning() {
    return this.#process !== null;
  }
  get isAsleep() {
    return this.#process?.self.isAsleep ?? false;
  }
  /** The disk as the running process sees it. */
  get processDisk() {
    return this.#process?.disk ?? null;
  }
  get running() {
    return this.#process?.running ?? null;
  }
  get isLeader() {
    return this.running?.core?.loop.view.isLeader ?? false;
  }
  get term() {
    return this.running?.core?.loop.view.term ?? 0;
  }
  start() {
    if (this.#process !== null) return;
    this.#starts += 1;
    this.#stopping = false;
    const { kernel, network, random } = this.#world;
    const self = new Incarnation(this.id, kernel, kernel.fail);
    const disk = this.disk.attach(kernel);
    const host = simulatedHost(self, {
      kernel,
      network,
      disk,
      coreTuning: this.#coreTuning,
      random: random.stream(`node ${this.id} start ${this.#starts}`),
      observe: (observation) => this.#world.observe(observation),
      tap: observingTap(this.id, (observation) => this.#world.observe(observation), {
        digest: () => this.running?.core?.machine.digest() ?? "",
        status: () => {
          if (!this.#stopping) self.promising = false;
          return this.running?.core?.raft.status() ?? null;
        }
      })
    });
    const running = new RunningNode(this.#settings, this.#logger(), host);
    const process2 = { self, disk, running };
    this.#process = process2;
    this.#world.note(() => `${this.id} starts, for the ${this.#starts}. time`);
    kernel.promised();
    running.open().catch((error) => this.#exit(process2, asQuorateError2(error)));
    void running.failed.then((error) => this.#exit(process2, error));
  }
  crash(death) {
    const process2 = this.#process;
    if (process2 === null) return;
    this.#world.note(() => `${this.id} ends: ${death}`);
    if (death === "kill") this.#world.network.processKilled(process2.self);
    else this.#world.network.machineLost(process2.self);
    this.#end(process2, death === "kill" ? "exit" : "power cut");
  }
  /** SIGTERM. */
  stop() {
    const process2 = this.#process;
    if (process2 === null) return;
    this.#world.note(() => `${this.id} is asked to stop`);
    this.#world.kernel.promised();
    this.#stopping = true;
    process2.self.promising = true;
    process2.self.run(() => {
      void process2.running.stop().then(() => this.#exit(process2, null));
    });
  }
  sleep(forMs) {
    if (this.#process === null) return;
    this.#world.note(() => `${this.id} sleeps for ${forMs} ms`);
    this.#process.self.sleep(forMs);
  }
  awaken() {
    this.#process?.self.awaken();
  }
  setClockRate(rate) {
    this.#process?.self.setClockRate(rate);
  }
  jumpClock(aheadMs) {
    this.#world.note(() => `the clock of ${this.id} jumps ${aheadMs} ms ahead`);
    this.#process?.self.jumpClock(aheadMs);
  }
  #exit(process2, error) {
    if (!process2.self.isAlive) return;
    this.#world.note(
      () => `${this.id} exits: ${error === null ? "stopped" : `${error.code} ${error.message}`}`
    );
    this.#world.network.processKilled(process2.self);
    this.#end(process2, "exit");
    this.#world.ended(this, error);
  }
  #end({ self, disk }, how) {
    self.kill();
    disk.detach(how);
    this.#process = null;
    this.#world.observe({ type: "ended", node: this.id });
  }
  #logger() {
    const write3 = (data, message) => this.#world.note(() => `${this.id} logs: ${message} ${JSON.stringify(data)}`);
    return { error: write3, warn: write3, info: write3, debug: () => {
    } };
  }
};
function asQuorateError2(cause) {
  if (QuorateError.is(cause)) return cause;
  return new QuorateError("INTERNAL", `the node threw ${String(cause)}`, { cause });
}

// src/sim/swarm/draw-harm.ts
function drawHarm(kind, draws, size) {
  const whom = drawWhom(draws, size);
  switch (kind) {
    case "crash":
      return { kind, whom, death: draws.pick(["kill", "power cut"]) };
    case "crash at step":
      return { kind, whom, death: draws.pick(["kill", "power cut"]), steps: draws.between(1, 40) };
    case "partition":
      return { kind, group: drawGroup(draws, size), clientsToo: draws.chance(40) };
    case "isolate":
      return { kind, whom, way: draws.pick(["both", "both", "in", "out"]) };
    case "stale leader":
      return { kind, whom: "leader", rate: draws.pick([0.05, 0.2, 0.5]) };
    case "bridge": {
      const bridge = draws.below(size);
      return { kind, bridge, group: drawGroup(draws, size).filter((node) => node !== bridge) };
    }
    case "one-way":
      return { kind, pairs: drawPairs(draws, size) };
    case "flap":
      return { kind, whom, everyMs: draws.pick([20, 100, 400, 1500]) };
    case "climate":
      return { kind, climate: drawClimate(draws) };
    case "slow disk":
      return {
        kind,
        whom,
        faults: {
          slowSyncPercent: draws.pick([5, 30, 100]),
          slowSyncMs: { minMs: 5, maxMs: draws.pick([50, 400, 2e3]) }
        }
      };
    case "failing disk":
      return {
        kind,
        whom,
        faults: draws.chance(50) ? { full: true } : { writeErrorPercent: 20, readErrorPercent: 10 }
      };
    case "clock":
      return { kind, whom, rate: draws.pick([0.5, 0.9, 1.1, 2]) };
    case "clock jump":
      return { kind, whom, aheadMs: draws.pick([100, 1e3, 6e4, 36e5]) };
    case "damage":
      return { kind, whom, damage: drawDamage(draws) };
    case "stop":
    case "sleep":
    case "clog":
    case "stuck disk":
      return { kind, whom };
    case "ring":
      return { kind };
  }
}
function drawWhom(draws, size) {
  if (draws.chance(40)) return "leader";
  return draws.chance(20) ? "follower" : draws.below(size);
}
function drawGroup(draws, size) {
  const all = Array.from({ length: size }, (_, i) => i);
  const group = all.filter(() => draws.chance(50));
  if (group.length === 0 || group.length === size) return [draws.below(size)];
  return group;
}
function drawPairs(draws, size) {
  const pairs = [];
  const percent = draws.pick([10, 30, 60]);
  for (let from = 0; from < size; from += 1) {
    for (let to = 0; to < size; to += 1) {
      if (from !== to && draws.chance(percent)) pairs.push([from, to]);
    }
  }
  return pairs;
}
function drawClimate(draws) {
  return {
    delayLeastMs: draws.pick([0.3, 5, 30]),
    delaySpreadMs: draws.pick([1, 20, 100]),
    lossPercent: draws.pick([0, 0, 5, 30]),
    messages: {
      dropped: draws.pick([0, 2, 20]),
      doubled: draws.pick([0, 2, 20]),
      delayed: draws.pick([0, 2, 20]),
      replayed: draws.pick([0, 2, 10])
    }
  };
}
function drawDamage(draws) {
  return draws.pick([
    { kind: "bit flip", of: "record" },
    { kind: "bit flip", of: "file" },
    { kind: "lost record" },
    { kind: "hole" },
    { kind: "lost file" },
    { kind: "lost log" },
    { kind: "wiped" }
  ]);
}

// src/sim/swarm/faults.ts
var HARM_KINDS = [
  "crash",
  "crash at step",
  "stop",
  "sleep",
  "partition",
  "isolate",
  "stale leader",
  "bridge",
  "ring",
  "one-way",
  "flap",
  "clog",
  "climate",
  "slow disk",
  "stuck disk",
  "failing disk",
  "clock",
  "clock jump",
  "damage"
];

// src/sim/swarm/plan.ts
var DURATION_MS = 12e4;
var ROUNDS = 3;
var CALM_SHARE = 0.3;
var TIMINGS = [
  { heartbeatMs: 50, electionTimeoutMinMs: 300, electionTimeoutMaxMs: 600 },
  { heartbeatMs: 50, electionTimeoutMinMs: 300, electionTimeoutMaxMs: 600 },
  { heartbeatMs: 30, electionTimeoutMinMs: 150, electionTimeoutMaxMs: 300 },
  { heartbeatMs: 100, electionTimeoutMinMs: 400, electionTimeoutMaxMs: 1e3 }
];
var SLOW_TIMINGS = [
  { heartbeatMs: 100, electionTimeoutMinMs: 400, electionTimeoutMaxMs: 1e3 },
  { heartbeatMs: 200, electionTimeoutMinMs: 800, electionTimeoutMaxMs: 1600 }
];
var LIGHT = 8;
var TUNINGS = [
  {},
  { tailBytesMax: 2048 },
  { windowMessages: 1, appendBytesMax: 256, tailBytesMax: 1024 },
  { windowMessages: 3, windowBytes: 1024, appendBytesMax: 512 }
];
function drawPlan(seed, options = {}) {
  const source = new RandomSource(seed);
  const shape = source.stream("shape");
  const size = options.size ?? shape.pick([3, 3, 5]);
  const rounds = roundsOf(options.durationMs ?? DURATION_MS);
  const kinds = drawKinds(source.stream("kinds"), options.kinds ?? HARM_KINDS);
  const isLight = options.load === "light";
  const clients = shape.between(2, isLight ? 2 : 4);
  return {
    seed,
    size,
    timing: shape.pick(isLight ? SLOW_TIMINGS : TIMINGS),
    clients,
    // About 50 operations a second from all of them; two callers share a machine, more or less.
    thinkMsMax: 2 * clients * shape.pick([20, 40, 40, 80]) * (isLight ? LIGHT : 1),
    climate: { ...CALM, delayLeastMs: shape.pick([0.1, 0.3, 2]), delaySpreadMs: shape.pick([0.2, 1, 8]) },
    coreTuning: source.stream("tuning").pick(TUNINGS),
    rounds,
    faults: drawFaults(source.stream("faults"), kinds, rounds, size)
  };
}
function roundsOf(durationMs) {
  const eachMs = durationMs / ROUNDS;
  return Array.from({ length: ROUNDS }, (_, i) => ({
    fromMs: i * eachMs,
    calmFromMs: (i + 1 - CALM_SHARE) * eachMs,
    untilMs: (i + 1) * eachMs
  }));
}
function drawKinds(draws, all) {
  const kinds = all.filter(() => draws.chance(40));
  return kinds.length > 0 ? kinds : [draws.pick(all)];
}
function drawFaults(draws, kinds, rounds, size) {
  const everyMs = draws.pick([400, 1500, 4e3]);
  const lastsMs = draws.pick([300, 2e3, 8e3]);
  const faults = [];
  for (const [i, { fromMs, calmFromMs }] of rounds.entries()) {
    const startMs = i === 0 && draws.chance(75) ? fromMs + 3e3 : fromMs;
    if (startMs === 0 && kinds.includes("crash at step")) faults.push(...drawFounding(draws, size));
    for (let atMs = startMs + draws.below(everyMs * 2); atMs < calmFromMs; atMs += 1 + draws.below(everyMs * 2)) {
      faults.push({
        atMs,
        forMs: 1 + draws.below(lastsMs * 2),
        harm: drawHarm(draws.pick(kinds), draws, size)
      });
    }
  }
  return faults;
}
function drawFounding(draws, size) {
  return Array.from({ length: draws.between(1, 3) }, () => ({
    atMs: draws.between(0, 40),
    forMs: draws.between(1, 400),
    harm: {
      kind: "crash at step",
      whom: draws.below(size),
      death: draws.pick(["kill", "power cut"]),
      steps: draws.between(1, 12)
    }
  }));
}

// src/sim/swarm/settings.ts
var CLIENT_PORT = 7400;
var PEER_PORT = 7401;
var HISTORY = { keptMs: 36e5, keptRevisions: 200 };
function hostsOf({ size, clients }) {
  return {
    nodes: Array.from({ length: size }, (_, i) => `n${i + 1}`),
    clients: Array.from({ length: clients }, (_, i) => `c${i + 1}`)
  };
}
function settingsOf(plan) {
  const { nodes } = hostsOf(plan);
  const peers = nodes.map((id) => ({ id, address: { host: id, port: PEER_PORT } }));
  return nodes.map((id) => ({
    id,
    dataDir: `/data/${id}`,
    clusterName: "simulated",
    peers,
    clientListen: { host: id, port: CLIENT_PORT },
    peerListen: { host: id, port: PEER_PORT },
    clientAdvertise: { host: id, port: CLIENT_PORT },
    insecure: true,
    ...plan.timing,
    limits: DEFAULT_LIMITS,
    history: HISTORY,
    allowedOrigins: [],
    allowedHosts: [],
    logLevel: "info"
  }));
}

// src/sim/workload/transactions.ts
var PAST_REVISIONS = 120;
var FUTURE_REVISIONS = 3;
function drawTxn(draws, seen, unique) {
  const kind = draws.below(3);
  if (kind === 0) return swap(draws, seen, unique);
  return kind === 1 ? transfer2(draws) : nested(draws, seen, unique);
}
function swap(draws, seen, unique) {
  const first = draws.below(4);
  const [a, b] = [`r${first}`, `r${(first + draws.between(1, 3)) % 4}`];
  return {
    type: "txn",
    when: [asSeen(a, draws, seen), ...draws.chance(50) ? [asSeen(b, draws, seen)] : []],
    do: [put2(a, `${unique}a`), put2(b, `${unique}b`)],
    otherwise: draws.chance(50) ? [get4(a, b)] : []
  };
}
function asSeen(key, draws, { modRevisions }) {
  const known = modRevisions.get(key);
  if (known === void 0) return compare(key, "=", { type: "version", number: 0 });
  if (draws.chance(20)) return compare(key, ">", { type: "version", number: known.version });
  return compare(key, "=", { type: "modRevision", number: known.modRevision });
}
function transfer2(draws) {
  const [from, to] = draws.chance(50) ? ["n0", "n1"] : ["n1", "n0"];
  const amount = BigInt(draws.between(1, 4));
  return {
    type: "txn",
    when: [
      compare(from, ">", { type: "version", number: 0 }),
      compare(from, "!=", { type: "value", value: text2("0") })
    ],
    do: [increment2(from, -amount), increment2(to, amount), get4(from, to)],
    otherwise: [increment2(from, amount)]
  };
}
function nested(draws, seen, unique) {
  const register = `r${draws.below(4)}`;
  const member = `s${draws.below(6)}`;
  const inner = {
    type: "txn",
    when: [{ target: MEMBERS, operator: "<", operand: { type: "version", number: draws.between(2, 4) } }],
    do: [remove2(member), SCAN],
    otherwise: [put2(member, `${unique}m`)]
  };
  const risky = increment2(draws.chance(15) ? register : "n0", 1n);
  return {
    type: "txn",
    when: draws.chance(70) ? [] : [asSeen(register, draws, seen)],
    do: [inner, risky],
    otherwise: [put2(register, `${unique}r`), inner]
  };
}
function drawReadTxn(draws, seen) {
  const register = `r${draws.below(4)}`;
  return {
    type: "txn",
    when: [asSeen(register, draws, seen)],
    do: [get4(register, "n0", "n1")],
    otherwise: [get4(register), SCAN]
  };
}
function drawPast(draws, seen) {
  const back2 = draws.between(-FUTURE_REVISIONS, draws.chance(80) ? 20 : PAST_REVISIONS);
  const revision = Math.max(1, seen.revision - back2);
  const read5 = draws.chance(50) ? get4(`r${draws.below(4)}`, "n0", `s${draws.below(6)}`) : SCAN;
  return { type: "past", revision, read: read5 };
}
function drawCompact(draws, seen) {
  return { type: "compact", revision: Math.max(1, seen.revision - draws.below(60)) };
}
var MEMBERS = { start: text2("s"), end: text2("t") };
var SCAN = {
  type: "scan",
  range: MEMBERS,
  limit: 0,
  reverse: false,
  keysOnly: false,
  countOnly: false
};
function compare(key, operator, operand) {
  return { target: { start: text2(key), end: null }, operator, operand };
}
function put2(key, value) {
  return { type: "put", key: text2(key), value: text2(value), conditions: [], returnPrevious: false };
}
function remove2(key) {
  const target = { start: text2(key), end: null };
  return { type: "delete", target, conditions: [], returnPrevious: true };
}
function increment2(key, by) {
  return { type: "increment", key: text2(key), by };
}
function get4(...keys) {
  return { type: "get", keys: keys.map(text2) };
}
function text2(characters) {
  return Buffer.from(characters);
}

// src/sim/workload/operations.ts
var SEVERAL_PERCENT = 25;
var SET = { start: bytes2("s"), end: bytes2("t") };
function drawOperation(draws, memory, unique) {
  const register = `r${draws.below(4)}`;
  const member = `s${draws.below(6)}`;
  const counter = `n${draws.below(2)}`;
  if (draws.chance(SEVERAL_PERCENT)) return drawSeveral(draws, memory, unique);
  const kind = draws.below(100);
  if (kind < 14) return put3(register, unique, [], draws);
  if (kind < 30) return put3(register, unique, [conditionOn(register, draws, memory)], draws);
  if (kind < 34)
    return remove3(register, draws.chance(50) ? [] : [conditionOn(register, draws, memory)], draws);
  if (kind < 46) return increment3(counter, draws);
  if (kind < 54) return put3(member, unique, [], draws);
  if (kind < 57) return remove3(member, [], draws);
  if (kind < 58)
    return {
      type: "write",
      operation: { type: "delete", target: SET, conditions: [], returnPrevious: draws.chance(50) }
    };
  if (kind < 76) return read4({ type: "get", keys: [bytes2(register)] }, draws, memory);
  if (kind < 84) return read4({ type: "get", keys: [bytes2(counter)] }, draws, memory);
  if (kind < 88)
    return read4({ type: "get", keys: [bytes2(register), bytes2(counter), bytes2(member)] }, draws, memory);
  return read4(scan4(draws), draws, memory);
}
function drawSeveral(draws, memory, unique) {
  const kind = draws.below(100);
  if (kind < 50) return { type: "write", operation: drawTxn(draws, memory, unique) };
  if (kind < 65) return read4(drawReadTxn(draws, memory), draws, memory);
  if (kind < 95) return read4(drawPast(draws, memory), draws, memory);
  return { type: "write", operation: drawCompact(draws, memory) };
}
function put3(key, value, conditions, draws) {
  const returnPrevious = draws.chance(30);
  return {
    type: "write",
    operation: { type: "put", key: bytes2(key), value: bytes2(value), conditions, returnPrevious }
  };
}
function remove3(key, conditions, draws) {
  const target = { start: bytes2(key), end: null };
  return {
    type: "write",
    operation: { type: "delete", target, conditions, returnPrevious: draws.chance(30) }
  };
}
function increment3(key, draws) {
  return {
    type: "write",
    operation: { type: "increment", key: bytes2(key), by: BigInt(draws.between(-1, 3)) }
  };
}
function conditionOn(key, draws, { modRevisions }) {
  const known = modRevisions.get(key);
  if (known === void 0 || draws.chance(20)) return { type: draws.chance(50) ? "absent" : "present" };
  if (draws.chance(20)) return { type: "version", version: known.version };
  return { type: "revision", modRevision: known.modRevision };
}
function read4(query2, draws, memory) {
  const level2 = draws.chance(80) ? "linearizable" : "local";
  const minRevision = draws.chance(20) ? memory.revision : 0;
  return { type: "read", query: query2, level: level2, minRevision };
}
function scan4(draws) {
  return {
    type: "scan",
    range: SET,
    limit: draws.chance(50) ? 0 : draws.between(1, 4),
    reverse: draws.chance(30),
    keysOnly: draws.chance(20),
    countOnly: draws.chance(20)
  };
}
function bytes2(text3) {
  return Buffer.from(text3);
}

// src/sim/workload/recorded-client.ts
var RecordedClient = class {
  #name;
  #driver;
  #draws;
  #recording;
  #memory = { modRevisions: /* @__PURE__ */ new Map(), revision: 0 };
  #pace;
  #lives = 0;
  #working = false;
  #open = 0;
  constructor(name2, driver, draws, pace, recording) {
    this.#name = name2;
    this.#driver = driver;
    this.#draws = draws;
    this.#pace = pace;
    this.#recording = recording;
  }
  /** Questions without an answer yet: 0 or 1. */
  get open() {
    return this.#open;
  }
  set pace(pace) {
    this.#pace = pace;
  }
  work() {
    if (this.#working) return;
    this.#working = true;
    this.#thinkThenAsk();
  }
  /** No new question; the open one is still answered. */
  rest() {
    this.#working = false;
  }
  #thinkThenAsk() {
    const thinkMs = this.#draws.below(this.#pace.thinkMsMax * 1e3) / 1e3;
    this.#recording.kernel.schedule(thinkMs, () => {
      this.#recording.kernel.promised();
      if (this.#working && this.#open === 0) this.#ask();
    });
  }
  #ask() {
    const callId = this.#recording.nextCallId();
    const asked = drawOperation(this.#draws, this.#memory, `v${callId}`);
    const timeoutMs2 = this.#draws.pick(this.#pace.timeoutsMs);
    const callMs = this.#recording.kernel.now();
    const client = `${this.#name}.${this.#lives}`;
    this.#recording.note(() => `${client} asks ${callId}: ${textOf3(asked)}, within ${timeoutMs2} ms`);
    this.#open += 1;
    const work = asked.type === "write" ? { kind: "write", operation: encodeOperation(asked.operation) } : { kind: "read", level: asked.level, minRevision: asked.minRevision, query: asked.query };
    this.#driver.call(work, { timeoutMs: timeoutMs2, signal: void 0 }).then(
      (answer2) => this.#answered(asked, { client, callId, callMs }, answer2),
      (error) => this.#failed(asked, { client, callId, callMs }, error)
    ).catch((error) => this.#recording.broken(error)).finally(() => {
      this.#open -= 1;
      if (this.#working) this.#thinkThenAsk();
    });
  }
  #answered(asked, call, answer2) {
    const returnMs = this.#recording.kernel.now();
    this.#recording.note(() => `${call.client} hears ${call.callId}: ${textOf3(answer2)}`);
    if (asked.type === "write" && answer2.type === "written") {
      const output = answer2.reply;
      this.#memory.revision = Math.max(this.#memory.revision, output.revision);
      this.#recording.record({ ...call, returnMs, ...asked, outcome: { type: "ok", output } });
    } else if (asked.type === "read" && answer2.type === "answer") {
      const { revision, level: level2, result } = answer2;
      this.#memory.revision = Math.max(this.#memory.revision, revision);
      if (result.type === "get") for (const record2 of result.records) this.#remember(record2);
      this.#recording.record({
        ...call,
        returnMs,
        ...asked,
        outcome: { type: "ok", output: { revision, level: level2, result } }
      });
    } else {
      throw new Error(`a ${asked.type} was answered by ${answer2.type}`);
    }
  }
  #remember(record2) {
    if (record2 === null) return;
    const { key, modRevision, version } = record2;
    this.#memory.modRevisions.set(Buffer.from(key).toString(), { modRevision, version });
  }
  #failed(asked, call, error) {
    if (!QuorateError.is(error)) throw error;
    this.#recording.note(() => `${call.client} hears ${call.callId}: ${error.code}, ${error.outcome}`);
    if (UNEXPECTED.has(error.code)) throw error;
    const isUnknown = error.outcome === "unknown" && asked.type === "write";
    const returnMs = isUnknown ? Number.POSITIVE_INFINITY : this.#recording.kernel.now();
    this.#recording.record({
      ...call,
      returnMs,
      ...asked,
      outcome: { type: isUnknown ? "unknown" : "failed" }
    });
    if (isUnknown) this.#lives += 1;
  }
};
var UNEXPECTED = /* @__PURE__ */ new Set([
  "INTERNAL",
  "FRAME_INVALID",
  "INVALID_ARGUMENT",
  "PROTOCOL_MISMATCH",
  "WRONG_CLUSTER"
]);
function textOf3(value) {
  return JSON.stringify(value, (_key, each) => {
    if (typeof each === "bigint") return `${each}`;
    if (each instanceof Uint8Array) return Buffer.from(each).toString();
    return isBufferJson(each) ? Buffer.from(each.data).toString() : each;
  });
}
function isBufferJson(value) {
  return typeof value === "object" && value !== null && "type" in value && value.type === "Buffer" && "data" in value;
}

// src/client/abort-watch.ts
var AbortWatch = class {
  #watched = /* @__PURE__ */ new Map();
  /** Calls back when the signal aborts, unless what it returns was called before. */
  watch(signal, onAbort) {
    const { calls } = this.#watched.get(signal) ?? this.#begin(signal);
    calls.add(onAbort);
    return () => {
      calls.delete(onAbort);
      if (calls.size === 0) this.#end(signal);
    };
  }
  #begin(signal) {
    const calls = /* @__PURE__ */ new Set();
    const listener = () => {
      for (const onAbort of calls) onAbort(signal.reason);
    };
    const watched = { calls, listener };
    this.#watched.set(signal, watched);
    signal.addEventListener("abort", listener, { once: true });
    return watched;
  }
  #end(signal) {
    const watched = this.#watched.get(signal);
    if (watched === void 0) return;
    this.#watched.delete(signal);
    signal.removeEventListener("abort", watched.listener);
  }
};

// src/client/engine/cluster-view.ts
var UNSPECIFIED = /* @__PURE__ */ new Set(["0.0.0.0", "::"]);
var ClusterView = class {
  /** Learnt from the first welcome or given by the caller; from then on no other cluster is spoken to. */
  clusterId;
  /** As the last node to welcome us stated them; null before the first. */
  limits = null;
  #term = 0;
  #members = [];
  constructor(clusterId) {
    this.clusterId = clusterId;
  }
  get term() {
    return this.#term;
  }
  get members() {
    return this.#members;
  }
  /** False when we know better: a node that is behind still tells what was true in an older term. */
  learn(topology2) {
    if (topology2.term < this.#term) return false;
    this.#term = topology2.term;
    this.#members = topology2.members;
    return true;
  }
};
function leaderAmong(links) {
  let term = -1;
  let leader = null;
  const denied = /* @__PURE__ */ new Set();
  for (const { nodeId: nodeId3, view } of links) {
    if (view.term > term) {
      term = view.term;
      leader = view.leader;
      denied.clear();
    } else if (view.term === term) {
      leader ??= view.leader;
    }
    if (view.term === term && view.leader !== nodeId3) denied.add(nodeId3);
  }
  return leader !== null && denied.has(leader) ? null : leader;
}
function addressOf(member) {
  if (member.client === "") return null;
  try {
    const endpoint = parseEndpoint(member.client);
    return UNSPECIFIED.has(endpoint.host) ? null : formatEndpoint(endpoint);
  } catch (error) {
    if (QuorateError.is(error)) return null;
    throw error;
  }
}

// src/client/engine/timing.ts
var PING_IDLE_MS = 1500;
var PING_BUSY_MS = 500;
var SUSPECT_MS = 500;
var DEAD_MS = 3e3;
var DIAL_MS = 2e3;
var REDIAL_BASE_MS = 25;
var REDIAL_CAP_MS = 1e3;
var REDIAL_REFUSED_MS = 5e3;
var REDIAL_LEFT_MS = 300;
var SETTLED_CONNECTION_MS = 1e3;
var RETRY_BASE_MS = 20;
var RETRY_CAP_MS = 500;
var MOVE_SHARE = 1 / 3;
var MOVE_MIN_MS = 750;
var BUDGET_PER_REQUEST = 0.1;
var BUDGET_PER_SECOND = 20;
var BUDGET_CAP = 512;
var ANSWER_MARGIN_SHARE = 0.05;
var ANSWER_MARGIN_MAX_MS = 100;
var WAITING_MAX = 16384;
var WAITING_BYTES_MAX = 64 * 1024 * 1024;
var LINK_BYTES_MAX = 8 * 1024 * 1024;
var OVERLOADED_RETRY_MS = 50;
var ENDPOINTS_MAX = 32;
var OWN_PAUSE_MS = 250;

// src/client/engine/retry-policy.ts
function retryDelayMs(attempt2, random) {
  return random() * doubled(RETRY_BASE_MS, attempt2, RETRY_CAP_MS);
}
function redialDelayMs(failures, random) {
  return (0.5 + random() / 2) * doubled(REDIAL_BASE_MS, failures, REDIAL_CAP_MS);
}
function doubled(baseMs, attempt2, capMs) {
  return Math.min(capMs, baseMs * 2 ** Math.min(attempt2, 16));
}
var RetryBudget = class {
  #tokens = BUDGET_CAP;
  #filledAt = 0;
  firstAttempt() {
    this.#tokens = Math.min(BUDGET_CAP, this.#tokens + BUDGET_PER_REQUEST);
  }
  hasToken(now) {
    this.#refill(now);
    return this.#tokens >= 1;
  }
  take(now) {
    if (!this.hasToken(now)) return false;
    this.#tokens -= 1;
    return true;
  }
  /** When the next token will be there; never now, however little is missing. */
  availableAt(now) {
    return now + Math.max(1, (1 - this.#tokens) / BUDGET_PER_SECOND * 1e3);
  }
  #refill(now) {
    const seconds = Math.max(0, now - this.#filledAt) / 1e3;
    this.#filledAt = now;
    this.#tokens = Math.min(BUDGET_CAP, this.#tokens + seconds * BUDGET_PER_SECOND);
  }
};

// src/client/engine/endpoint.ts
var FOR_GOOD = ["WRONG_CLUSTER", "PROTOCOL_MISMATCH"];
function isForGood(failure2) {
  return failure2 !== null && FOR_GOOD.includes(failure2.code);
}
var Endpoint = class {
  /** `host:port`. */
  address;
  /** Given by the caller: never forgotten, whatever the members say. */
  seed;
  phase = { kind: "idle", dialAt: Number.NEGATIVE_INFINITY };
  /** Who answered here last, or who is said to be here. */
  nodeId;
  /** Why the last attempt or connection ended; null after a welcome. */
  failure = null;
  #failures = 0;
  constructor(address, seed, nodeId3) {
    this.address = address;
    this.seed = seed;
    this.nodeId = nodeId3;
  }
  welcomed(link2) {
    this.phase = { kind: "open", link: link2 };
    this.nodeId = link2.nodeId;
    this.failure = null;
  }
  /** The attempt or connection ended; the next one waits the longer the more failed in a row. */
  failed(failure2, now, random) {
    const settled = this.phase.kind === "open" && now - this.phase.link.openedAt >= SETTLED_CONNECTION_MS;
    if (settled) this.#failures = 0;
    const delayMs = isForGood(failure2) ? REDIAL_REFUSED_MS : redialDelayMs(this.#failures, random);
    this.#failures += 1;
    this.failure = failure2;
    this.phase = { kind: "idle", dialAt: now + delayMs };
  }
  /** Ended without a fault: the node said goodbye, or we are connected to it elsewhere. */
  left(now) {
    this.#failures = 0;
    this.phase = { kind: "idle", dialAt: now + REDIAL_LEFT_MS };
  }
};

// src/client/engine/request.ts
var MESSAGE_OVERHEAD_BYTES = 64;
var KEY_OVERHEAD_BYTES = 5;
function bytesOf(work) {
  if (work.kind === "greeting") return 0;
  const payload = work.kind === "write" ? work.operation.length : bytesOfQuery(work.query);
  return MESSAGE_OVERHEAD_BYTES + payload;
}
function bytesOfQuery(query2) {
  if (query2.type === "txn") return encodeOperation(query2).length;
  if (query2.type === "past") return bytesOfQuery(query2.read);
  if (query2.type === "scan") return query2.range.start.length + (query2.range.end?.length ?? 0);
  return query2.keys.reduce((bytes3, key) => bytes3 + KEY_OVERHEAD_BYTES + key.length, 0);
}
function wantsLeader(work) {
  return work.kind === "write" || work.kind === "read" && work.level === "linearizable";
}
function isWrite(request) {
  return request.work.kind === "write";
}
function messageFor(request, timeoutMs2) {
  const { id, work } = request;
  if (work.kind === "greeting") throw new Error("a greeting is never sent");
  if (work.kind === "write") {
    return { type: "write", id, timeoutMs: timeoutMs2, session: 0n, sequence: 0, operation: work.operation };
  }
  const { level: level2, minRevision, query: query2 } = work;
  return { type: "read", id, timeoutMs: timeoutMs2, level: level2, minRevision, query: query2 };
}
function answers(request, message) {
  const { work } = request;
  if (work.kind !== "read") return work.kind === "write" && message.type === "written";
  if (message.type !== "answer") return false;
  if (message.result.type === "failure") return work.query.type === "past" || work.query.type === "txn";
  if (message.result.type !== work.query.type) return false;
  if (message.result.type !== "get" || work.query.type !== "get") return true;
  return message.result.records.length === work.query.keys.length;
}

// src/client/engine/failures.ts
var TELLING = {
  NO_QUORUM: 4,
  RECOVERING: 3,
  OVERLOADED: 3,
  SHUTTING_DOWN: 2,
  UNAVAILABLE: 1,
  TIMEOUT: 0
};
function tells(error) {
  return TELLING[error.code] ?? Number.POSITIVE_INFINITY;
}
function moreTelling(older, newer) {
  return older !== null && tells(older) > tells(newer) ? older : newer;
}
function lastWord(request, final) {
  const telling = moreTelling(request.telling, final);
  if (telling === final) return final;
  const { outcome: outcome2 } = final;
  if (telling.outcome === outcome2) return telling;
  const message = `${telling.message}; then ${final.message}`;
  return new QuorateError(telling.code, message, { outcome: outcome2, details: telling.details, cause: telling });
}
function queueFull() {
  const message = "too many requests already wait in this client for a connection";
  return new QuorateError("OVERLOADED", message, { details: { retryAfterMs: OVERLOADED_RETRY_MS } });
}
function clientClosed(outcome2) {
  const effect = outcome2 === "unknown" ? "; the write had been sent and may still be applied" : "";
  return new QuorateError("CLOSED", `the client was closed${effect}`, { outcome: outcome2 });
}
function abortedBy(request, reason) {
  const outcome2 = effectSoFar(request);
  const effect = outcome2 === "unknown" ? "it had been sent and may still be applied" : "nothing of it was or will be applied";
  const subject = isWrite(request) ? `the write was aborted; ${effect}` : "the call was aborted";
  return new QuorateError("ABORTED", subject, { outcome: outcome2, cause: reason });
}
function effectSoFar(request) {
  return isWrite(request) && request.place.at === "inFlight" ? "unknown" : "not-applied";
}
function connectionLost(request, link2, cause) {
  const outcome2 = effectSoFar(request);
  const effect = outcome2 === "unknown" ? "before it said what became of the write" : "before it answered";
  return new QuorateError(
    "UNAVAILABLE",
    `the connection to ${link2.nodeId} broke ${effect}: ${cause.message}`,
    {
      outcome: outcome2,
      cause
    }
  );
}
function noAnswer(request, link2, now) {
  const outcome2 = effectSoFar(request);
  const waitedMs = Math.round(now - request.submittedAt);
  const effect = outcome2 === "unknown" ? "; the write may have been applied, or may still be" : "";
  return new QuorateError("TIMEOUT", `${link2.nodeId} did not answer within ${waitedMs} ms${effect}`, {
    outcome: outcome2
  });
}
function onlySilentNodes(links) {
  const names = links.map(({ nodeId: nodeId3 }) => nodeId3).join(", ");
  return new QuorateError("UNAVAILABLE", `connected, but without any sign of life from ${names}`);
}
function neverSent(request, now) {
  const waitedMs = Math.round(now - request.submittedAt);
  const message = `the request waited ${waitedMs} ms for its turn on a connection and was never sent`;
  return new QuorateError("TIMEOUT", message, { outcome: "not-applied" });
}
function requestTooLarge(actual, limit) {
  const message = `a request of ${actual} bytes; the most is ${limit}`;
  return new QuorateError("REQUEST_TOO_LARGE", message, { details: { actual, limit } });
}
function brokenProtocol(link2, what) {
  return new QuorateError("FRAME_INVALID", `${link2.nodeId} ${what}`);
}
function wentSilent(link2, now) {
  return new QuorateError("UNAVAILABLE", `no sign of life for ${Math.round(link2.silentMs(now))} ms`);
}
function unreachable3(tried) {
  const attempts = tried.map(({ address, failure: failure2 }) => `${address}: ${failure2?.message ?? "no answer yet"}`);
  const message = `no endpoint could be reached (${attempts.join("; ")})`;
  const refused2 = tried.map(({ failure: failure2 }) => failure2).find(isForGood);
  if (refused2 !== void 0) return new QuorateError(refused2.code, message, { cause: refused2 });
  const cause = tried.find(({ failure: failure2 }) => failure2 !== null)?.failure ?? void 0;
  const hint = "check that the nodes run and that the addresses are those of their client ports";
  return new QuorateError("UNAVAILABLE", message, { cause, details: { hint } });
}

// src/client/engine/link.ts
var Link = class {
  connection;
  nodeId;
  limits;
  openedAt;
  inFlight = /* @__PURE__ */ new Map();
  view;
  /** The node said goodbye, or is no member any more: nothing new goes there, and it closes once it is idle. */
  leaving = false;
  #bytes = 0;
  #heardAt;
  /** Set while a ping is unanswered. */
  #pingedAt = null;
  #nonce = 0;
  #suspected = false;
  /** Not later than the earliest `moveAt` of all that is in flight. */
  nextMoveAt = Number.POSITIVE_INFINITY;
  constructor(connection, welcome, now) {
    this.connection = connection;
    this.nodeId = welcome.nodeId;
    this.limits = welcome.limits;
    this.view = welcome.view;
    this.openedAt = now;
    this.#heardAt = now;
  }
  /** A request larger than what is left may go only where nothing else is in flight. */
  hasRoomFor(bytes3) {
    if (this.inFlight.size >= Math.max(1, this.limits.inFlightMax)) return false;
    return this.inFlight.size === 0 || this.#bytes + bytes3 <= LINK_BYTES_MAX;
  }
  add(request, sentAt, moveAt) {
    request.place = { at: "inFlight", link: this, sentAt, moveAt };
    this.inFlight.set(request.id, request);
    this.#bytes += request.bytes;
    this.nextMoveAt = Math.min(this.nextMoveAt, moveAt);
  }
  /** The request is no longer in flight here; undefined when it was not. */
  release(id) {
    const request = this.inFlight.get(id);
    if (request === void 0) return void 0;
    this.inFlight.delete(id);
    this.#bytes -= request.bytes;
    return request;
  }
  /** Any frame is a sign of life. */
  heard(now) {
    this.#heardAt = now;
    this.#pingedAt = null;
    this.#suspected = false;
  }
  /** True once for each silence that makes the node suspect. */
  becomesSuspect(now) {
    if (this.#suspected || !this.isSuspect(now)) return false;
    this.#suspected = true;
    return true;
  }
  /** Silent for so long that nothing new is entrusted to it. */
  isSuspect(now) {
    return this.#pingedAt !== null && now >= this.#pingedAt + SUSPECT_MS;
  }
  isDead(now) {
    return this.#pingedAt !== null && now >= this.#pingedAt + DEAD_MS;
  }
  silentMs(now) {
    return now - this.#heardAt;
  }
  /** The nonce of a ping to send now; null when none is due. */
  ping(now) {
    if (this.#pingedAt !== null || now < this.#pingAt()) return null;
    this.#pingedAt = now;
    this.#nonce += 1;
    return this.#nonce;
  }
  #pingAt() {
    return this.#heardAt + (this.inFlight.size > 0 ? PING_BUSY_MS : PING_IDLE_MS);
  }
  /** We were paused: a ping that is unanswered since may have been answered. */
  forgive(pausedMs) {
    if (this.#pingedAt !== null) this.#pingedAt += pausedMs;
  }
  wakeAt(now) {
    if (this.#pingedAt === null) return this.#pingAt();
    return this.isSuspect(now) ? this.#pingedAt + DEAD_MS : this.#pingedAt + SUSPECT_MS;
  }
};

// src/client/engine/connections.ts
var Connections = class {
  view;
  #options;
  #random;
  #outbox;
  #events;
  #endpoints = /* @__PURE__ */ new Map();
  #byConnection = /* @__PURE__ */ new Map();
  /** Addresses at which the members live, as last told. */
  #named = /* @__PURE__ */ new Set();
  #dials = [];
  #hangUps = [];
  #nextConnection = 1;
  constructor(options, random, outbox, events) {
    this.#options = options;
    this.#random = random;
    this.#outbox = outbox;
    this.#events = events;
    this.view = new ClusterView(options.clusterId);
    for (const address of options.seeds) this.#endpoints.set(address, new Endpoint(address, true, null));
  }
  get endpoints() {
    return this.#endpoints.values();
  }
  *links() {
    for (const { phase } of this.#endpoints.values()) if (phase.kind === "open") yield phase.link;
  }
  leader() {
    return leaderAmong(this.links());
  }
  /** The open connection, once its node has welcomed us. */
  linkOf(connection) {
    const phase = this.#byConnection.get(connection)?.phase;
    return phase?.kind === "open" ? phase.link : void 0;
  }
  opened(connection) {
    if (!this.#byConnection.has(connection)) return;
    const { min, max } = CLIENT_PROTOCOL;
    const { clientName: client } = this.#options;
    const { clusterId } = this.view;
    this.#outbox.add(connection, { type: "hello", protocolMin: min, protocolMax: max, client, clusterId });
  }
  /** The socket closed, or never opened. */
  lost(connection, failure2, now) {
    const endpoint = this.#forget(connection);
    if (endpoint !== void 0) this.#ended(endpoint, failure2, now);
  }
  /** We end the connection ourselves. */
  drop(connection, failure2, now) {
    const endpoint = this.#forget(connection);
    if (endpoint === void 0) return;
    this.#hangUps.push(connection);
    this.#ended(endpoint, failure2, now);
  }
  #forget(connection) {
    const endpoint = this.#byConnection.get(connection);
    this.#byConnection.delete(connection);
    this.#outbox.forget(connection);
    return endpoint;
  }
  #ended(endpoint, failure2, now) {
    const { phase } = endpoint;
    if (phase.kind === "open" && phase.link.leaving && phase.link.inFlight.size === 0) endpoint.left(now);
    else endpoint.failed(failure2, now, this.#random);
    if (!this.#isKnown(endpoint)) this.#endpoints.delete(endpoint.address);
    if (phase.kind === "open") this.#events.linkLost(phase.link, failure2, now);
  }
  welcomed(connection, welcome, now) {
    const endpoint = this.#byConnection.get(connection);
    if (endpoint === void 0) return;
    if (endpoint.phase.kind === "open") {
      return this.drop(connection, brokenProtocol(endpoint.phase.link, "welcomed us twice"), now);
    }
    const ours = this.view.clusterId;
    if (ours !== null && welcome.clusterId !== ours) {
      const message = `the node there belongs to cluster ${welcome.clusterId}, not to ${ours}`;
      return this.drop(connection, new QuorateError("WRONG_CLUSTER", message), now);
    }
    if (this.#isConnectedTo(welcome.nodeId)) return this.#dropTwin(endpoint, connection, welcome.nodeId, now);
    this.view.clusterId = welcome.clusterId;
    this.view.limits = welcome.limits;
    const { nodeId: nodeId3, limits: limits2, topology: topology2 } = welcome;
    const link2 = new Link(connection, { nodeId: nodeId3, limits: limits2, view: topology2 }, now);
    endpoint.welcomed(link2);
    this.#learn(topology2, now);
    this.#events.linkUp(link2);
  }
  /** Two addresses of one node; one connection is enough. */
  #dropTwin(endpoint, connection, nodeId3, now) {
    this.#forget(connection);
    this.#hangUps.push(connection);
    endpoint.nodeId = nodeId3;
    endpoint.left(now);
  }
  /** The connection as a whole was refused; the node closes it next. */
  refused(connection, failed, now) {
    this.drop(connection, fromFailedMessage(failed), now);
  }
  topologyChanged(link2, topology2, now) {
    link2.view = topology2;
    this.#learn(topology2, now);
  }
  #learn(topology2, now) {
    if (!this.view.learn(topology2) || !this.#options.discover) return;
    const named = /* @__PURE__ */ new Set();
    for (const member of topology2.members) {
      const address = addressOf(member);
      if (address === null) continue;
      named.add(address);
      const known = this.#endpoints.get(address);
      if (known !== void 0) known.nodeId ??= member.id;
      else if (this.#endpoints.size < ENDPOINTS_MAX) {
        this.#endpoints.set(address, new Endpoint(address, false, member.id));
      }
    }
    this.#named = named;
    for (const endpoint of this.#endpoints.values())
      if (!this.#isKnown(endpoint)) this.#retire(endpoint, now);
  }
  #isKnown(endpoint) {
    return endpoint.seed || this.#named.has(endpoint.address);
  }
  /** No member lives there any more. What is in flight there may finish. */
  #retire(endpoint, now) {
    const { phase } = endpoint;
    switch (phase.kind) {
      case "idle":
        this.#endpoints.delete(endpoint.address);
        break;
      case "dialing":
        this.drop(phase.connection, new QuorateError("UNAVAILABLE", "no member lives there any more"), now);
        break;
      case "open":
        phase.link.leaving = true;
        break;
    }
  }
  /** Time has passed: dials, and the end of what is dead or done. */
  advance(now) {
    for (const endpoint of this.#endpoints.values()) {
      const { phase } = endpoint;
      switch (phase.kind) {
        case "idle":
          if (phase.dialAt <= now && this.#wants(endpoint)) this.#dial(endpoint, now);
          break;
        case "dialing":
          if (phase.deadline <= now) {
            const message = `no welcome within ${DIAL_MS} ms`;
            this.drop(phase.connection, new QuorateError("UNAVAILABLE", message), now);
          }
          break;
        case "open":
          this.#tend(phase.link, now);
          break;
      }
    }
  }
  #tend(link2, now) {
    if (link2.isDead(now)) return this.drop(link2.connection, wentSilent(link2, now), now);
    if (link2.leaving && link2.inFlight.size === 0) {
      this.drop(link2.connection, new QuorateError("SHUTTING_DOWN", "the node said goodbye"), now);
    }
  }
  /** After everything else: a busy connection is asked for a sign of life sooner than an idle one. */
  pingTheSilent(now) {
    for (const link2 of this.links()) {
      const nonce = link2.ping(now);
      if (nonce !== null) this.#outbox.add(link2.connection, { type: "ping", nonce });
    }
  }
  #dial(endpoint, now) {
    const connection = this.#nextConnection++;
    endpoint.phase = { kind: "dialing", connection, deadline: now + DIAL_MS };
    this.#byConnection.set(connection, endpoint);
    this.#dials.push({ connection, address: endpoint.address });
  }
  /** Not a second address of a node that we are connected to. */
  #wants(endpoint) {
    return endpoint.nodeId === null || !this.#isConnectedTo(endpoint.nodeId);
  }
  #isConnectedTo(nodeId3) {
    for (const link2 of this.links()) if (link2.nodeId === nodeId3 && !link2.leaving) return true;
    return false;
  }
  forgive(pausedMs) {
    for (const { phase } of this.#endpoints.values()) if (phase.kind === "open") phase.link.forgive(pausedMs);
  }
  /** Set when every endpoint has refused us for a reason that waiting does not change. */
  refusedByAll() {
    for (const { phase, failure: failure2 } of this.#endpoints.values()) {
      if (phase.kind !== "idle" || !isForGood(failure2)) return null;
    }
    return this.unreachable();
  }
  /** Why nobody can be asked. */
  unreachable() {
    return unreachable3([...this.#endpoints.values()]);
  }
  closeAll() {
    this.#hangUps.push(...this.#byConnection.keys());
    this.#byConnection.clear();
    this.#endpoints.clear();
    this.#dials = [];
  }
  take() {
    const taken = { dials: this.#dials, hangUps: this.#hangUps };
    this.#dials = [];
    this.#hangUps = [];
    return taken;
  }
  wakeAt(now) {
    let wakeAt = Number.POSITIVE_INFINITY;
    for (const endpoint of this.#endpoints.values()) {
      const { phase } = endpoint;
      if (phase.kind === "dialing") wakeAt = Math.min(wakeAt, phase.deadline);
      if (phase.kind === "open") wakeAt = Math.min(wakeAt, phase.link.wakeAt(now));
      if (phase.kind === "idle" && this.#wants(endpoint)) wakeAt = Math.min(wakeAt, phase.dialAt);
    }
    return wakeAt;
  }
};

// src/client/engine/outbox.ts
var FRAME_BYTES_TARGET = 256 * 1024;
var CONTROL_BYTES = 64;
var Outbox2 = class {
  #waiting = /* @__PURE__ */ new Map();
  add(connection, message, bytes3 = CONTROL_BYTES) {
    const waiting = this.#waiting.get(connection);
    if (waiting === void 0) this.#waiting.set(connection, [{ message, bytes: bytes3 }]);
    else waiting.push({ message, bytes: bytes3 });
  }
  /** The connection is gone, and what was not sent on it with it. */
  forget(connection) {
    this.#waiting.delete(connection);
  }
  take() {
    const frames = [];
    for (const [connection, waiting] of this.#waiting) {
      let messages = [];
      let filled = 0;
      for (const { message, bytes: bytes3 } of waiting) {
        if (messages.length > 0 && filled + bytes3 > FRAME_BYTES_TARGET) {
          frames.push({ connection, messages });
          messages = [];
          filled = 0;
        }
        messages.push(message);
        filled += bytes3;
      }
      frames.push({ connection, messages });
    }
    this.#waiting.clear();
    return frames;
  }
};

// src/client/engine/routing.ts
function routesOver(links, leaderId, now) {
  const usable = [...links].filter((link2) => !link2.leaving && !link2.isSuspect(now));
  return { links: usable, leader: usable.find((link2) => link2.nodeId === leaderId) ?? null };
}
function route(request, routes) {
  const { leader } = routes;
  if (leader !== null && wantsLeader(request.work) && leader !== request.avoid) {
    return leader.hasRoomFor(request.bytes) ? leader : null;
  }
  const roomy = routes.links.filter((link2) => link2.hasRoomFor(request.bytes));
  const others = roomy.filter((link2) => link2 !== request.avoid);
  return leastBusy(others.length > 0 ? others : roomy);
}
function hasAlternative(to, routes) {
  return routes.links.some((link2) => link2 !== to);
}
function leastBusy(links) {
  let best = null;
  for (const link2 of links) if (best === null || link2.inFlight.size < best.inFlight.size) best = link2;
  return best;
}

// src/client/engine/waiting-room.ts
var WaitingRoom = class {
  /** Sets, because they keep their order and let go of any member at once. */
  #leaderLane = /* @__PURE__ */ new Set();
  #anyLane = /* @__PURE__ */ new Set();
  #delayed = /* @__PURE__ */ new Set();
  /** Not later than the earliest end of a delay. */
  #nextDue = Number.POSITIVE_INFINITY;
  #bytes = 0;
  /** A read of whatever state does not queue behind those that only the leader can serve. */
  get lanes() {
    return [this.#leaderLane, this.#anyLane];
  }
  get size() {
    return this.#leaderLane.size + this.#anyLane.size + this.#delayed.size;
  }
  get nextDue() {
    return this.#delayed.size === 0 ? Number.POSITIVE_INFINITY : this.#nextDue;
  }
  /** Only for newcomers: what was admitted once may always come back. */
  hasRoomFor(bytes3) {
    return this.size < WAITING_MAX && (this.size === 0 || this.#bytes + bytes3 <= WAITING_BYTES_MAX);
  }
  enqueue(request) {
    request.place = { at: "queued" };
    this.#laneOf(request).add(request);
    this.#bytes += request.bytes;
  }
  delay(request, until) {
    request.place = { at: "delayed", until };
    this.#delayed.add(request);
    this.#nextDue = Math.min(this.#nextDue, until);
    this.#bytes += request.bytes;
  }
  remove(request) {
    const set = request.place.at === "delayed" ? this.#delayed : this.#laneOf(request);
    if (set.delete(request)) this.#bytes -= request.bytes;
  }
  /** Queues those whose delay is over. */
  endDelays(now) {
    if (now < this.nextDue) return;
    this.#nextDue = Number.POSITIVE_INFINITY;
    for (const request of this.#delayed) {
      if (request.place.at !== "delayed") continue;
      if (request.place.until <= now) this.#endDelay(request);
      else this.#nextDue = Math.min(this.#nextDue, request.place.until);
    }
  }
  /** What they waited for has happened. */
  endDelaysOf(concerned) {
    for (const request of this.#delayed) if (concerned(request)) this.#endDelay(request);
  }
  #endDelay(request) {
    this.remove(request);
    this.enqueue(request);
  }
  #laneOf(request) {
    return wantsLeader(request.work) ? this.#leaderLane : this.#anyLane;
  }
};

// src/client/engine/requests.ts
var REQUEST_ID_MAX = 2 ** 32 - 1;
function afterId(id) {
  return id === REQUEST_ID_MAX ? 1 : id + 1;
}
var Requests = class {
  #outbox;
  #random;
  #retry;
  #open = /* @__PURE__ */ new Map();
  #waiting = new WaitingRoom();
  #greetings = /* @__PURE__ */ new Set();
  #budget = new RetryBudget();
  #settled = [];
  #nextId = 1;
  /** Not later than the earliest deadline of all open requests. */
  #nextDeadline = Number.POSITIVE_INFINITY;
  constructor(outbox, random, retry) {
    this.#outbox = outbox;
    this.#random = random;
    this.#retry = retry;
  }
  get openCount() {
    return this.#open.size;
  }
  submit(work, timeoutMs2, now) {
    const bytes3 = bytesOf(work);
    const request = {
      id: this.#newId(),
      work,
      bytes: bytes3,
      submittedAt: now,
      deadline: now + timeoutMs2,
      place: { at: "queued" },
      attempts: 0,
      avoid: null,
      freePass: false,
      telling: null
    };
    const admitted = work.kind === "greeting" || this.#waiting.hasRoomFor(bytes3);
    this.#open.set(request.id, request);
    this.#nextDeadline = Math.min(this.#nextDeadline, request.deadline);
    if (!admitted) this.#fail(request, queueFull());
    else if (work.kind === "greeting") this.#greetings.add(request);
    else this.#waiting.enqueue(request);
    return request.id;
  }
  /** A number is not given again while a node may still use it. */
  #newId() {
    while (this.#open.has(this.#nextId)) this.#nextId = afterId(this.#nextId);
    const id = this.#nextId;
    this.#nextId = afterId(id);
    return id;
  }
  /** The caller gives up. */
  abort(id, reason) {
    const request = this.#open.get(id);
    if (request !== void 0) this.#giveUp(request, abortedBy(request, reason));
  }
  /** Somebody is there. */
  greeted() {
    for (const request of this.#greetings) this.#succeed(request, { type: "greeted" });
  }
  /** False when the node answered something that was not asked: it is not to be trusted with anything else. */
  answered(link2, message) {
    const request = link2.inFlight.get(message.id);
    if (request === void 0) return true;
    if (!answers(request, message)) return false;
    this.#succeed(request, message);
    return true;
  }
  refused(link2, failed, now) {
    const request = link2.inFlight.get(failed.id);
    if (request === void 0) return;
    const error = fromFailedMessage(failed);
    const safe = !isWrite(request) || error.outcome === "not-applied";
    if (!this.#retry || !safe || !error.retryable || error.code === "TIMEOUT") {
      return this.#fail(request, lastWord(request, error));
    }
    link2.release(request.id);
    request.telling = moreTelling(request.telling, error);
    request.avoid = link2;
    const atLeastMs = error.details.retryAfterMs ?? 0;
    const leaves = error.code === "SHUTTING_DOWN" && request.attempts === 1;
    const delayMs = leaves ? 0 : atLeastMs + retryDelayMs(request.attempts, this.#random);
    this.#waiting.delay(request, now + delayMs);
  }
  /** The connection is gone: a read can be asked elsewhere, of a write nobody knows. */
  linkLost(link2, failure2, now) {
    for (const request of link2.inFlight.values()) {
      const error = connectionLost(request, link2, failure2);
      if (isWrite(request) || !this.#retry) {
        this.#fail(request, error);
        continue;
      }
      link2.release(request.id);
      request.telling = moreTelling(request.telling, error);
      const delayMs = request.attempts === 1 ? 0 : retryDelayMs(request.attempts, this.#random);
      this.#waiting.delay(request, now + delayMs);
    }
  }
  /** There is a leader again: those who were told that there is none need not wait any longer. */
  leaderFound() {
    this.#waiting.endDelaysOf((request) => {
      const concerned = request.telling?.code === "NO_QUORUM";
      if (concerned) request.freePass = true;
      return concerned;
    });
  }
  /** Nobody will ever serve these. */
  failWaiting(error) {
    for (const request of this.#open.values())
      if (request.place.at !== "inFlight") this.#fail(request, error);
  }
  /** Settles those whose deadline has come. `whyWaiting`: what kept a request from being sent. */
  expire(now, whyWaiting) {
    if (now < this.#nextDeadline) return;
    this.#nextDeadline = Number.POSITIVE_INFINITY;
    for (const request of this.#open.values()) {
      if (request.deadline > now) {
        this.#nextDeadline = Math.min(this.#nextDeadline, request.deadline);
        continue;
      }
      const { place } = request;
      const final = place.at === "inFlight" ? noAnswer(request, place.link, now) : whyWaiting(request);
      this.#giveUp(request, lastWord(request, final));
    }
  }
  /** Queues those that have waited long enough before a retry. */
  endDelays(now) {
    this.#waiting.endDelays(now);
  }
  /** Reads on a connection that has gone silent, or that has not answered for long, are asked elsewhere. */
  moveReads(link2, routes, now) {
    if (this.#retry && link2.becomesSuspect(now)) link2.nextMoveAt = now;
    if (now < link2.nextMoveAt) return;
    const suspect = link2.isSuspect(now);
    link2.nextMoveAt = Number.POSITIVE_INFINITY;
    const elsewhere = hasAlternative(link2, routes);
    for (const request of link2.inFlight.values()) {
      if (isWrite(request) || request.place.at !== "inFlight") continue;
      const due = suspect || request.place.moveAt <= now;
      if (due && elsewhere && this.#budget.hasToken(now)) {
        this.#recall(request, link2);
        request.avoid = link2;
        this.#waiting.enqueue(request);
      } else {
        const { sentAt, moveAt } = request.place;
        const again = due ? now + MOVE_MIN_MS : moveAt;
        request.place = { at: "inFlight", link: link2, sentAt, moveAt: again };
        link2.nextMoveAt = Math.min(link2.nextMoveAt, again);
      }
    }
  }
  /** Sends whatever has somewhere to go. */
  dispatch(routes, now) {
    if (routes.links.length === 0) return;
    for (const lane of this.#waiting.lanes) {
      for (const request of lane) {
        const link2 = route(request, routes);
        if (link2 === null) break;
        this.#waiting.remove(request);
        if (!this.#mayTry(request, now)) {
          this.#waiting.delay(request, this.#budget.availableAt(now));
        } else {
          this.#send(request, link2, now);
        }
      }
    }
  }
  #mayTry(request, now) {
    return request.attempts === 0 || request.freePass || this.#budget.take(now);
  }
  #send(request, link2, now) {
    const { requestBytesMax } = link2.limits;
    if (request.bytes > requestBytesMax) {
      return this.#fail(request, requestTooLarge(request.bytes, requestBytesMax));
    }
    if (request.attempts === 0) this.#budget.firstAttempt();
    request.attempts += 1;
    request.freePass = false;
    const leftMs = request.deadline - now;
    const patienceMs = this.#retry ? Math.max(MOVE_MIN_MS, leftMs * MOVE_SHARE) : Number.POSITIVE_INFINITY;
    link2.add(request, now, now + patienceMs);
    const marginMs = Math.min(ANSWER_MARGIN_MAX_MS, leftMs * ANSWER_MARGIN_SHARE);
    const timeoutMs2 = Math.max(1, Math.floor(leftMs - marginMs));
    this.#outbox.add(link2.connection, messageFor(request, timeoutMs2), request.bytes);
  }
  closeAll() {
    for (const request of this.#open.values()) {
      this.#fail(request, clientClosed(effectSoFar(request)));
    }
  }
  take() {
    const settled = this.#settled;
    this.#settled = [];
    return settled;
  }
  wakeAt(links) {
    if (this.#open.size === 0) return Number.POSITIVE_INFINITY;
    let wakeAt = Math.min(this.#nextDeadline, this.#waiting.nextDue);
    for (const link2 of links) if (link2.inFlight.size > 0) wakeAt = Math.min(wakeAt, link2.nextMoveAt);
    return wakeAt;
  }
  /** Nobody waits for the answer any more; the node need not work for it. */
  #giveUp(request, error) {
    if (request.place.at === "inFlight") this.#recall(request, request.place.link);
    this.#fail(request, error);
  }
  #recall(request, link2) {
    if (link2.release(request.id) === void 0) return;
    this.#outbox.add(link2.connection, { type: "cancel", id: request.id });
  }
  #succeed(request, answer2) {
    if (this.#leave(request)) this.#settled.push({ id: request.id, ok: true, answer: answer2 });
  }
  #fail(request, error) {
    if (this.#leave(request)) this.#settled.push({ id: request.id, ok: false, error });
  }
  /** True once for each request. */
  #leave(request) {
    const { place } = request;
    if (place.at === "settled") return false;
    if (place.at === "inFlight") place.link.release(request.id);
    else if (!this.#greetings.delete(request)) this.#waiting.remove(request);
    request.place = { at: "settled" };
    this.#open.delete(request.id);
    return true;
  }
};

// src/client/engine/engine.ts
var Engine = class {
  #connections;
  #requests;
  #outbox = new Outbox2();
  #phase = "lazy";
  #leader = null;
  #wakeAt = Number.POSITIVE_INFINITY;
  constructor(options, random) {
    this.#requests = new Requests(this.#outbox, random, options.retry);
    this.#connections = new Connections(options, random, this.#outbox, {
      linkUp: () => this.#requests.greeted(),
      linkLost: (link2, failure2, now) => this.#requests.linkLost(link2, failure2, now)
    });
  }
  /** Null until a node has told. */
  get limits() {
    return this.#connections.view.limits;
  }
  /** Requests that are not settled yet. */
  get openRequests() {
    return this.#requests.openCount;
  }
  submit(work, timeoutMs2, now) {
    if (this.#phase === "lazy") this.#phase = "running";
    const id = this.#requests.submit(work, timeoutMs2, now);
    if (this.#phase === "closed") this.#requests.closeAll();
    return id;
  }
  abort(id, reason) {
    this.#requests.abort(id, reason);
  }
  opened(connection) {
    this.#connections.opened(connection);
  }
  received(connection, messages, now) {
    this.#forgiveOwnPause(now);
    for (const message of messages) this.#receive(connection, message, now);
    this.#connections.linkOf(connection)?.heard(now);
  }
  lost(connection, failure2, now) {
    this.#connections.lost(connection, failure2, now);
  }
  /** What came on it cannot be understood. */
  drop(connection, failure2, now) {
    this.#connections.drop(connection, failure2, now);
  }
  close() {
    this.#phase = "closed";
    this.#requests.closeAll();
    this.#connections.closeAll();
  }
  drain(now) {
    this.#forgiveOwnPause(now);
    this.#requests.expire(now, (request) => this.#whyWaiting(request, now));
    let wakeAt = Number.POSITIVE_INFINITY;
    if (this.#phase === "running") {
      this.#connections.advance(now);
      this.#dispatch(now);
      this.#connections.pingTheSilent(now);
      wakeAt = this.#connections.wakeAt(now);
    }
    this.#wakeAt = Math.min(wakeAt, this.#requests.wakeAt(this.#connections.links()));
    return {
      ...this.#connections.take(),
      frames: this.#outbox.take(),
      settled: this.#requests.take(),
      wakeAt: this.#wakeAt
    };
  }
  status() {
    const { clusterId, term, members } = this.#connections.view;
    const endpoints = [...this.#connections.endpoints].map(({ address, nodeId: nodeId3, phase, failure: failure2 }) => ({
      address,
      node: nodeId3,
      state: stateOf(phase),
      failure: failure2
    }));
    return { clusterId, term, leader: this.#connections.leader(), members, endpoints };
  }
  #receive(connection, message, now) {
    if (message.type === "welcome") return this.#connections.welcomed(connection, message, now);
    if (message.type === "failed" && message.id === 0) {
      return this.#connections.refused(connection, message, now);
    }
    const link2 = this.#connections.linkOf(connection);
    if (link2 === void 0) {
      const error = new QuorateError("FRAME_INVALID", "the node there spoke before it welcomed us");
      return this.#connections.drop(connection, error, now);
    }
    switch (message.type) {
      case "written":
      case "answer":
        if (this.#requests.answered(link2, message)) return;
        return this.#connections.drop(connection, brokenProtocol(link2, "answered what was not asked"), now);
      case "failed":
        return this.#requests.refused(link2, message, now);
      case "topology":
        return this.#connections.topologyChanged(link2, message.topology, now);
      case "goodbye":
        link2.leaving = true;
        return;
      case "pong":
        return;
    }
  }
  #dispatch(now) {
    const refusal = this.#connections.refusedByAll();
    if (refusal !== null) this.#requests.failWaiting(refusal);
    const leader = this.#connections.leader();
    if (leader !== null && leader !== this.#leader) this.#requests.leaderFound();
    this.#leader = leader;
    this.#requests.endDelays(now);
    const routes = routesOver(this.#connections.links(), leader, now);
    for (const link2 of this.#connections.links()) this.#requests.moveReads(link2, routes, now);
    this.#requests.dispatch(routes, now);
  }
  /** A wake-up long after its time: it was us who slept, and what the nodes said meanwhile is not read yet. */
  #forgiveOwnPause(now) {
    const pausedMs = now - this.#wakeAt;
    if (pausedMs < OWN_PAUSE_MS) return;
    this.#connections.forgive(pausedMs);
    this.#wakeAt = now;
  }
  #whyWaiting(request, now) {
    const links = [...this.#connections.links()];
    if (links.length === 0) return this.#connections.unreachable();
    return links.every((link2) => link2.isSuspect(now)) ? onlySilentNodes(links) : neverSent(request, now);
  }
};
function stateOf(phase) {
  if (phase.kind === "dialing") return "connecting";
  if (phase.link === void 0) return "disconnected";
  return phase.link.leaving ? "leaving" : "connected";
}

// src/client/driver.ts
var TIMER_MS_MAX = 2 ** 31 - 1;
var FAREWELL_MS = 1e3;
var NOTHING_TO_RELEASE = () => {
};
var Driver = class {
  #platform;
  #engine;
  #sockets = /* @__PURE__ */ new Map();
  #waiting = /* @__PURE__ */ new Map();
  #aborts = new AbortWatch();
  #flushPlanned = false;
  #cancelTimer = () => {
  };
  #timerAt = Number.POSITIVE_INFINITY;
  #closed = null;
  #lastSocketClosed = null;
  constructor(platform, options) {
    this.#platform = platform;
    this.#engine = new Engine(options, platform.random);
  }
  get limits() {
    return this.#engine.limits;
  }
  /** Monotonic milliseconds. */
  now() {
    return this.#platform.now();
  }
  status() {
    return this.#engine.status();
  }
  call(work, limits2) {
    return this.start(work, limits2).answer;
  }
  start(work, { timeoutMs: timeoutMs2, signal }) {
    if (signal?.aborted === true) return { answer: Promise.reject(abortedAtOnce(signal)), cancel: () => {
    } };
    const id = this.#engine.submit(work, timeoutMs2, this.#platform.now());
    const cancel = (reason) => {
      this.#engine.abort(id, reason);
      this.#planFlush();
    };
    const answer2 = new Promise((resolve2, reject2) => {
      this.#waiting.set(id, { resolve: resolve2, reject: reject2, release: this.#watch(signal, cancel) });
    });
    this.#planFlush();
    return { answer: answer2, cancel };
  }
  #watch(signal, cancel) {
    return signal === void 0 ? NOTHING_TO_RELEASE : this.#aborts.watch(signal, cancel);
  }
  /** Everything still open is settled at once; resolves when the sockets are gone. */
  close() {
    this.#closed ??= this.#close();
    return this.#closed;
  }
  async #close() {
    this.#engine.close();
    this.#flush();
    if (this.#sockets.size === 0) return;
    await new Promise((resolve2) => {
      const cancel = this.#platform.schedule(FAREWELL_MS, resolve2);
      this.#lastSocketClosed = () => {
        cancel();
        resolve2();
      };
    });
  }
  #planFlush() {
    if (this.#flushPlanned) return;
    this.#flushPlanned = true;
    this.#platform.endOfTurn(() => {
      this.#flushPlanned = false;
      this.#flush();
    });
  }
  #flush() {
    const { dials: dials2, frames, hangUps, settled, wakeAt } = this.#engine.drain(this.#platform.now());
    for (const frame of frames) this.#send(frame);
    for (const connection of hangUps) this.#sockets.get(connection)?.close();
    for (const dial of dials2) this.#dial(dial);
    this.#wakeAt(wakeAt);
    for (const settlement of settled) this.#settle(settlement);
  }
  #send({ connection, messages }) {
    this.#sockets.get(connection)?.send(encodeClientMessages(messages));
  }
  #settle(settlement) {
    const waiting = this.#waiting.get(settlement.id);
    if (waiting === void 0) throw new Error(`request ${settlement.id} was settled twice`);
    this.#waiting.delete(settlement.id);
    waiting.release();
    if (settlement.ok) waiting.resolve(settlement.answer);
    else waiting.reject(settlement.error);
  }
  #dial({ connection, address }) {
    const socket = this.#platform.openSocket(`ws://${address}`, CLIENT_SUBPROTOCOL, {
      opened: () => {
        this.#engine.opened(connection);
        this.#flush();
      },
      frame: (bytes3) => this.#received(connection, bytes3),
      malformed: (reason) => this.#malformed(connection, reason),
      closed: (reason) => {
        this.#sockets.delete(connection);
        this.#engine.lost(connection, new QuorateError("UNAVAILABLE", reason), this.#platform.now());
        this.#flush();
        if (this.#sockets.size === 0) this.#lastSocketClosed?.();
      }
    });
    this.#sockets.set(connection, socket);
  }
  #received(connection, bytes3) {
    const decoded = decodeServerFrame(bytes3, { frameBytesMax: SERVER_FRAME_BYTES_MAX });
    if (!decoded.ok) return this.#malformed(connection, decoded.reason);
    this.#engine.received(connection, decoded.value, this.#platform.now());
    this.#flush();
  }
  #malformed(connection, reason) {
    this.#engine.drop(connection, new QuorateError("FRAME_INVALID", reason), this.#platform.now());
    this.#flush();
  }
  /** The timer is left alone when it rings early enough: a drain too many costs less than a timer per request. */
  #wakeAt(wakeAt) {
    if (wakeAt >= this.#timerAt && wakeAt !== Number.POSITIVE_INFINITY) return;
    this.#cancelTimer();
    this.#timerAt = wakeAt;
    if (wakeAt === Number.POSITIVE_INFINITY) return;
    const delayMs = Math.min(TIMER_MS_MAX, Math.max(0, Math.ceil(wakeAt - this.#platform.now())));
    this.#cancelTimer = this.#platform.schedule(delayMs, () => {
      this.#timerAt = Number.POSITIVE_INFINITY;
      this.#flush();
    });
  }
};
function abortedAtOnce(signal) {
  return new QuorateError("ABORTED", "the call was aborted before it began", {
    outcome: "not-applied",
    cause: signal.reason
  });
}

// src/sim/workload/simulated-client.ts
var ClientMachine = class {
  host;
  #kernel;
  constructor(host, kernel) {
    this.host = host;
    this.#kernel = kernel;
  }
  get isAlive() {
    return true;
  }
  /** The SDK's callers wait on promises: whatever reaches it may settle some. */
  run(task) {
    this.#kernel.promised();
    try {
      task();
    } catch (error) {
      this.#kernel.fail(error);
    }
  }
};
function simulatedDriver(machine, world, random, { seeds, discover }) {
  return new Driver(simulatedPlatform(machine, world, random), {
    seeds,
    retry: true,
    discover,
    clusterId: null,
    clientName: machine.host
  });
}
function simulatedPlatform(machine, { kernel, network }, random) {
  return {
    now: () => kernel.now(),
    random: () => random.uint32() / 2 ** 32,
    schedule: (delayMs, run2) => kernel.schedule(delayMs, () => machine.run(run2)),
    endOfTurn: (run2) => void kernel.schedule(0, () => machine.run(run2)),
    openSocket: (url, _subprotocol, events) => clientSocket(network.dial(machine, parseEndpoint(url.replace("ws://", ""))), events)
  };
}
function clientSocket(socket, events) {
  let reason = "the connection was closed";
  socket.on("open", () => events.opened());
  socket.on("message", (data) => {
    if (data instanceof Uint8Array) events.frame(data);
  });
  socket.on("error", (error) => {
    reason = error.message;
  });
  socket.on("close", () => events.closed(reason));
  return { send: (frame) => socket.send(frame), close: () => socket.close() };
}

// src/sim/workload/crew.ts
var CALLERS = ["a", "b", "c"];
var PINNED_PERCENT = 35;
function hireCrew(world, random, { hosts, endpoints, pace }, recording) {
  return hosts.flatMap((host, place) => {
    const shape = random.stream(`client ${host} shape`);
    const isPinned = shape.chance(PINNED_PERCENT) && place > 0;
    const reach = { seeds: isPinned ? [shape.pick(endpoints)] : endpoints, discover: !isPinned };
    const machine = new ClientMachine(host, world.kernel);
    const driver = simulatedDriver(machine, world, random.stream(`client ${host} engine`), reach);
    return CALLERS.slice(0, shape.between(1, CALLERS.length)).map((caller) => {
      const name2 = `${host}${caller}`;
      return new RecordedClient(name2, driver, random.stream(`client ${name2}`), pace, recording);
    });
  });
}

// test/support/connectivity.ts
function link(from, to) {
  return `${from}>${to}`;
}
function allLinks(names) {
  return new Set(names.flatMap((from) => names.filter((to) => to !== from).map((to) => link(from, to))));
}

// test/property/sim/connectivity/linked-cluster.ts
var E_MS = 300;
var TIMING = { heartbeatMs: 30, electionTimeoutMinMs: E_MS / 2, electionTimeoutMaxMs: E_MS };
var PACE = { thinkMsMax: 150, timeoutsMs: [E_MS / 2, E_MS, 4 * E_MS] };
var STORY_LINES = 120;
var LinkedCluster = class {
  kernel = new Kernel();
  random;
  network;
  nodes;
  acknowledged = [];
  #laws;
  #story = [];
  #callIds = 0;
  /** The seed draws delays and windows too; the nodes start, the clients work. */
  constructor(seed, size) {
    const plan = { ...drawPlan(seed, { size }), timing: TIMING, clients: 2 };
    this.random = new RandomSource(seed);
    this.network = new Network(this.kernel, new Weather(this.random), new TraceHash());
    this.network.weather.climate = plan.climate;
    const settings2 = settingsOf(plan);
    this.nodes = settings2.map((each) => new SimulatedNode(each, plan.coreTuning, this));
    this.#laws = new Laws(this.ids, TIMING);
    const endpoints = settings2.map(({ clientListen }) => formatEndpoint(clientListen));
    for (const node of this.nodes) node.start();
    this.#hire(endpoints, hostsOf(plan).clients);
  }
  get ids() {
    return this.nodes.map(({ id }) => id);
  }
  get nowMs() {
    return this.kernel.now();
  }
  /** Of those who think that they lead, the one with the highest term. */
  get leadership() {
    const [first] = this.leaders.toSorted((a, b) => b.term - a.term);
    return first === void 0 ? null : { leader: first.id, term: first.term };
  }
  get leaders() {
    return this.nodes.filter((node) => node.isLeader);
  }
  /** The last of what happened. */
  get story() {
    return this.#story.slice(-STORY_LINES).join("\n");
  }
  node(id) {
    const found = this.nodes.find((node) => node.id === id);
    if (found === void 0) throw new RangeError(`no node ${id}`);
    return found;
  }
  async run(forMs) {
    await this.kernel.run(this.nowMs + forMs);
  }
  /** From now on peers hear each other over these links only; clients reach everybody. */
  plant(links) {
    const blocked = this.ids.flatMap(
      (from) => this.ids.filter((to) => to !== from && !links.has(link(from, to))).map((to) => ({ from, to }))
    );
    this.note(() => `these links work: ${[...links].join(" ")}`);
    this.network.weather.setBlocked(blocked);
  }
  /** Every sync of its disk hangs. */
  stickDisk(id) {
    this.note(() => `the disk of ${id} is stuck`);
    this.node(id).disk.setFaults({ ...SOUND_DISK, stuck: true });
  }
  /** This one is cut off for a while, so that its log is behind. */
  async leaveBehind(id, forMs) {
    const others = [...allLinks(this.ids)].filter((each) => !each.split(">").includes(id));
    this.plant(new Set(others));
    await this.run(forMs);
  }
  note(line) {
    this.#story.push(`${this.nowMs.toFixed(1)} ${line()}`);
  }
  observe(observation) {
    try {
      this.#laws.observe(observation, this.nowMs);
    } catch (error) {
      this.kernel.fail(error);
    }
  }
  /** Nobody is asked to end. */
  ended(node, error) {
    this.kernel.fail(error ?? new Error(`${node.id} ended`));
  }
  #hire(endpoints, hosts) {
    const { kernel, network, random } = this;
    const recording = {
      kernel,
      record: (operation) => {
        const { type, outcome: outcome2, callMs, returnMs } = operation;
        if (type === "write" && outcome2.type === "ok") this.acknowledged.push({ callMs, returnMs });
      },
      nextCallId: () => {
        this.#callIds += 1;
        return this.#callIds;
      },
      note: () => {
      },
      broken: kernel.fail
    };
    const crew = hireCrew({ kernel, network }, random, { hosts, endpoints, pace: PACE }, recording);
    for (const client of crew) client.work();
  }
};

// test/property/sim/connectivity/zz.ts
for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
  const u = process.cpuUsage();
  const t = Date.now();
  const c = new LinkedCluster(seed, 3);
  await c.run(6 * E_MS);
  const m = process.cpuUsage(u);
  c.stickDisk(c.leadership.leader);
  await c.run(14 * E_MS);
  const e = process.cpuUsage(u);
  console.log(seed, "cpu start", (m.user + m.system) / 1e6, "all", (e.user + e.system) / 1e6, "wall", Date.now() - t, "events", c.kernel.events, "acks", c.acknowledged.length);
}
