/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Runs the packet tables of tests/cases. Arguments: the name of a suite, or none for all
 * of them, and then a part of the name of the cases wanted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "table.h"

#define CASES_MAX 2048

/* clang-format off */
#define SUITES \
	X(udp) X(tcp) X(icmp) X(icmp_error) X(address) X(limit) X(punt) X(hold) X(held) X(hairpin) \
	X(forward) X(fragment) X(refragment) X(query) X(config) X(tenant) X(tenant_route) X(time) X(peer_tcp) \
	X(rfc4787) X(rfc5382) X(rfc5508) X(rfc6888) X(rfc7857) \
	X(blocks) X(fixed) X(shared) X(pool) X(bypass) X(protocol) X(mss) \
	X(nat64) X(nat64_error) X(nat64_fragment) X(nat64_host) X(six_route)
/* clang-format on */

#define X(name) extern const struct table_suite suite_##name;
SUITES
#undef X

static const struct table_suite *const suites[] = {
#define X(name) &suite_##name,
	SUITES
#undef X
};

static void
run_case(void **state)
{
	table_run(*state);
}

int
main(int argc, char **argv)
{
	static struct CMUnitTest tests[CASES_MAX];
	const char *suite = argc > 1 ? argv[1] : "all";
	size_t n = 0;

	for (unsigned int s = 0; s < sizeof(suites) / sizeof(suites[0]); s++) {
		if (strcmp(suite, "all") != 0 && strcmp(suite, suites[s]->name) != 0)
			continue;
		for (unsigned int i = 0; i < suites[s]->n && n < CASES_MAX; i++) {
			const struct table_case *c = &suites[s]->c[i];

			if (argc > 2 && strstr(c->name, argv[2]) == NULL)
				continue;
			tests[n++] = (struct CMUnitTest){ c->name, run_case, NULL, NULL,
				(void *)(uintptr_t)c };
		}
	}
	if (n == 0) {
		fprintf(stderr, "no such case\n");
		return 2;
	}
	return _cmocka_run_group_tests(suite, tests, n, pipe_setup, NULL) == 0 ? 0 : 1;
}
