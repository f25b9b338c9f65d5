/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Print what was measured: a line to read and a line of JSON, one for each row, at once, so
 * that a run that is broken off leaves what it had.
 */
#include "report.h"

#include <netinet/in.h>

#include <rte_common.h>
#include <rte_cycles.h>

static const char *
proto_name(const struct rig *r)
{
	if (r->o.six)
		return r->o.proto == IPPROTO_TCP ? "tcp6" : "udp6";
	return r->o.proto == IPPROTO_TCP ? "tcp" : "udp";
}

static void
print_series(const char *name, int digits, const struct series *s)
{
	if (s->n)
		printf(" | %s %.*f/%.*f/%.*f", name, digits, series_min(s), digits,
			series_median(s), digits, series_max(s));
}

void
report_traffic(FILE *json, const struct rig *r, enum sl_side from, const struct row *row)
{
	static const struct {
		const char *name;
		int digits;
	} col[] = { { "arrival", 1 }, { "path", 1 }, { "loop", 1 }, { "hash", 1 }, { "hash/2", 1 },
		{ "path:hash", 2 }, { "path:hash/2", 2 }, { "loop:hash", 2 }, { "loop:hash/2", 2 },
		{ "timed", 1 }, { "timed:path", 3 } };
	struct series s[RTE_DIM(col)] = { row->arrival }, untimed;
	const char *side = from == SL_INSIDE ? "in2out" : "out2in";

	series_minus(&s[1], &row->path, &row->arrival);
	series_minus(&s[2], &row->loop, &row->arrival);
	series_minus(&s[3], &row->hash, &row->keys);
	series_minus(&s[4], &row->small, &row->keys);
	series_over(&s[5], &s[1], &s[3]);
	series_over(&s[6], &s[1], &s[4]);
	series_over(&s[7], &s[2], &s[3]);
	series_over(&s[8], &s[2], &s[4]);
	series_minus(&s[9], &row->timed, &row->arrival);
	series_minus(&untimed, &row->untimed, &row->arrival);
	series_over(&s[10], &s[9], &untimed);
	printf("%s %8lu %-6s", proto_name(r), (unsigned long)r->o.sessions, side);
	for (unsigned int i = 0; i < RTE_DIM(col); i++)
		print_series(col[i].name, col[i].digits, &s[i]);
	printf(" | core %.2f GHz\n", (double)rte_get_tsc_hz() / 1e9 / series_median(&row->clock));
	fflush(stdout);
	if (json == NULL)
		return;
	fprintf(json, "{\"bench\":\"library\",\"proto\":\"%s\",\"sessions\":%lu,\"side\":\"%s\"",
		proto_name(r), (unsigned long)r->o.sessions, side);
	for (unsigned int i = 0; i < RTE_DIM(col); i++)
		series_json(json, col[i].name, &s[i]);
	series_json(json, "hash_with_keys", &row->hash);
	series_json(json, "tsc_per_core_cycle", &row->clock);
	fprintf(json, ",\"session_bytes\":%lu}\n", (unsigned long)(r->memory / r->o.room));
	fflush(json);
}

void
report_new(FILE *json, const struct rig *r, const char *name, const struct series *cost)
{
	struct series rate = { 0 };

	for (unsigned int i = 0; i < cost->n; i++)
		series_add(&rate, (double)rte_get_tsc_hz() / cost->v[i]);
	printf("%s %8lu %-6s", proto_name(r), (unsigned long)r->o.sessions, name);
	print_series("cycles a new session", 0, cost);
	printf(" | M/s %.2f/%.2f/%.2f\n", series_min(&rate) / 1e6, series_median(&rate) / 1e6,
		series_max(&rate) / 1e6);
	fflush(stdout);
	if (json == NULL)
		return;
	fprintf(json, "{\"bench\":\"%s\",\"proto\":\"%s\",\"sessions\":%lu", name, proto_name(r),
		(unsigned long)r->o.sessions);
	series_json(json, "cycles", cost);
	series_json(json, "per_second", &rate);
	fprintf(json, "}\n");
	fflush(json);
}

void
report_hold(FILE *json, uint64_t sessions, const struct hold *h)
{
	printf("longest calls of %lu while %.0f sessions end, microseconds | receive %.1f | "
	       "poll %.1f, 99.99 %% %.1f",
		(unsigned long)h->calls, h->ended, h->receive, h->poll, h->poll_most);
	print_series("poll, disturbed", 0, &h->raw);
	print_series("machine's own", 0, &h->machine);
	printf("\n");
	fflush(stdout);
	if (json == NULL)
		return;
	fprintf(json,
		"{\"bench\":\"age\",\"sessions\":%lu,\"ended\":%.0f,\"receive\":%.2f,\"poll\":%.2f,"
		"\"poll_99.99\":%.2f",
		(unsigned long)sessions, h->ended, h->receive, h->poll, h->poll_most);
	series_json(json, "poll_disturbed", &h->raw);
	series_json(json, "machine", &h->machine);
	fprintf(json, "}\n");
	fflush(json);
}
