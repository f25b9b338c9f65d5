/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the whole program knows of its one gateway: whether it is to end, and asking a worker
 * something.
 *
 * A worker answers by writing into the message, whenever it comes to it. So what is sent is a
 * copy with a buffer of its own, a flight; when the asker gives up after ASK_MS the flight stays
 * on box->late until its answer is taken and thrown away. Who asks by itself and does not wait
 * takes its answers out of what comes (box_takes()).
 *
 * Control lcore only, except box_stop() and box_reload().
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_common.h>

#include "box.h"
#include "clock.h"
#include "explain.h"
#include "log.h"

#define ASK_MS 1000
#define ASK_SLEEP_US 20

/* A request under way; its address is the address of its message. */
struct flight {
	struct sl_msg msg;
	struct flight *next; /* on box->late */
	char buf[];
};

void
box_stop(struct box *box)
{
	__atomic_store_n(&box->stop, true, __ATOMIC_RELAXED);
}

void
box_reload(struct box *box)
{
	__atomic_store_n(&box->reload, true, __ATOMIC_RELAXED);
}

bool
box_reloads(struct box *box)
{
	return __atomic_exchange_n(&box->reload, false, __ATOMIC_RELAXED);
}

bool
box_stopped(const struct box *box)
{
	return __atomic_load_n(&box->stop, __ATOMIC_RELAXED);
}

void
box_halt(struct box *box)
{
	__atomic_store_n(&box->halt, true, __ATOMIC_RELAXED);
}

bool
box_halted(const struct box *box)
{
	return __atomic_load_n(&box->halt, __ATOMIC_RELAXED);
}

static size_t
answer_size(const struct sl_msg *msg)
{
	switch (msg->op) {
	case SL_MSG_SESSIONS:
		return msg->max * sizeof(struct sl_session);
	case SL_MSG_MAPPINGS:
	case SL_MSG_MAPPING_AT:
		return msg->max * sizeof(struct sl_mapping);
	case SL_MSG_SUBSCRIBERS:
		return msg->max * sizeof(struct sl_subscriber);
	case SL_MSG_BLOCKS:
		return msg->max * sizeof(struct sl_block_view);
	case SL_MSG_MAP_ADD:
	case SL_MSG_MAP_DEL:
		return sizeof(struct sl_map_request);
	case SL_MSG_EXPLAIN:
		return sizeof(struct sl_explain);
	case SL_MSG_CLEAR:
	case SL_MSG_COUNTERS_CLEAR:
	case SL_MSG_SAVE: /* never by box_ask() */
		break;
	}
	return 0;
}

/* A request travels both ways, a list only back. */
static bool
is_request(const struct sl_msg *msg)
{
	return msg->op == SL_MSG_MAP_ADD || msg->op == SL_MSG_MAP_DEL || msg->op == SL_MSG_EXPLAIN;
}

int
box_takes(struct box *box, box_take_fn *take)
{
	for (unsigned int i = 0; i < RTE_DIM(box->take); i++) {
		if (box->take[i] == NULL)
			box->take[i] = take;
		if (box->take[i] == take)
			return 0;
	}
	SL_LOG(ERR, "more than %d take answers", BOX_TAKERS);
	return -ENOSPC;
}

/* Was it asked by others than box_ask()? Then it is theirs now. */
static bool
is_taken(struct box *box, struct sl_msg *msg)
{
	for (unsigned int i = 0; i < RTE_DIM(box->take) && box->take[i] != NULL; i++)
		if (box->take[i](box, msg))
			return true;
	return false;
}

/* An answer that nobody waits for any more. */
static void
discard(struct box *box, struct flight *flight)
{
	struct flight **at = &box->late;

	while (*at != NULL && *at != flight)
		at = &(*at)->next;
	if (*at != NULL)
		*at = flight->next;
	free(flight);
}

/* Wait for the answer; answers to older questions are taken away on the way. */
static int
await(struct box *box, unsigned int worker, const struct flight *flight)
{
	uint64_t deadline = clock_now() + ASK_MS;

	do {
		struct sl_msg *msg;

		while ((msg = sl_msg_recv(box->nat, worker)) != NULL) {
			if (msg == &flight->msg)
				return 0;
			if (!is_taken(box, msg))
				discard(box, (struct flight *)msg);
		}
		usleep(ASK_SLEEP_US);
	} while (clock_now() < deadline && !box_stopped(box));
	return -ETIMEDOUT;
}

int
box_ask(struct box *box, unsigned int worker, struct sl_msg *msg)
{
	size_t size = answer_size(msg);
	struct flight *flight = calloc(1, sizeof(*flight) + size);
	void *buf = msg->buf;
	int rc;

	if (flight == NULL)
		return -ENOMEM;
	flight->msg = *msg;
	flight->msg.buf = flight->buf;
	if (is_request(msg))
		memcpy(flight->buf, buf, size);
	rc = sl_msg_send(box->nat, worker, &flight->msg);
	if (rc < 0) {
		free(flight);
		return rc;
	}
	rc = await(box, worker, flight);
	if (rc < 0) {
		flight->next = box->late;
		box->late = flight;
		return rc;
	}
	if (is_request(msg))
		memcpy(buf, flight->buf, size);
	else if (size > 0)
		memcpy(buf, flight->buf, size * flight->msg.n / RTE_MAX(msg->max, 1U));
	*msg = flight->msg;
	msg->buf = buf;
	free(flight);
	return 0;
}

unsigned int
box_absorb(struct box *box)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < box->n_workers; i++) {
		struct sl_msg *msg;

		while ((msg = sl_msg_recv(box->nat, i)) != NULL) {
			if (!is_taken(box, msg))
				discard(box, (struct flight *)msg);
			n++;
		}
	}
	return n;
}

void
box_forget(struct box *box)
{
	while (box->late != NULL) {
		struct flight *flight = box->late;

		box->late = flight->next;
		free(flight);
	}
}
