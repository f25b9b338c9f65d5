/* SPDX-License-Identifier: BSD-3-Clause
 *
 * All packet tables of tests/cases, for the programs that run them.
 */
#include "table.h"

/* clang-format off */
#define SUITES \
	X(udp) X(tcp) X(icmp) X(icmp_error) X(address) X(limit) X(punt) X(hold) X(held) X(hairpin) \
	X(forward) X(fragment) X(refragment) X(query) X(filter) X(config) X(tenant) X(tenant_route) X(time) X(peer_tcp) \
	X(rfc4787) X(rfc5382) X(rfc5508) X(rfc6888) X(rfc7857) \
	X(blocks) X(fixed) X(shared) X(pool) X(bypass) X(protocol) X(mss) \
	X(nat64) X(nat64_error) X(nat64_fragment) X(nat64_host) X(nat64_quote) X(six_route)
/* clang-format on */

#define X(name) extern const struct table_suite suite_##name;
SUITES
#undef X

const struct table_suite *const table_suites[] = {
#define X(name) &suite_##name,
	SUITES
#undef X
};

const unsigned int table_n_suites = RTE_DIM(table_suites);
