/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "kernel.h"
#include "place.h"
#include "port.h"

/** The command line after "--". Strings point into argv. */
struct options {
	const char *file; /**< start-up file, or NULL */
	const char *port[2]; /**< ethdev name or number by enum sl_side, or NULL */
	const char *socket; /**< NULL: by EAL's file prefix */
	struct port_options ports;
	struct kernel_options kernel;
	uint32_t mbufs; /**< of all workers, 0: as many as needed */
	uint32_t max_sessions, max_subscribers, max_hosts6;
	uint32_t stats; /**< seconds between lines of figures, 0: none */
	enum place_yield yield;
	bool interactive;
	bool check; /**< read the file, say whether it is right, end */
	bool syntax; /**< only read FILE for what is no statement */
	const char *lookup; /**< answer this from the file, end; or NULL */
	const char *document; /**< print this part of the manual, end; or NULL */
	bool help, version;
};

/**
 * Read sluice's own options.
 * @param argv  argv[0] is skipped; no EAL options
 * @param err   gets one line that names a wrong word and what was expected
 * @return 0 or -EINVAL
 */
int options_parse(struct options *options, int argc, char **argv, FILE *err);

/** True for a word that is one of sluice's long options and none of EAL's. */
bool options_is_own(const char *word);

/** Print what the options mean. */
void options_help(FILE *out);

/** Call fn for each option: its letter, name, argument (NULL: none) and one sentence. */
void options_each(
	void (*fn)(FILE *out, char letter, const char *name, const char *value, const char *help),
	FILE *out);

#endif /* OPTIONS_H */
