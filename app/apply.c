/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Putting a configuration into force. Three parties must agree: the rules (sl_config_check), the
 * workers, the kernel. The kernel may refuse last, then the workers get the old one back, and so
 * does the kernel, since it may have taken half of the new one.
 *
 * Control lcore only.
 */
#include <stdio.h>
#include <string.h>

#include "announce.h"
#include "apply.h"
#include "events.h"
#include "helpers.h"
#include "kernel.h"
#include "leased.h"
#include "log.h"
#include "loglevel.h"
#include "metrics.h"
#include "record.h"

/* Back to the old configuration after the kernel refused a new one. */
static void
restore(struct box *box)
{
	char why[256] = "the workers refuse it";

	if (box->config == NULL)
		return;
	if (sl_nat_configure(box->nat, box->config) < 0 ||
		kernel_apply(box->kernel, box->config, why, sizeof(why)) < 0 ||
		metrics_apply(box, box->config, why, sizeof(why)) < 0)
		SL_LOG(ERR,
			"the old configuration could not be restored: %s; 'show configuration' is "
			"not wholly in "
			"force, load it again",
			why);
	else
		leased_apply(box); /* tenants' kernels may be new ones */
}

int
box_apply(struct box *box, struct sl_config *config, char *why, size_t size)
{
	int rc;

	for (enum sl_side side = SL_INSIDE; side <= SL_OUTSIDE; side++) {
		struct sl_link *link = &config->link[side];

		link->mac = box->port[side].mac;
		if (link->mtu == 0 || link->mtu > box->port[side].mtu)
			link->mtu = box->port[side].mtu;
	}
	rc = sl_config_check(config, why, size);
	if (rc < 0)
		return rc;
	rc = leased_check(box, config, why, size);
	if (rc == 0)
		rc = announce_check(box, config, why, size);
	if (rc < 0)
		return rc;
	config->record_mask = record_mask(config);
	rc = sl_nat_configure(box->nat, config);
	if (rc < 0) {
		snprintf(why, size, "the workers refuse it: %s", strerror(-rc));
		return rc;
	}
	rc = kernel_apply(box->kernel, config, why, size);
	if (rc == 0)
		rc = metrics_apply(box, config, why, size);
	if (rc == 0) {
		rc = record_apply(box, config);
		if (rc < 0)
			snprintf(why, size, "the logs refuse it: %s", strerror(-rc));
	}
	if (rc < 0) {
		restore(box);
		return rc;
	}
	sl_helpers_configure(box->helpers, config);
	events_forwards(box, box->config, config);
	loglevel_apply(config);
	sl_config_destroy(box->config);
	box->config = config;
	leased_apply(box);
	announce_tick(box);
	return 0;
}
