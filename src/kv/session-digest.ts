/**
 * The digest of all sessions and of the replies that they keep. It is asked for seldom, and most replies are let go of
 * before: what comes and goes between two questions is never hashed.
 *
 *   keep        open ──▶ hashed, when somebody asks or too many are open
 *   forget      open: nothing to take back    hashed: subtracted
 */
import type { Lanes } from './murmur128.ts';
import type { Reply } from './operation.ts';
import { ReplyBytes } from './reply-bytes.ts';
import { SetDigest } from './set-digest.ts';
import { SessionHasher } from './state-hash.ts';

export interface SessionFields {
  readonly id: bigint;
  readonly ttlMs: number;
  readonly deadlineMs: number;
  readonly acknowledgedThrough: number;
}

/** `reply` null: the request was resolved as one that never takes effect. */
export interface ReplyFields {
  readonly session: bigint;
  readonly sequence: number;
  readonly reply: Reply | null;
  /** Of the reply, about. */
  readonly bytes: number;
}

/** More, or more bytes, are hashed at once: a millisecond or two, so that nobody who asks waits for long. */
const OPEN_MAX = 2_048;
const OPEN_BYTES_MAX = 1 << 20;

export class SessionDigest {
  readonly #sum = new SetDigest();
  /** As they are in the sum. */
  readonly #sessions = new Map<SessionFields, Lanes>();
  readonly #replies = new Map<ReplyFields, Lanes>();
  readonly #openSessions = new Set<SessionFields>();
  readonly #openReplies = new Set<ReplyFields>();
  #openBytes = 0;
  readonly #hasher = new SessionHasher();
  readonly #replyBytes = new ReplyBytes();

  get value(): SetDigest {
    this.#hashOpen();
    return this.#sum;
  }

  /** A session that is new, or has changed. */
  changed(session: SessionFields): void {
    this.#openSessions.add(session);
    this.#boundOpen();
  }

  closed(session: SessionFields): void {
    this.#openSessions.delete(session);
    this.#takeBack(this.#sessions, session);
  }

  kept(reply: ReplyFields): void {
    this.#openReplies.add(reply);
    this.#openBytes += reply.bytes;
    this.#boundOpen();
  }

  forgotten(reply: ReplyFields): void {
    if (this.#openReplies.delete(reply)) this.#openBytes -= reply.bytes;
    else this.#takeBack(this.#replies, reply);
  }

  #boundOpen(): void {
    const isMany = this.#openReplies.size + this.#openSessions.size > OPEN_MAX;
    if (isMany || this.#openBytes > OPEN_BYTES_MAX) this.#hashOpen();
  }

  #hashOpen(): void {
    for (const session of this.#openSessions) {
      this.#takeBack(this.#sessions, session);
      this.#add(this.#sessions, session, this.#hasher.hash(session));
    }
    this.#openSessions.clear();
    for (const reply of this.#openReplies) {
      this.#replyBytes.write(reply.reply);
      this.#add(this.#replies, reply, this.#hasher.hashReply(reply, this.#replyBytes));
    }
    this.#openReplies.clear();
    this.#openBytes = 0;
  }

  #add<Member>(members: Map<Member, Lanes>, member: Member, { a, b, c, d }: Lanes): void {
    const hash = { a, b, c, d };
    this.#sum.add(hash);
    members.set(member, hash);
  }

  #takeBack<Member>(members: Map<Member, Lanes>, member: Member): void {
    const hash = members.get(member);
    if (hash === undefined) return;
    this.#sum.subtract(hash);
    members.delete(member);
  }
}
