/* SPDX-License-Identifier: BSD-3-Clause
 *
 * IPv6 addresses that hold IPv4 ones, against the table of RFC 6052 section 2.4.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>

#include "conf.h"
#include "six.h"

static struct sl_ip6
ip6(const char *text)
{
	struct sl_ip6 a;

	if (inet_pton(AF_INET6, text, &a) != 1)
		fail_msg("not an address: %s", text);
	return a;
}

static struct sl_prefix
prefix(const char *text, uint8_t plen)
{
	const struct sl_ifaddr6 from = { ip6(text), plen };
	struct sl_prefix x;

	assert_true(sl_prefix_init(&x, &from));
	return x;
}

static bool
holds(const char *text, uint8_t plen, const struct sl_ip6 *a)
{
	const struct sl_ifaddr6 from = { ip6(text), plen };
	struct sl_prefix_match x;

	sl_prefix_match_init(&x, &from);
	return sl_prefix_holds(&x, a);
}

/* The examples of the RFC, all with 192.0.2.33. */
static const struct {
	const char *net;
	uint8_t plen;
	const char *address;
} example[] = {
	{ "2001:db8::", 32, "2001:db8:c000:221::" },
	{ "2001:db8:100::", 40, "2001:db8:1c0:2:21::" },
	{ "2001:db8:122::", 48, "2001:db8:122:c000:2:2100::" },
	{ "2001:db8:122:300::", 56, "2001:db8:122:3c0:0:221::" },
	{ "2001:db8:122:344::", 64, "2001:db8:122:344:c0:2:2100::" },
	{ "2001:db8:122:344::", 96, "2001:db8:122:344::192.0.2.33" },
	{ "64:ff9b::", 96, "64:ff9b::192.0.2.33" },
	{ "::ffff:0:0", 96, "::ffff:192.0.2.33" },
};

static void
rfc6052_s24_examples_are_met(void **state)
{
	(void)state;
	for (size_t i = 0; i < RTE_DIM(example); i++) {
		struct sl_prefix x = prefix(example[i].net, example[i].plen);
		struct sl_ip6 want = ip6(example[i].address),
			      got = sl_prefix_join(&x, conf_addr("192.0.2.33"));
		rte_be32_t addr;

		assert_memory_equal(&got, &want, sizeof(want));
		assert_true(holds(example[i].net, example[i].plen, &want));
		assert_true(sl_prefix_split(&x, &want, &addr));
		assert_int_equal(addr, conf_addr("192.0.2.33"));
	}
}

static void
every_address_comes_back_by_every_prefix(void **state)
{
	uint32_t a = 1;

	(void)state;
	for (unsigned int n = 0; n < 100000; n++) {
		struct sl_prefix x = prefix(
			example[n % RTE_DIM(example)].net, example[n % RTE_DIM(example)].plen);
		struct sl_ip6 six = sl_prefix_join(&x, a);
		rte_be32_t back;

		assert_true(holds(example[n % RTE_DIM(example)].net,
			example[n % RTE_DIM(example)].plen, &six));
		assert_int_equal(six.b[8], 0);
		assert_true(sl_prefix_split(&x, &six, &back));
		assert_int_equal(a, back);
		a = a * 1664525u + 1013904223u;
	}
}

static void
bits_that_must_be_zero_are_refused(void **state)
{
	static const struct {
		const char *net;
		uint8_t plen;
		const char *address;
	} bad[] = {
		{ "2001:db8::", 32, "2001:db8:c000:221:100::" },
		{ "2001:db8::", 32, "2001:db8:c000:221::1" },
		{ "2001:db8:100::", 40, "2001:db8:1c0:2:121::" },
		{ "2001:db8:122::", 48, "2001:db8:122:c000:2:2100:0:1" },
		{ "2001:db8:122:344::", 64, "2001:db8:122:344:1c0:2:2100::" },
		{ "2001:db8:122:344::", 64, "2001:db8:122:344:c0:2:2101::" },
	};

	(void)state;
	for (size_t i = 0; i < RTE_DIM(bad); i++) {
		struct sl_prefix x = prefix(bad[i].net, bad[i].plen);
		struct sl_ip6 a = ip6(bad[i].address);
		rte_be32_t addr;

		assert_true(holds(bad[i].net, bad[i].plen, &a));
		assert_false(sl_prefix_split(&x, &a, &addr));
	}
}

static void
other_lengths_are_no_prefixes(void **state)
{
	struct sl_prefix x;

	(void)state;
	for (unsigned int plen = 0; plen <= 255; plen++) {
		const struct sl_ifaddr6 from = { ip6("2001:db8::"), (uint8_t)plen };
		bool good = plen == 32 || plen == 40 || plen == 48 || plen == 56 || plen == 64 ||
			    plen == 96;

		assert_int_equal(sl_prefix_init(&x, &from), good);
	}
	assert_false(sl_prefix_init(&x, &(struct sl_ifaddr6){ ip6("2001:db8:0:0:100::"), 96 }));
}

static void
a_prefix_holds_its_own_addresses_only(void **state)
{
	struct sl_ip6 a = ip6("64:ff9b::1:0:0"), b = ip6("64:ff9a::1"), c = ip6("2001:db8:1ff::1"),
		      d = ip6("2001:db8:200::1");

	(void)state;
	assert_false(holds("64:ff9b::", 96, &a));
	assert_false(holds("64:ff9b::", 96, &b));
	assert_true(holds("2001:db8:100::", 40, &c));
	assert_false(holds("2001:db8:100::", 40, &d));
}

static void
rfc6052_s31_the_known_prefix_hides_private_addresses(void **state)
{
	static const char *const hidden[] = { "10.0.0.1", "172.16.0.1", "172.31.255.255",
		"192.168.1.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "169.254.1.1",
		"224.0.0.1", "0.0.0.0", "255.255.255.255" };
	static const char *const shown[] = { "9.255.255.255", "11.0.0.0", "172.15.255.255",
		"172.32.0.0", "192.167.0.1", "100.63.255.255", "100.128.0.0", "192.0.2.1",
		"8.8.8.8" };
	struct sl_prefix known = prefix("64:ff9b::", 96), own = prefix("2001:db8:64::", 96);

	(void)state;
	for (size_t i = 0; i < RTE_DIM(hidden); i++) {
		assert_true(sl_prefix_hides(&known, conf_addr(hidden[i])));
		assert_false(sl_prefix_hides(&own, conf_addr(hidden[i])));
	}
	for (size_t i = 0; i < RTE_DIM(shown); i++)
		assert_false(sl_prefix_hides(&known, conf_addr(shown[i])));
}

static void
networks_are_cut_at_any_bit(void **state)
{
	struct sl_ip6 a = ip6("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");

	(void)state;
	for (unsigned int plen = 0; plen <= 128; plen++) {
		struct sl_ip6 n = sl_ip6_net(&a, (uint8_t)plen);

		for (unsigned int bit = 0; bit < 128; bit++)
			assert_int_equal(n.b[bit / 8] >> (7 - bit % 8) & 1, bit < plen);
	}
}

static void
addresses_that_nobody_sends_from_are_known(void **state)
{
	static const char *const bad[] = { "::", "::1", "ff02::1", "fe80::1", "febf::1",
		"::ffff:192.0.2.1", "::192.0.2.1" };
	static const char *const good[] = { "2001:db8::1", "fd00::1", "64:ff9b::1", "fec0::1" };

	(void)state;
	for (size_t i = 0; i < RTE_DIM(bad); i++)
		assert_true(sl_ip6_bogon(&(struct sl_ip6[]){ ip6(bad[i]) }[0]));
	for (size_t i = 0; i < RTE_DIM(good); i++)
		assert_false(sl_ip6_bogon(&(struct sl_ip6[]){ ip6(good[i]) }[0]));
}

static void
stand_ins_name_worker_and_place(void **state)
{
	(void)state;
	for (unsigned int w = 0; w < SL_WORKERS_MAX; w++) {
		rte_be32_t a = sl_stand(w, SL_STAND_PLACES - 1 - w);

		assert_true(sl_stand_is(a));
		assert_int_equal(sl_stand_worker(a), w);
		assert_int_equal(sl_stand_place(a), SL_STAND_PLACES - 1 - w);
		assert_int_not_equal(a, UINT32_MAX);
	}
	assert_false(sl_stand_is(conf_addr("239.255.255.255")));
}

static int
check(struct sl_nat64 *nat64, unsigned int n)
{
	struct sl_config *c = sl_config_create();
	char why[128];
	int rc;

	assert_non_null(c);
	c->nat64 = nat64;
	c->n_nat64 = n;
	rc = sl_config_check(c, why, sizeof(why));
	c->nat64 = NULL;
	c->n_nat64 = 0;
	sl_config_destroy(c);
	return rc;
}

static void
configurations_are_checked(void **state)
{
	struct sl_nat64 good[] = { { { ip6("64:ff9b::"), 96 }, 0 }, { { ip6("::"), 0 }, 0 },
		{ { ip6("2001:db8:64::"), 48 }, 0 }, { { ip6("::ffff:0:0"), 96 }, 0 } };
	struct sl_nat64 twice[] = { { { ip6("2001:db8::"), 32 }, 0 },
		{ { ip6("2001:db8:64::"), 96 }, 0 } };
	struct sl_nat64 host[] = { { { ip6("64:ff9b::1"), 96 }, 0 } };
	struct sl_nat64 cast[] = { { { ip6("ff02::"), 96 }, 0 } };
	struct sl_nat64 zero[] = { { { ip6("::"), 96 }, 0 } };
	struct sl_nat64 nobody[] = { { { ip6("64:ff9b::"), 96 }, 1 } };

	(void)state;
	assert_int_equal(check(good, 4), 0);
	assert_int_not_equal(check(twice, 2), 0);
	assert_int_not_equal(check(host, 1), 0);
	assert_int_not_equal(check(cast, 1), 0);
	assert_int_not_equal(check(zero, 1), 0);
	assert_int_not_equal(check(nobody, 1), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc6052_s24_examples_are_met),
		cmocka_unit_test(every_address_comes_back_by_every_prefix),
		cmocka_unit_test(bits_that_must_be_zero_are_refused),
		cmocka_unit_test(other_lengths_are_no_prefixes),
		cmocka_unit_test(a_prefix_holds_its_own_addresses_only),
		cmocka_unit_test(rfc6052_s31_the_known_prefix_hides_private_addresses),
		cmocka_unit_test(networks_are_cut_at_any_bit),
		cmocka_unit_test(addresses_that_nobody_sends_from_are_known),
		cmocka_unit_test(stand_ins_name_worker_and_place),
		cmocka_unit_test(configurations_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
