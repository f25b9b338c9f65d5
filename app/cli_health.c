/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Statements about how the box is (health.c) and who hears of it (announce.c).
 */
#include <errno.h>
#include <inttypes.h>

#include "announce.h"
#include "cli.h"
#include "clock.h"
#include "health.h"
#include "json.h"

static int
announce(struct call *call, const struct arg *arg)
{
	struct sl_announce_policy *p = &call->config->announce;

	p->on = true;
	p->hold = arg[0].set ? arg[0].u : ANNOUNCE_HOLD_DEFAULT;
	return 0;
}

static int
no_announce(struct call *call, const struct arg *arg)
{
	RTE_SET_USED(arg);
	call->config->announce = (struct sl_announce_policy){ .hold = ANNOUNCE_HOLD_DEFAULT };
	return 0;
}

void
health_write(const struct sl_config *config, FILE *out)
{
	const struct sl_announce_policy *p = &config->announce;

	if (!p->on)
		return;
	fprintf(out, "announce pools");
	if (p->hold != ANNOUNCE_HOLD_DEFAULT)
		fprintf(out, " hold %u", p->hold);
	fputc('\n', out);
}

static void
print_net(void *arg, const struct sl_ifaddr *net)
{
	fprintf(arg, "announced       %s\n", text_net(net));
}

static void
json_net(void *arg, const struct sl_ifaddr *net)
{
	json_text(arg, NULL, text_net(net));
}

static void
show_json(const struct call *call, uint64_t seconds)
{
	const struct health *h = &call->box->health;
	struct json json = { .out = call->out };

	json_object(&json, NULL);
	json_text(&json, "state", health_state(call->box));
	json_flag(&json, "up", h->up);
	json_number(&json, "since_seconds", seconds);
	json_array(&json, "problems");
	for (unsigned int i = 0; i < HEALTH_PROBLEMS; i++)
		if (h->problems & (1u << i))
			json_text(&json, NULL, health_name((enum health_problem)i));
	json_array_end(&json);
	json_array(&json, "announced");
	announce_walk(call->box, json_net, &json);
	json_array_end(&json);
	json_object_end(&json);
}

static int
show_health(struct call *call, const struct arg *arg)
{
	const struct health *h = &call->box->health;
	uint64_t seconds = (clock_now() - h->changed) / 1000;

	RTE_SET_USED(arg);
	if (call->json) {
		show_json(call, seconds);
		return 0;
	}
	fprintf(call->out, "state           %s\n", health_state(call->box));
	fprintf(call->out, "relied on       %s for %" PRIu64 " s\n", h->up ? "yes" : "no", seconds);
	for (unsigned int i = 0; i < HEALTH_PROBLEMS; i++)
		if (h->problems & (1u << i))
			fprintf(call->out, "problem         %s: %s\n",
				health_name((enum health_problem)i),
				health_text((enum health_problem)i));
	announce_walk(call->box, print_net, call->out);
	return 0;
}

static int
check_health(struct call *call, const struct arg *arg)
{
	const struct health *h = &call->box->health;

	RTE_SET_USED(arg);
	for (unsigned int i = 0; i < HEALTH_PROBLEMS; i++)
		if (h->problems & HEALTH_FATAL & (1u << i))
			return call_fail(call, -EIO, "unhealthy: %s: %s",
				health_name((enum health_problem)i),
				health_text((enum health_problem)i));
	if (!h->up)
		return call_fail(call, -EAGAIN, "not healthy for long enough yet");
	return 0;
}

const struct statement cli_health_statements[] = {
	{ "announce pools [hold SECONDS]", announce,
		"keep routes of the pools in the kernel, for a routing daemon, while the box is "
		"healthy and has been for the hold time (3)",
		ST_CONFIG },
	{ "no announce", no_announce, "keep none", ST_CONFIG },
	{ "show health [json]", show_health, "how the box is, and what it announces", ST_NOW },
	{ "check health", check_health,
		"say nothing when the box can be relied on; else why not, and sluicectl fails",
		ST_NOW },
	{ NULL, NULL, NULL, ST_NOW },
};
