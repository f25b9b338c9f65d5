/* SPDX-License-Identifier: BSD-3-Clause */
#include "walk.h"

int
walk_step(struct walk *walk, FILE *out, FILE *err)
{
	walk->wait = 0;
	return walk->step(walk, out, err);
}

unsigned int
walk_wait(const struct walk *walk)
{
	return walk != NULL ? walk->wait : 0;
}

void
walk_on_ready(struct walk *walk, void (*fn)(void *arg), void *arg)
{
	walk->ready = fn;
	walk->ready_arg = arg;
}

void
walk_ready(struct walk *walk)
{
	if (walk->ready != NULL)
		walk->ready(walk->ready_arg);
}

void
walk_destroy(struct walk *walk)
{
	if (walk != NULL)
		walk->destroy(walk);
}
