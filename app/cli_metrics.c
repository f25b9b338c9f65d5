/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Statements about figures over HTTP (metrics.c).
 */
#include <inttypes.h>

#include "cli.h"
#include "json.h"
#include "metrics.h"

static int
metrics_address(struct call *call, const struct arg *arg)
{
	call->config->metrics = (struct sl_metrics_policy){
		.on = true,
		.six = arg[0].six,
		.addr = arg[0].six ? 0 : arg[0].u,
		.port = arg[0].port,
	};
	if (arg[0].six)
		call->config->metrics.addr6 = arg[0].net6.addr;
	return 0;
}

static int
no_metrics(struct call *call, const struct arg *arg)
{
	RTE_SET_USED(arg);
	call->config->metrics = (struct sl_metrics_policy){ 0 };
	return 0;
}

static const char *
place(const struct sl_metrics_policy *at)
{
	if (!at->on)
		return "none";
	return at->six ? text_endpoint6(&at->addr6, at->port) : text_endpoint(at->addr, at->port);
}

void
metrics_write(const struct sl_config *config, FILE *out)
{
	if (config->metrics.on)
		fprintf(out, "metrics address %s\n", place(&config->metrics));
}

static int
show_metrics(struct call *call, const struct arg *arg)
{
	struct json json = { .out = call->out };
	struct metrics_view v;

	RTE_SET_USED(arg);
	metrics_look(call->box, &v);
	if (!call->json) {
		fprintf(call->out, "address         %s\n", place(&call->config->metrics));
		fprintf(call->out,
			"answers         %" PRIu64 ", the last of %u bytes\n"
			"looks           %" PRIu64 ", the last took %u us\n"
			"refused         %" PRIu64 " connections\n",
			v.answers, v.bytes, v.looks, v.us, v.refused);
		return 0;
	}
	json_object(&json, NULL);
	json_text(&json, "address", place(&call->config->metrics));
	json_number(&json, "answers", v.answers);
	json_number(&json, "bytes", v.bytes);
	json_number(&json, "looks", v.looks);
	json_number(&json, "look_us", v.us);
	json_number(&json, "refused", v.refused);
	json_object_end(&json);
	return 0;
}

const struct statement cli_metrics_statements[] = {
	{ "metrics address LISTEN", metrics_address,
		"serve figures for Prometheus by HTTP, at /metrics of this address", ST_CONFIG },
	{ "no metrics", no_metrics, "serve none", ST_CONFIG },
	{ "show metrics [json]", show_metrics, "where figures are served, and how often", ST_NOW },
	{ NULL, NULL, NULL, ST_NOW },
};
