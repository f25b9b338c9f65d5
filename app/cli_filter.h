/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CLI_FILTER_H
#define CLI_FILTER_H

#include "types.h"

/** The ends that sessions, mappings have, and the arguments that they are. */
#define FILTER_ENDS "[proto PROTOCOL] [inside INSIDE] [outside WHERE] [tenant TENANT] [pool POOL]"
#define FILTER_ENDS_ARGS 5

/** The same, and what only sessions have. */
#define FILTER_SESSIONS                                                                            \
	FILTER_ENDS " [remote WHERE] [state STATE] [helper HELPER] [age SECONDS] [idle SECONDS] "  \
		    "[nat44|nat64] [inbound|outbound] [replied|unreplied] [forwarded] [hairpin] "  \
		    "[orig-src INSIDE] [orig-dst INSIDE] [reply-src INSIDE] [reply-dst INSIDE]"
#define FILTER_SESSIONS_ARGS 19

/** The selection that arguments of these patterns say, of everything when none is set. */
void filter_ends(struct sl_select *select, const struct arg *arg);
void filter_sessions(struct sl_select *select, const struct arg *arg);

#endif /* CLI_FILTER_H */
