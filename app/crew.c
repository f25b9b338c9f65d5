/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The workers together: made with the gateway they share, launched on their lcores, ended
 * and freed. What one worker does is in worker.c, where it lives in place.c.
 *
 * Control lcore only. crew_end() waits until every lcore has left its loop; from there on
 * control alone touches what the workers owned.
 */
#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#include "crew.h"
#include "helper.h"
#include "log.h"
#include "options.h"
#include "steer.h"
#include "worker.h"

int
crew_create(struct box *box, const struct options *options)
{
	struct sl_params params = {
		.n_workers = box->n_workers,
		.max_sessions = options->max_sessions,
		.max_subscribers = options->max_subscribers,
		.max_hosts6 = options->max_hosts6,
		.helpers = sl_helpers,
		.cycles = rte_rdtsc,
		.steering = { steer_params(&box->port[SL_INSIDE]),
			steer_params(&box->port[SL_OUTSIDE]) },
	};

	for (unsigned int i = 0; i < box->n_workers; i++) {
		params.socket[i] = box->socket[i];
		params.pool[i] = box->pool[i];
	}
	/* As lib/sluice.h says of 0. */
	box->max_sessions = params.max_sessions != 0 ? params.max_sessions : 262144;
	box->max_subscribers =
		params.max_subscribers != 0 ? params.max_subscribers : box->max_sessions / 8;
	box->nat = sl_nat_create(&params);
	if (box->nat == NULL) {
		SL_LOG(ERR,
			"no gateway: %s; give EAL more memory (-m) or take fewer by "
			"--max-sessions",
			rte_strerror(rte_errno));
		return -rte_errno;
	}
	for (unsigned int i = 0; i < box->n_workers; i++) {
		box->worker[i] = worker_create(box, i);
		if (box->worker[i] == NULL) {
			SL_LOG(ERR, "no memory for worker %u: %s; give EAL more (-m)", i,
				rte_strerror(rte_errno));
			return -rte_errno;
		}
	}
	return 0;
}

int
crew_launch(struct box *box)
{
	for (unsigned int i = 0; i < box->n_workers; i++) {
		int rc = rte_eal_remote_launch(worker_main, box->worker[i], box->lcore[i]);

		if (rc < 0) {
			SL_LOG(ERR, "lcore %u does not start: %s", box->lcore[i],
				rte_strerror(-rc));
			return rc;
		}
	}
	return 0;
}

void
crew_end(struct box *box)
{
	box_halt(box);
	rte_eal_mp_wait_lcore();
	for (unsigned int i = 0; i < box->n_workers; i++)
		worker_end(box->worker[i]);
	box_forget(box);
}

void
crew_destroy(struct box *box)
{
	for (unsigned int i = 0; i < box->n_workers; i++) {
		worker_destroy(box->worker[i]);
		box->worker[i] = NULL;
	}
	sl_nat_destroy(box->nat);
	box->nat = NULL;
}
