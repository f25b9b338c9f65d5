/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the box tells a service manager (sd_notify(3)): that it forwards, that it lives, how it
 * is, and that it ends. Started by hand there is no manager, and nothing is sent.
 *
 * The watchdog is fed while control turns and all workers move: a worker that stands still
 * takes its subscribers' traffic with it, and a restart, which keeps the sessions, is the only
 * cure that there is.
 */
#include <inttypes.h>
#include <systemd/sd-daemon.h>

#include "service.h"

void
service_ready(void)
{
	sd_notify(0, "READY=1");
}

void
service_tick(const struct box *box)
{
	bool healthy = true;

	for (unsigned int i = 0; i < box->n_workers; i++)
		healthy &= box->watch[i].stuck == 0;
	if (healthy)
		sd_notify(0, "WATCHDOG=1");
	sd_notifyf(0, "STATUS=%s%" PRIu64 " sessions, %u workers, links %s/%s",
		healthy ? "" : "a worker stands still; ",
		sl_counter_sum(box->nat, SL_COUNTER_SESSIONS_NOW), box->n_workers,
		box->port[SL_INSIDE].up ? "up" : "down", box->port[SL_OUTSIDE].up ? "up" : "down");
}

void
service_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}
