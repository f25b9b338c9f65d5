/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The work of a statement that comes in pieces, such as a walk over all sessions: a piece at a
 * time, whenever the one who asked has room for more. Control lcore only.
 */
#ifndef WALK_H
#define WALK_H

#include <stdio.h>

/** Embedded in what the owner needs for it. */
struct walk {
	int (*step)(struct walk *walk, FILE *out, FILE *err); /**< see walk_step() */
	unsigned int wait; /**< milliseconds until the next step is of use; 0: at once */
	void (*destroy)(struct walk *walk);
	void (*ready)(void *arg); /**< of who runs it, see walk_on_ready() */
	void *ready_arg;
};

#define WALK_IDLE 2

/**
 * Do one piece: 1 when there is more, 0 when done, -errno with a message on err; WALK_IDLE when
 * there is nothing to say at the moment, and walk_on_ready()'s function will be called.
 */
int walk_step(struct walk *walk, FILE *out, FILE *err);

/** Have fn called, once, when a walk that was idle is to go on; it must not run the walk itself. */
void walk_on_ready(struct walk *walk, void (*fn)(void *arg), void *arg);

/** Milliseconds until the next step is of use; 0: at once, or there is no walk. */
unsigned int walk_wait(const struct walk *walk);

/** Forget a walk, done or not. NULL is fine. */
void walk_destroy(struct walk *walk);

/** An idle walk has something to say again. */
void walk_ready(struct walk *walk);

#endif /* WALK_H */
