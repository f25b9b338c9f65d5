/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CLI_PRINT_H
#define CLI_PRINT_H

#include <stdio.h>

#include "sluice.h"

struct json;

/** Where things are printed, and what their names are looked up in. */
struct print {
	const struct sl_config *config;
	FILE *out; /**< lines, when there is no json */
	struct json *json; /**< or NULL */
};

/** One line, or one object of an array. */
void print_session(const struct print *to, const struct sl_session *s);
void print_mapping(const struct print *to, const struct sl_mapping *m);
void print_subscriber(const struct print *to, const struct sl_subscriber *s);

/** Name of a tenant, "?" when it is gone. */
const char *print_tenant(const struct print *to, unsigned int tenant);

/** Name of a tenant's pool, "outside" for the outside addresses. */
const char *print_pool(const struct sl_config *config, unsigned int tenant);

/** A subscriber's address or prefix, in a buffer as those of cli.h. */
const char *print_subscriber_name(const struct sl_subscriber *s);

#endif /* CLI_PRINT_H */
