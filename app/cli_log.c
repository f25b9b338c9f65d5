/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Statements about logs: where records of mappings, sessions, blocks and exhaustion go, and
 * what became of them.
 *
 * Without words behind it a log gets mappings, blocks and exhaustion: who had which outside
 * port when, which is what the law asks for. Sessions name the destinations of subscribers,
 * so they are logged only when asked for (RFC 6888 REQ-12). Given again for the same place,
 * the later statement holds.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cli.h"
#include "ipfix.h"
#include "json.h"
#include "record.h"
#include "syslog.h"

#define BIT(type) (1u << SL_RECORD_##type)
#define DOMAIN_DEFAULT 1

static const struct {
	const char *word;
	uint32_t mask;
	bool usual; /* logged when no word is given */
} topics[] = {
	{ "mappings", BIT(MAPPING_ADD) | BIT(MAPPING_DEL), true },
	{ "sessions", BIT(SESSION_ADD) | BIT(SESSION_DEL), false },
	{ "blocks", BIT(BLOCK_ADD) | BIT(BLOCK_DEL), true },
	{ "exhaustion", BIT(PORTS_EXHAUSTED) | BIT(SESSIONS_FULL) | BIT(LIMIT), true },
};

/* In the order of topics[]. */
#define TOPICS "[mappings] [sessions] [blocks] [exhaustion]"

static uint32_t
mask_of(const struct arg *arg)
{
	uint32_t mask = 0, usual = 0;

	for (size_t i = 0; i < RTE_DIM(topics); i++) {
		mask |= arg[i].set ? topics[i].mask : 0;
		usual |= topics[i].usual ? topics[i].mask : 0;
	}
	return mask != 0 ? mask : usual;
}

static int
find_sink(const struct sl_config *config, const struct sl_log_sink *sink)
{
	for (unsigned int i = 0; i < config->n_sinks; i++)
		if (config->sink[i].kind == sink->kind && config->sink[i].addr == sink->addr &&
			config->sink[i].port == sink->port)
			return i;
	return -1;
}

static int
set_sink(struct call *call, const struct sl_log_sink *sink)
{
	struct sl_config *config = call->config;
	int i = find_sink(config, sink);

	if (i >= 0) {
		config->sink[i] = *sink;
		return 0;
	}
	if (config->n_sinks == RECORD_SINKS_MAX)
		return call_fail(call, -ENOSPC,
			"'log': there are %u logs, no more are possible; 'no log' takes one back",
			RECORD_SINKS_MAX);
	return array_add(&config->sink, &config->n_sinks, sizeof(*sink), sink);
}

static int
unset_sink(struct call *call, const struct sl_log_sink *sink, const char *word)
{
	int i = find_sink(call->config, sink);

	if (i < 0)
		return call_fail(
			call, -ENOENT, "'%s': no such log; 'show log' has those there are", word);
	array_del(&call->config->sink, &call->config->n_sinks, sizeof(*sink), i);
	return 0;
}

static struct sl_log_sink
collector(enum sl_log_kind kind, const struct arg *arg)
{
	uint16_t usual = kind == SL_LOG_IPFIX ? IPFIX_PORT : SYSLOG_PORT;

	return (struct sl_log_sink){
		.kind = kind, .addr = arg->u, .port = arg->port != 0 ? arg->port : htons(usual)
	};
}

static int
log_syslog(struct call *call, const struct arg *arg)
{
	struct sl_log_sink sink = collector(SL_LOG_SYSLOG, &arg[0]);

	sink.mask = mask_of(&arg[1]);
	return set_sink(call, &sink);
}

static int
log_local(struct call *call, const struct arg *arg)
{
	struct sl_log_sink sink = { .kind = SL_LOG_SYSLOG_LOCAL, .mask = mask_of(&arg[0]) };

	return set_sink(call, &sink);
}

static int
log_ipfix(struct call *call, const struct arg *arg)
{
	struct sl_log_sink sink = collector(SL_LOG_IPFIX, &arg[0]);

	sink.domain = arg[1].set ? arg[1].u : DOMAIN_DEFAULT;
	sink.mask = mask_of(&arg[2]);
	return set_sink(call, &sink);
}

static int
no_log_syslog(struct call *call, const struct arg *arg)
{
	struct sl_log_sink sink = collector(SL_LOG_SYSLOG, &arg[0]);

	return unset_sink(call, &sink, arg[0].word);
}

static int
no_log_local(struct call *call, const struct arg *arg)
{
	struct sl_log_sink sink = { .kind = SL_LOG_SYSLOG_LOCAL };

	RTE_SET_USED(arg);
	return unset_sink(call, &sink, "local");
}

static int
no_log_ipfix(struct call *call, const struct arg *arg)
{
	struct sl_log_sink sink = collector(SL_LOG_IPFIX, &arg[0]);

	return unset_sink(call, &sink, arg[0].word);
}

/* The words of a log as they are in its statement, without "log". */
static void
print_sink(FILE *out, const struct sl_log_sink *sink)
{
	if (sink->kind == SL_LOG_SYSLOG_LOCAL)
		fprintf(out, "syslog local");
	else
		fprintf(out, "%s %s", sink->kind == SL_LOG_IPFIX ? "ipfix" : "syslog",
			text_endpoint(sink->addr, sink->port));
	if (sink->kind == SL_LOG_IPFIX && sink->domain != DOMAIN_DEFAULT)
		fprintf(out, " domain %u", sink->domain);
	for (size_t i = 0; i < RTE_DIM(topics); i++)
		if (sink->mask & topics[i].mask)
			fprintf(out, " %s", topics[i].word);
}

void
log_write(const struct sl_config *config, FILE *out)
{
	for (unsigned int i = 0; i < config->n_sinks; i++) {
		fprintf(out, "log ");
		print_sink(out, &config->sink[i]);
		fputc('\n', out);
	}
}

static const char *
state_of(const struct record_sink *sink)
{
	return sink->error == 0 ? "up" : strerror(sink->error);
}

static void
sink_json(struct json *j, const struct record_sink *s)
{
	bool local = s->to.kind == SL_LOG_SYSLOG_LOCAL;

	json_object(j, NULL);
	json_text(j, "kind", s->to.kind == SL_LOG_IPFIX ? "ipfix" : "syslog");
	json_text(j, "to", local ? "local" : text_endpoint(s->to.addr, s->to.port));
	json_number(j, "domain", s->to.domain);
	json_array(j, "records");
	for (size_t i = 0; i < RTE_DIM(topics); i++)
		if (s->to.mask & topics[i].mask)
			json_text(j, NULL, topics[i].word);
	json_array_end(j);
	json_number(j, "sent", s->sent);
	json_number(j, "lost", s->lost);
	json_text(j, "state", state_of(s));
	json_object_end(j);
}

static void
show_json(FILE *out, const struct record_stats *stats, uint64_t overflow,
	const struct record_sink *sink, unsigned int n)
{
	struct json j = { .out = out };

	json_object(&j, NULL);
	json_number(&j, "taken", stats->taken);
	json_number(&j, "held_back", stats->held_back);
	json_number(&j, "overflow", overflow);
	json_number(&j, "sent", stats->sent);
	json_number(&j, "lost", stats->lost);
	json_array(&j, "logs");
	for (unsigned int i = 0; i < n; i++)
		sink_json(&j, &sink[i]);
	json_array_end(&j);
	json_object_end(&j);
}

static int
show_log(struct call *call, const struct arg *arg)
{
	struct record_sink sink[RECORD_SINKS_MAX];
	unsigned int n = record_sinks(call->box->recorder, sink, RTE_DIM(sink));
	uint64_t overflow = sl_counter_sum(call->box->nat, SL_COUNTER_RECORDS_LOST);
	struct record_stats stats;

	RTE_SET_USED(arg);
	record_stats(call->box->recorder, &stats);
	if (call->json) {
		show_json(call->out, &stats, overflow, sink, n);
		return 0;
	}
	fprintf(call->out,
		"records taken %" PRIu64 " held back %" PRIu64 " lost before taken %" PRIu64 "\n",
		stats.taken, stats.held_back, overflow);
	for (unsigned int i = 0; i < n; i++) {
		print_sink(call->out, &sink[i].to);
		fprintf(call->out, ": sent %" PRIu64 " lost %" PRIu64 ", %s\n", sink[i].sent,
			sink[i].lost, state_of(&sink[i]));
	}
	return 0;
}

const struct statement cli_log_statements[] = {
	{ "log syslog COLLECTOR " TOPICS, log_syslog,
		"send records to a syslog collector by UDP; without words all but sessions",
		ST_CONFIG },
	{ "log syslog local " TOPICS, log_local, "send records to the local syslog", ST_CONFIG },
	{ "log ipfix COLLECTOR [domain DOMAIN] " TOPICS, log_ipfix,
		"send records to an IPFIX collector by UDP; without words all but sessions",
		ST_CONFIG },
	{ "no log syslog COLLECTOR", no_log_syslog, "send no records there any more", ST_CONFIG },
	{ "no log syslog local", no_log_local, "send no records there any more", ST_CONFIG },
	{ "no log ipfix COLLECTOR", no_log_ipfix, "send no records there any more", ST_CONFIG },
	{ "show log [json]", show_log, "where records go and how many went, held back, lost",
		ST_NOW },
	{ NULL, NULL, NULL, ST_NOW },
};
