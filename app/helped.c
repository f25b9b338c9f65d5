/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Helpers in the program: the library's helpers.c with this gateway around it. Their messages
 * to workers go the same way as box_ask()'s and come back among them (box.c tells them apart);
 * nobody waits for them. Control lcore only.
 */
#include <errno.h>

#include <rte_common.h>
#include <rte_errno.h>

#include "clock.h"
#include "helped.h"
#include "helpers.h"
#include "log.h"

#define FLOWS_MIN 256
#define FLOWS_MAX 4096
#define SESSIONS_EACH 128 /* one flow with a helper for so many sessions */

/* An answered message: true when it was a helper's. */
static bool
take(struct box *box, struct sl_msg *msg)
{
	return box->helpers != NULL && sl_helpers_answer(box->helpers, msg, clock_now());
}

int
helped_create(struct box *box)
{
	uint32_t flows = box->max_sessions / SESSIONS_EACH;
	struct sl_helpers_params params = {
		.ops = sl_helpers,
		.max_flows = RTE_MIN(RTE_MAX(flows, (uint32_t)FLOWS_MIN), (uint32_t)FLOWS_MAX),
		.pool = box->pool[0],
		.socket = SOCKET_ID_ANY,
	};

	sl_helpers_of(&params, box->nat);
	box->helpers = sl_helpers_create(&params);
	if (box->helpers == NULL) {
		SL_LOG(ERR, "no memory for helpers: %s; give EAL more (-m)",
			rte_strerror(rte_errno));
		return -rte_errno;
	}
	return box_takes(box, take);
}

void
helped_destroy(struct box *box)
{
	sl_helpers_destroy(box->helpers);
	box->helpers = NULL;
}

void
helped_event(struct box *box, const struct sl_event *event)
{
	sl_helpers_event(box->helpers, event, clock_now());
}

bool
helped_deliver(struct box *box, const struct sl_punt *punt)
{
	switch (punt->cause) {
	case SL_PUNT_HELPER:
		sl_helpers_packet(box->helpers, punt, clock_now());
		return true;
	case SL_PUNT_LOCAL:
	case SL_PUNT_MULTICAST:
		return sl_helpers_local(box->helpers, punt, clock_now());
	default:
		return false;
	}
}

unsigned int
helped_poll(struct box *box)
{
	static uint64_t last, at;
	uint64_t now = clock_now();

	if (now != last)
		at = sl_helpers_poll(box->helpers, now);
	last = now;
	return at <= now ? 1 : (unsigned int)RTE_MIN(at - now, (uint64_t)UINT16_MAX);
}
