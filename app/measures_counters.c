/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The library's counters as families of figures, with the sentences of counters.def.
 *
 * Some counters are one thing seen from several sides, and become one family with labels:
 * packets and bytes of the ports, punts by cause, drops by reason. All others keep their names:
 * "hairpinned" becomes sluice_hairpinned_total, "sessions_now" the gauge sluice_sessions. A
 * counter that is new in counters.def is here by itself.
 *
 * What a drop's reason means is told by sluice_drop_reason_info, which a dashboard joins to
 * sluice_drops_total by the label `reason`.
 */
#include <stdio.h>
#include <string.h>

#include <rte_common.h>

#include "measures.h"

#define DROP "drop_"
#define PUNTED "punted_"
#define NOW "_now"
#define NAME_ROOM 64

/* A counter that is one figure of a family with labels. */
static const struct side {
	enum sl_counter c;
	const char *port, *direction;
} packets[] = {
	{ SL_COUNTER_RX_INSIDE, "inside", "rx" },
	{ SL_COUNTER_TX_INSIDE, "inside", "tx" },
	{ SL_COUNTER_RX_OUTSIDE, "outside", "rx" },
	{ SL_COUNTER_TX_OUTSIDE, "outside", "tx" },
}, bytes[] = {
	{ SL_COUNTER_RX_BYTES_INSIDE, "inside", "rx" },
	{ SL_COUNTER_TX_BYTES_INSIDE, "inside", "tx" },
	{ SL_COUNTER_RX_BYTES_OUTSIDE, "outside", "rx" },
	{ SL_COUNTER_TX_BYTES_OUTSIDE, "outside", "tx" },
}, refused[] = {
	{ SL_COUNTER_TX_REFUSED_INSIDE, "inside", "tx" },
	{ SL_COUNTER_TX_REFUSED_OUTSIDE, "outside", "tx" },
};

static const struct group {
	const char *family, *help;
	const struct side *side;
	unsigned int n;
} groups[] = {
	{ "sluice_packets", "packets received and sent on the ports", packets, RTE_DIM(packets) },
	{ "sluice_bytes", "bytes of frames received and sent on the ports", bytes, RTE_DIM(bytes) },
	{ "sluice_refused_packets", "packets that a port had no room for", refused,
		RTE_DIM(refused) },
};

/* Counters that would otherwise have the name of another one, or a poor one. */
static const struct {
	enum sl_counter c;
	const char *family;
} renamed[] = {
	{ SL_COUNTER_HELD, "sluice_neighbor_waits" },
	{ SL_COUNTER_HELD_NOW, "sluice_packets_waiting" },
	{ SL_COUNTER_FRAGMENTS_HELD, "sluice_fragment_waits" },
	{ SL_COUNTER_FRAGMENTS_HELD_NOW, "sluice_fragments_waiting" },
	{ SL_COUNTER_HOSTS6_NOW, "sluice_nat64_hosts" },
	{ SL_COUNTER_RECORDS_LOST, "sluice_log_records_overflowed" },
};

static bool
starts(const char *name, const char *with)
{
	return strncmp(name, with, strlen(with)) == 0;
}

static bool
is_grouped(enum sl_counter c)
{
	if (sl_counter_is_drop(c) || starts(sl_counter_name(c), PUNTED))
		return true;
	for (unsigned int i = 0; i < RTE_DIM(groups); i++)
		for (unsigned int k = 0; k < groups[i].n; k++)
			if (groups[i].side[k].c == c)
				return true;
	return false;
}

static void
write_group(struct exposition *x, const struct sl_nat *nat, const struct group *g)
{
	exposition_family(x, g->family, EXPOSITION_COUNTER, g->help);
	for (unsigned int i = 0; i < g->n; i++)
		exposition_add(x, sl_counter_sum(nat, g->side[i].c), "port", g->side[i].port,
			"direction", g->side[i].direction, NULL);
}

/* Each counter whose name begins so, told apart by the rest of its name. */
static void
write_by_name(struct exposition *x, const struct sl_nat *nat, const char *with, const char *label)
{
	for (enum sl_counter c = 0; c < SL_COUNTER_COUNT; c++)
		if (starts(sl_counter_name(c), with))
			exposition_add(x, sl_counter_sum(nat, c), label,
				sl_counter_name(c) + strlen(with), NULL);
}

static void
write_drops(struct exposition *x, const struct sl_nat *nat)
{
	exposition_family(x, "sluice_drops", EXPOSITION_COUNTER, "packets discarded, by reason");
	write_by_name(x, nat, DROP, "reason");
	exposition_family(x, "sluice_drop_reason", EXPOSITION_INFO,
		"what the reasons of sluice_drops_total mean");
	for (enum sl_counter c = 0; c < SL_COUNTER_COUNT; c++)
		if (sl_counter_is_drop(c))
			exposition_add(x, 1, "reason", sl_counter_name(c) + strlen(DROP), "text",
				sl_counter_text(c), NULL);
	exposition_family(x, "sluice_punted_packets", EXPOSITION_COUNTER,
		"packets given to control and the kernel, by cause");
	write_by_name(x, nat, PUNTED, "cause");
}

static void
write_single(struct exposition *x, const struct sl_nat *nat, enum sl_counter c)
{
	const char *name = sl_counter_name(c);
	size_t len = strlen(name);
	bool now = len > strlen(NOW) && strcmp(name + len - strlen(NOW), NOW) == 0;
	char family[NAME_ROOM];

	snprintf(family, sizeof(family), "sluice_%.*s", (int)(len - (now ? strlen(NOW) : 0)), name);
	for (unsigned int i = 0; i < RTE_DIM(renamed); i++)
		if (renamed[i].c == c)
			snprintf(family, sizeof(family), "%s", renamed[i].family);
	exposition_family(
		x, family, now ? EXPOSITION_GAUGE : EXPOSITION_COUNTER, sl_counter_text(c));
	exposition_add(x, sl_counter_sum(nat, c), NULL);
}

void
measures_counters(struct exposition *x, const struct sl_nat *nat)
{
	for (unsigned int i = 0; i < RTE_DIM(groups); i++)
		write_group(x, nat, &groups[i]);
	write_drops(x, nat);
	for (enum sl_counter c = 0; c < SL_COUNTER_COUNT; c++)
		if (!is_grouped(c))
			write_single(x, nat, c);
}
