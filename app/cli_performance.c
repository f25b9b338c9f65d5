/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the stages of the packet path cost: `performance on` has the workers time every
 * seventeenth burst, `show performance` tells cycles and vector sizes, as VPP's "show
 * runtime" does. Numbers of workers are read while they count.
 */

#include <inttypes.h>

#include "cli.h"
#include "json.h"

static int
performance(struct call *call, const struct arg *arg)
{
	call->config->performance = arg[0].u == 0;
	return 0;
}

static double
over(uint64_t a, uint64_t b)
{
	return b != 0 ? (double)a / (double)b : 0;
}

static void
stage_json(struct json *json, const char *name, const struct sl_stage_use *u)
{
	json_object(json, name);
	json_number(json, "calls", u->calls);
	json_number(json, "packets", u->packets);
	json_number(json, "cycles", u->cycles);
	json_object_end(json);
}

static void
stage_text(FILE *out, unsigned int worker, const char *name, const struct sl_stage_use *u)
{
	fprintf(out, "%6u %-10s %14" PRIu64 " %9.1f %13.1f", worker, name, u->calls,
		over(u->packets, u->calls), over(u->cycles, u->calls));
	if (u->packets != 0)
		fprintf(out, " %13.1f\n", over(u->cycles, u->packets));
	else
		fprintf(out, " %13s\n", "-");
}

static int
show_performance(struct call *call, const struct arg *arg)
{
	const struct box *box = call->box;
	struct json json = { .out = call->out };

	RTE_SET_USED(arg);
	if (call->json) {
		json_object(&json, NULL);
		json_array(&json, "workers");
	} else {
		if (!call->config->performance)
			fprintf(call->out, "off: \"performance on\" has the stages timed\n");
		fprintf(call->out,
			"worker stage         timed calls    vector   cycles/call cycles/packet\n");
	}
	for (unsigned int i = 0; i < box->n_workers; i++) {
		if (call->json)
			json_object(&json, NULL);
		for (unsigned int s = 0; s < SL_STAGE_COUNT; s++) {
			struct sl_stage_use u = sl_stage_get(box->nat, i, (enum sl_stage)s);

			if (call->json)
				stage_json(&json, sl_stage_name((enum sl_stage)s), &u);
			else if (u.calls != 0)
				stage_text(call->out, i, sl_stage_name((enum sl_stage)s), &u);
		}
		if (call->json)
			json_object_end(&json);
	}
	if (call->json) {
		json_array_end(&json);
		json_object_end(&json);
	}
	return 0;
}

const struct statement cli_performance_statements[] = {
	{ "performance on|off", performance, "time the stages of the packet path", ST_CONFIG },
	{ "show performance [json]", show_performance,
		"cycles of the stages of the packet path, and how full bursts are", ST_NOW },
	{ NULL, NULL, NULL, ST_CONFIG },
};
