/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the program asks of a port's RSS (app/steer.c), and that it believes only what it
 * reads back. The device is made up: ethdev's functions for key and table are defined here,
 * before those of the driver library, and a softnic.c does the hashing. So a device can be
 * as stubborn as they come, and where it steers, its queues are held against the owners
 * that the library computes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <rte_log.h>

#include "pipe.h"
#include "port.h"
#include "softnic.h"
#include "steer.h"

#define L4 (RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV4_UDP)

/** A device and its whims. */
static struct device {
	struct softnic nic; /* what it does */
	uint8_t key_len;
	struct rte_eth_dev_info info; /* what it says */
	bool own_key, hides_key, own_types;
	int reta_refusal; /* negative errno */
	bool forgets_reta, hides_reta, blank_reta;
} device;

static struct port port;

/* ---- ethdev, as far as steering uses it ---- */

int
rte_eth_dev_rss_hash_conf_get(uint16_t port_id, struct rte_eth_rss_conf *conf)
{
	assert_int_equal(port_id, port.id);
	if (device.hides_key)
		return -ENOTSUP;
	assert_true(conf->rss_key_len >= device.key_len);
	memcpy(conf->rss_key, device.nic.key, device.key_len);
	conf->rss_key_len = device.key_len;
	conf->rss_hf = device.nic.types;
	return 0;
}

int
rte_eth_dev_rss_reta_update(
	uint16_t port_id, struct rte_eth_rss_reta_entry64 *reta_conf, uint16_t reta_size)
{
	assert_int_equal(port_id, port.id);
	assert_int_equal(reta_size, device.nic.reta_size);
	if (device.reta_refusal != 0)
		return device.reta_refusal;
	for (unsigned int i = 0; i < reta_size; i++)
		if (reta_conf[i / 64].mask >> (i % 64) & 1)
			device.nic.reta[i] = reta_conf[i / 64].reta[i % 64];
	if (device.forgets_reta)
		device.nic.reta[reta_size - 1] ^= 1;
	return 0;
}

int
rte_eth_dev_rss_reta_query(
	uint16_t port_id, struct rte_eth_rss_reta_entry64 *reta_conf, uint16_t reta_size)
{
	assert_int_equal(port_id, port.id);
	if (device.hides_reta)
		return -ENOTSUP;
	for (unsigned int i = 0; i < reta_size && !device.blank_reta; i++)
		if (reta_conf[i / 64].mask >> (i % 64) & 1)
			reta_conf[i / 64].reta[i % 64] = device.nic.reta[i];
	return 0;
}

/* ---- a port on it ---- */

/* A device as common ones are. */
static void
make_device(uint16_t reta_size)
{
	memset(&device, 0, sizeof(device));
	device.key_len = 40;
	device.nic.reta_size = reta_size;
	device.info.reta_size = reta_size;
	device.info.hash_key_size = 40;
	device.info.flow_type_rss_offloads = L4 | RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV6_TCP;
	memset(device.nic.key, 0x6d, sizeof(device.nic.key));
}

static void
make_port(enum sl_side side, uint16_t n_rxq, unsigned int n_workers)
{
	memset(&port, 0, sizeof(port));
	port.id = 5;
	port.side = side;
	port.n_rxq = n_rxq;
	port.n_workers = n_workers;
}

static char logged[512];
static FILE *log_file;

static void
log_begin(void)
{
	memset(logged, 0, sizeof(logged));
	log_file = fmemopen(logged, sizeof(logged), "w");
	assert_non_null(log_file);
	rte_openlog_stream(log_file);
	rte_log_set_global_level(RTE_LOG_INFO);
}

static const char *
log_end(void)
{
	rte_openlog_stream(NULL);
	rte_log_set_global_level(RTE_LOG_ERR);
	fclose(log_file);
	return logged;
}

/* Ask, configure, start; what was logged. */
static const char *
start(uint32_t block)
{
	struct rte_eth_conf conf = { 0 };

	if (steer_ask(&port, &device.info, &conf)) {
		assert_int_equal(conf.rxmode.mq_mode, RTE_ETH_MQ_RX_RSS);
		assert_int_equal(
			conf.rx_adv_conf.rss_conf.rss_hf & ~device.info.flow_type_rss_offloads, 0);
		device.nic.types = conf.rx_adv_conf.rss_conf.rss_hf;
		if (conf.rx_adv_conf.rss_conf.rss_key != NULL && !device.own_key) {
			assert_int_equal(
				conf.rx_adv_conf.rss_conf.rss_key_len, device.info.hash_key_size);
			memcpy(device.nic.key, conf.rx_adv_conf.rss_conf.rss_key, device.key_len);
		}
		if (device.own_types)
			device.nic.types = RTE_ETH_RSS_NONFRAG_IPV4_TCP;
	}
	log_begin();
	steer_begin(&port, block);
	return log_end();
}

static void
assert_by_software(const char *why)
{
	const char *log = start(0);
	char line[256];

	snprintf(line, sizeof(line), "sluice: port %s: hand-off by software: %s\n",
		port.side == SL_INSIDE ? "inside" : "outside", why);
	assert_string_equal(log, line);
	assert_null(steer_params(&port).key);
}

/* ---- devices that steer ---- */

static void
check_inside(unsigned int n)
{
	struct pipe *p;

	make_device(128);
	make_port(SL_INSIDE, (uint16_t)n, n);
	assert_string_equal(
		start(0), "sluice: port inside: RSS on source address, 128 entries, no hand-off\n");
	pipe_steering[SL_INSIDE] = steer_params(&port);
	p = pipe_create(n, "", 1, 1000);
	for (uint32_t i = 0; i < 2000; i++) {
		uint32_t addr = 0x0a000000 + i * 77;

		assert_int_equal(sl_subscriber_worker(p->nat, rte_cpu_to_be_32(addr)),
			softnic_tuple(&device.nic, addr, i * 7919, (uint16_t)i, 53, i % 2));
	}
	pipe_destroy(p);
	memset(pipe_steering, 0, sizeof(pipe_steering));
}

static void
device_inside_and_library_agree(void **state)
{
	(void)state;
	for (unsigned int n = 2; n <= 8; n++)
		check_inside(n);
}

static void
device_outside_and_library_agree(void **state)
{
	struct sl_steering s;

	(void)state;
	make_device(512);
	make_port(SL_OUTSIDE, 3, 3);
	assert_string_equal(start(0),
		"sluice: port outside: RSS on destination port, 512 entries, no hand-off\n");
	s = steer_params(&port);
	assert_int_equal(s.reta_size, 512);
	assert_memory_equal(s.key, device.nic.key, SL_STEERING_KEY_MIN);
	assert_memory_equal(s.reta, device.nic.reta, 512 * sizeof(s.reta[0]));
}

static void
table_goes_by_the_largest_block(void **state)
{
	struct sl_config *config = sl_config_create();
	struct sl_pool pools[3] = { { .block_size = 64 }, { .block_size = 2048 } };

	(void)state;
	config->pool = pools;
	config->n_pools = 3;
	assert_int_equal(steer_block(config), 2048);
	config->pool = NULL;
	config->n_pools = 0;
	assert_int_equal(steer_block(config), 0);
	sl_config_destroy(config);
	make_device(128);
	make_port(SL_OUTSIDE, 4, 4);
	start(2048);
	for (uint32_t port_no = 0; port_no < 65536; port_no++)
		assert_int_equal(softnic_tuple(&device.nic, 1, 2, 3, (uint16_t)port_no, true),
			softnic_tuple(&device.nic, 1, 2, 3, (uint16_t)(port_no & ~2047u), true));
}

static void
only_addresses_hashed_is_enough_inside(void **state)
{
	(void)state;
	make_device(128);
	device.info.flow_type_rss_offloads = RTE_ETH_RSS_IPV4;
	make_port(SL_INSIDE, 2, 2);
	start(0);
	assert_non_null(steer_params(&port).key);
}

static void
one_worker_needs_no_steering(void **state)
{
	(void)state;
	make_device(128);
	make_port(SL_OUTSIDE, 1, 1);
	assert_string_equal(start(0), "");
	assert_null(steer_params(&port).key);
}

/* ---- devices that do not ---- */

static void
too_few_queues_mean_hand_off(void **state)
{
	(void)state;
	make_device(128);
	make_port(SL_OUTSIDE, 1, 3);
	assert_by_software("the port has one queue");
	make_port(SL_INSIDE, 2, 3);
	assert_by_software("the port has 2 queues for 3 workers");
	/* the two are used evenly all the same */
	assert_int_equal(device.nic.types, L4 | RTE_ETH_RSS_IPV4);
}

static void
device_without_rss_means_hand_off(void **state)
{
	(void)state;
	make_device(128);
	device.info.flow_type_rss_offloads = RTE_ETH_RSS_NONFRAG_IPV6_TCP;
	make_port(SL_INSIDE, 2, 2);
	assert_by_software("the device has no RSS");
	device.info.flow_type_rss_offloads = RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_IPV4;
	make_port(SL_OUTSIDE, 2, 2);
	assert_by_software("the device does not hash TCP and UDP");
}

static void
unfit_key_means_hand_off(void **state)
{
	(void)state;
	make_device(128);
	device.info.hash_key_size = 0;
	make_port(SL_INSIDE, 2, 2);
	assert_by_software("the device takes no RSS key");
	make_device(128);
	device.own_key = true;
	make_port(SL_OUTSIDE, 2, 2);
	assert_by_software("the device keeps another RSS key");
	make_device(128);
	device.key_len = 32;
	make_port(SL_INSIDE, 2, 2);
	assert_by_software("the device keeps another RSS key");
	make_device(128);
	device.hides_key = true;
	make_port(SL_OUTSIDE, 2, 2);
	assert_by_software("the device does not tell its RSS key: Operation not supported");
	make_device(128);
	device.own_types = true;
	make_port(SL_OUTSIDE, 2, 2);
	assert_by_software("the device does not hash TCP and UDP");
}

static void
unfit_table_means_hand_off(void **state)
{
	(void)state;
	make_device(0);
	make_port(SL_INSIDE, 2, 2);
	assert_by_software("the device has no RSS table");
	make_device(96);
	make_port(SL_INSIDE, 2, 2);
	assert_by_software("an RSS table of 96 entries does not fit 2 workers");
	make_device(64);
	make_port(SL_OUTSIDE, 17, 17);
	assert_by_software("an RSS table of 64 entries does not fit 17 workers");
	make_device(128);
	device.reta_refusal = -EINVAL;
	make_port(SL_OUTSIDE, 2, 2);
	assert_by_software("the device refuses an RSS table: Invalid argument");
	make_device(128);
	device.forgets_reta = true;
	make_port(SL_OUTSIDE, 2, 2);
	assert_by_software("the device does not keep its RSS table");
	make_device(128);
	device.hides_reta = true;
	make_port(SL_OUTSIDE, 2, 2);
	assert_by_software("the device does not keep its RSS table");
	make_device(128);
	device.blank_reta = true;
	make_port(SL_OUTSIDE, 2, 2);
	assert_by_software("the device does not keep its RSS table");
}

static void
refused_configuration_means_hand_off(void **state)
{
	struct rte_eth_conf conf = { 0 };

	(void)state;
	make_device(128);
	make_port(SL_INSIDE, 2, 2);
	assert_true(steer_ask(&port, &device.info, &conf));
	steer_refused(&port, -ENOTSUP);
	steer_begin(&port, 0);
	assert_null(steer_params(&port).key);
	assert_string_equal(port.steer.why, "the device refuses RSS: Operation not supported");
}

/* ---- a device that steers elsewhere ---- */

static void
send_from(struct pipe *p, unsigned int worker, uint32_t host)
{
	static struct pt_frame f;
	struct pt_default def = pipe_default_in(p, SL_INSIDE, NULL, 0);
	char text[64], why[128];
	struct rte_mbuf *m;

	snprintf(text, sizeof(text), "udp 10.0.0.%u:5000 > 198.51.100.9:53", host);
	assert_int_equal(pt_build(text, &def, &f, why, sizeof(why)), 0);
	m = pipe_mbuf(f.b, f.len);
	pipe_receive(p, worker, SL_INSIDE, &m, 1);
}

static void
settle_at_times(struct pipe *p, unsigned int i)
{
	if (i % 100 == 0) {
		pipe_settle(p);
		pipe_discard(p);
	}
}

static void
hand_offs_of_a_device_that_should_steer_are_noticed_once(void **state)
{
	struct port both[2] = { { .steer.on = true }, { .steer.on = true } };
	struct pipe *p = pipe_create(2, "", 1, 1000);
	unsigned int right = sl_subscriber_worker(p->nat, conf_addr("10.0.0.2"));

	(void)state;
	for (unsigned int i = 0; i < 4999; i++) {
		send_from(p, i % 5 == 0 ? 1 - right : right, 2);
		settle_at_times(p, i);
	}
	log_begin();
	steer_watch(both, p->nat); /* a thousand, but one in five */
	assert_string_equal(log_end(), "");
	for (unsigned int i = 0; i < 500; i++) {
		send_from(p, 1 - right, 2);
		settle_at_times(p, i);
	}
	both[SL_OUTSIDE].steer.on = false; /* then hand-offs are expected */
	log_begin();
	steer_watch(both, p->nat);
	assert_string_equal(log_end(), "");
	both[SL_OUTSIDE].steer.on = true;
	log_begin();
	steer_watch(both, p->nat);
	assert_non_null(strstr(log_end(), "27 of 100 packets are handed over"));
	log_begin();
	steer_watch(both, p->nat);
	assert_string_equal(log_end(), "");
	pipe_destroy(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(device_inside_and_library_agree),
		cmocka_unit_test(device_outside_and_library_agree),
		cmocka_unit_test(table_goes_by_the_largest_block),
		cmocka_unit_test(only_addresses_hashed_is_enough_inside),
		cmocka_unit_test(one_worker_needs_no_steering),
		cmocka_unit_test(too_few_queues_mean_hand_off),
		cmocka_unit_test(device_without_rss_means_hand_off),
		cmocka_unit_test(unfit_key_means_hand_off),
		cmocka_unit_test(unfit_table_means_hand_off),
		cmocka_unit_test(refused_configuration_means_hand_off),
		cmocka_unit_test(hand_offs_of_a_device_that_should_steer_are_noticed_once),
	};

	return cmocka_run_group_tests_name("rss", tests, pipe_setup, NULL);
}
