/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The command line after "--", from one table: the same rows parse, explain and tell
 * sluice's options from EAL's. A wrong word is named together with what was expected;
 * the values are read here and nothing is touched, so a wrong line costs nothing.
 */
#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "options.h"

enum kind {
	FLAG, /* bool: true */
	UNFLAG, /* bool: false */
	TEXT, /* const char * */
	U16,
	U32,
	MAC,
	TAP, /* prefix of the exception TAPs */
	YIELD,
};

struct row {
	char letter; /* short form, or 0 */
	const char *name, *value; /* long form, name of its argument or NULL */
	enum kind kind;
	size_t at; /* offset in struct options */
	uint32_t min, max; /* of a number */
	const char *help;
};

#define AT(field) offsetof(struct options, field)

/* clang-format off */
static const struct row rows[] = {
	{ 'i', "interactive", NULL, FLAG, AT(interactive), 0, 0, "read statements from stdin" },
	{ 'I', "inside", "PORT", TEXT, AT(port[SL_INSIDE]), 0, 0, "inside port, ethdev name or number (0)" },
	{ 'O', "outside", "PORT", TEXT, AT(port[SL_OUTSIDE]), 0, 0, "outside port, ethdev name or number (1)" },
	{ 'r', "rxd", "N", U16, AT(ports.n_rxd), 32, 32768, "RX descriptors of a queue (1024)" },
	{ 't', "txd", "N", U16, AT(ports.n_txd), 32, 32768, "TX descriptors of a queue (1024)" },
	{ 'Q', "queues", "N", U16, AT(ports.max_queues), 1, SL_WORKERS_MAX, "use at most N queues of a port (one a worker; net_memif one, its peer must have as many)" },
	{ 'b', "mbuf-size", "BYTES", U32, AT(ports.mbuf_size), 1024, 16384, "data room of an mbuf without headroom (2048, or as the MTU needs)" },
	{ 'n', "mbufs", "N", U32, AT(mbufs), 1024, 1U << 28, "mbufs of all workers together (as needed)" },
	{ 'S', "max-sessions", "N", U32, AT(max_sessions), 1, 1U << 30, "room for sessions (262144)" },
	{ 'U', "max-subscribers", "N", U32, AT(max_subscribers), 1, 1U << 30, "room for subscribers (an eighth of the sessions)" },
	{ '6', "max-ipv6-hosts", "N", U32, AT(max_hosts6), 1, 1U << 28, "room for IPv6 hosts behind NAT64 (as subscribers, at most 65536)" },
	{ 'm', "inside-mtu", "BYTES", U16, AT(ports.mtu[SL_INSIDE]), 68, 9600, "MTU of the inside port (as it is)" },
	{ 'M', "outside-mtu", "BYTES", U16, AT(ports.mtu[SL_OUTSIDE]), 68, 9600, "MTU of the outside port (as it is)" },
	{ 'a', "inside-mac", "MAC", MAC, AT(ports.mac[SL_INSIDE]), 0, 0, "MAC of the inside port (as it is)" },
	{ 'A', "outside-mac", "MAC", MAC, AT(ports.mac[SL_OUTSIDE]), 0, 0, "MAC of the outside port (as it is)" },
	{ 'P', "no-promiscuous", NULL, UNFLAG, AT(ports.promiscuous), 0, 0, "leave promiscuous mode off" },
	{ 'T', "tap-prefix", "NAME", TAP, AT(kernel.tap), 0, 0, "exception TAPs are NAME-in and NAME-out, namespaces of tenants NAME-TENANT (sluice)" },
	{ 'K', "no-kernel", NULL, FLAG, AT(kernel.off), 0, 0, "no TAPs, no netlink: neighbours and routes by statement" },
	{ 's', "socket", "PATH", TEXT, AT(socket), 0, 0, "socket for sluicectl (/run/sluice/<file-prefix>.sock)" },
	{ 'c', "check", NULL, FLAG, AT(check), 0, 0, "read FILE, say whether it is right, start nothing" },
	{ 'x', "syntax", NULL, FLAG, AT(syntax), 0, 0, "read FILE, also with statements for a running box, say what is none, start nothing" },
	{ 'L', "lookup", "ADDRESS:PORT[@TIME]", TEXT, AT(lookup), 0, 0, "say from FILE which subscriber has this port, start nothing" },
	{ 'y', "yield", "on|off|auto", YIELD, AT(yield), 0, 0, "idle workers give way (auto: when lcores share a processor)" },
	{ 'e', "stats", "SECONDS", U32, AT(stats), 1, 86400, "print a line of figures every so often" },
	{ 'D', "document", "PART", TEXT, AT(document), 0, 0, "print a part of the manual: options, statements, commands, arguments or counters" },
	{ 'h', "help", NULL, FLAG, AT(help), 0, 0, "print this" },
	{ 'V', "version", NULL, FLAG, AT(version), 0, 0, "print the version" },
};
/* clang-format on */

static int
expect(FILE *err, const struct row *row, const char *word, const char *what)
{
	fprintf(err, "sluice: --%s '%s': expected %s\n", row->name, word, what);
	return -EINVAL;
}

static int
read_number(const struct row *row, const char *word, uint32_t *number, FILE *err)
{
	char what[64], *end;
	unsigned long value;

	errno = 0;
	value = strtoul(word, &end, 10);
	if (*word >= '0' && *word <= '9' && *end == '\0' && errno == 0 && value >= row->min &&
		value <= row->max) {
		*number = (uint32_t)value;
		return 0;
	}
	snprintf(what, sizeof(what), "a number from %u to %u", row->min, row->max);
	return expect(err, row, word, what);
}

static int
read_tap(struct kernel_options *kernel, const struct row *row, const char *word, FILE *err)
{
	size_t most = sizeof(kernel->tap[0]) - sizeof("-out");

	if (*word == '\0' || strlen(word) > most || strpbrk(word, "/ \t:%") != NULL)
		return expect(err, row, word, "an interface name of 1 to 11 letters and digits");
	snprintf(kernel->prefix, sizeof(kernel->prefix), "%.11s", word);
	snprintf(kernel->tap[SL_INSIDE], sizeof(kernel->tap[0]), "%.11s-in", word);
	snprintf(kernel->tap[SL_OUTSIDE], sizeof(kernel->tap[0]), "%.11s-out", word);
	return 0;
}

static int
read_mac(struct rte_ether_addr *mac, const struct row *row, const char *word, FILE *err)
{
	if (rte_ether_unformat_addr(word, mac) == 0 && rte_is_valid_assigned_ether_addr(mac))
		return 0;
	return expect(err, row, word, "a unicast MAC address like 02:00:00:00:00:01");
}

static int
read_yield(enum place_yield *yield, const struct row *row, const char *word, FILE *err)
{
	static const char *const names[] = {
		[PLACE_YIELD_AUTO] = "auto", [PLACE_YIELD_ON] = "on", [PLACE_YIELD_OFF] = "off"
	};

	for (unsigned int i = 0; i < RTE_DIM(names); i++) {
		if (strcmp(word, names[i]) == 0) {
			*yield = (enum place_yield)i;
			return 0;
		}
	}
	return expect(err, row, word, "on, off or auto");
}

/* Store the value of one option. */
static int
take(struct options *options, const struct row *row, const char *word, FILE *err)
{
	void *at = (char *)options + row->at;
	uint32_t number = 0;
	int rc = 0;

	switch (row->kind) {
	case FLAG:
		*(bool *)at = true;
		break;
	case UNFLAG:
		*(bool *)at = false;
		break;
	case TEXT:
		if (*word == '\0')
			return expect(err, row, word, row->value);
		*(const char **)at = word;
		break;
	case U16:
		rc = read_number(row, word, &number, err);
		*(uint16_t *)at = (uint16_t)number;
		break;
	case U32:
		rc = read_number(row, word, at, err);
		break;
	case MAC:
		return read_mac(at, row, word, err);
	case TAP:
		return read_tap(&options->kernel, row, word, err);
	case YIELD:
		return read_yield(at, row, word, err);
	}
	return rc;
}

/* The table in the two forms of getopt_long(); its value is the row's number + 256. */
static void
make_getopt(char *letters, struct option *names)
{
	*letters++ = ':';
	for (unsigned int i = 0; i < RTE_DIM(rows); i++) {
		names[i].name = rows[i].name;
		names[i].has_arg = rows[i].value != NULL ? required_argument : no_argument;
		names[i].flag = NULL;
		names[i].val = 256 + (int)i;
		*letters++ = rows[i].letter;
		if (rows[i].value != NULL)
			*letters++ = ':';
	}
	*letters = '\0';
	memset(&names[RTE_DIM(rows)], 0, sizeof(*names));
}

static const struct row *
find_row(int c)
{
	if (c >= 256)
		return &rows[c - 256];
	for (unsigned int i = 0; i < RTE_DIM(rows); i++) {
		if (rows[i].letter == c)
			return &rows[i];
	}
	return NULL;
}

/* getopt has refused: say which word and what was expected. */
static int
refuse(int c, int option, const char *word, FILE *err)
{
	const struct row *row = option != 0 ? find_row(option) : NULL;

	if (c == ':' && row != NULL)
		fprintf(err, "sluice: '%s': expected a value, --%s %s\n", word, row->name,
			row->value);
	else if (option >= 256)
		fprintf(err, "sluice: '%s': expected no value for --%s\n", word, row->name);
	else if (option != 0)
		fprintf(err, "sluice: '-%c': expected an option of sluice, see --help\n", option);
	else
		fprintf(err, "sluice: '%s': expected an option of sluice, see --help\n", word);
	return -EINVAL;
}

static void
set_defaults(struct options *options)
{
	memset(options, 0, sizeof(*options));
	options->ports.promiscuous = true;
	snprintf(options->kernel.prefix, sizeof(options->kernel.prefix), "sluice");
	snprintf(options->kernel.tap[SL_INSIDE], sizeof(options->kernel.tap[0]), "sluice-in");
	snprintf(options->kernel.tap[SL_OUTSIDE], sizeof(options->kernel.tap[0]), "sluice-out");
}

int
options_parse(struct options *options, int argc, char **argv, FILE *err)
{
	struct option names[RTE_DIM(rows) + 1];
	char letters[2 * RTE_DIM(rows) + 2];
	int c;

	set_defaults(options);
	make_getopt(letters, names);
	opterr = 0;
	optind = 0; /* glibc: begin anew, EAL may have used it */
	while ((c = getopt_long(argc, argv, letters, names, NULL)) != -1) {
		if (c == '?' || c == ':')
			return refuse(c, optopt, argv[optind - 1], err);
		if (take(options, find_row(c), optarg, err) < 0)
			return -EINVAL;
	}
	if (optind < argc)
		options->file = argv[optind++];
	if (optind < argc) {
		fprintf(err, "sluice: '%s': expected one FILE only, '%s' came first\n",
			argv[optind], options->file);
		return -EINVAL;
	}
	if (options->check && options->file == NULL) {
		fprintf(err, "sluice: --check: expected a FILE to check\n");
		return -EINVAL;
	}
	if (options->syntax && options->file == NULL) {
		fprintf(err, "sluice: --syntax: expected a FILE to read\n");
		return -EINVAL;
	}
	if (options->lookup != NULL && options->file == NULL) {
		fprintf(err, "sluice: --lookup: expected a FILE to look in\n");
		return -EINVAL;
	}
	return 0;
}

bool
options_is_own(const char *word)
{
	size_t length = strncmp(word, "--", 2) == 0 ? strcspn(word + 2, "=") : 0;

	/* Help is printed for both; the others are no options of EAL. */
	for (unsigned int i = 0; length > 0 && i < RTE_DIM(rows); i++) {
		if (strlen(rows[i].name) == length && strncmp(word + 2, rows[i].name, length) == 0)
			return strcmp(rows[i].name, "help") != 0;
	}
	return false;
}

void
options_help(FILE *out)
{
	char name[40];

	fprintf(out,
		"Usage: sluice [EAL options] -- [options] [FILE]\n\n"
		"A carrier-grade NAT between two ports. The first lcore controls, each further\n"
		"one is a worker. FILE holds statements; see sluice.conf(5).\n\n"
		"Options (default):\n");
	for (unsigned int i = 0; i < RTE_DIM(rows); i++) {
		snprintf(name, sizeof(name), "%s%s%s", rows[i].name,
			rows[i].value != NULL ? " " : "",
			rows[i].value != NULL ? rows[i].value : "");
		fprintf(out, "  -%c, --%-22s %s\n", rows[i].letter, name, rows[i].help);
	}
	fprintf(out, "\nExamples:\n"
		     "  sluice -l 0,1 -a 0000:3b:00.0 -a 0000:3b:00.1 -- sluice.conf\n"
		     "  sluice -l 0,1 --in-memory --no-pci --vdev net_tap0 --vdev net_tap1 -- -i\n"
		     "EAL's own options: sluice -h\n");
}

void
options_each(
	void (*fn)(FILE *out, char letter, const char *name, const char *value, const char *help),
	FILE *out)
{
	for (unsigned int i = 0; i < RTE_DIM(rows); i++)
		fn(out, rows[i].letter, rows[i].name, rows[i].value, rows[i].help);
}
