/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Frames of net_af_packet: how large they are, and that they are large enough.
 *
 * The driver exchanges packets with the kernel over rings of frames of one size, chosen
 * when the device is made: 2048 bytes unless its arguments say framesz. What is longer the
 * kernel cuts off, silently. So the size must be known before EAL starts, and a user who
 * has set the MTU of the interface, or given --inside-mtu, has said all that there is to
 * say: the missing arguments are added here, from the larger of all MTUs, since what comes
 * in large on one side may go out on the other in fragments, and be answered so.
 *
 * For the driver also asks the kernel to join fragments before it hands them over
 * (PACKET_FANOUT_FLAG_DEFRAG), and has no argument to leave that: a datagram that is
 * longer than a frame is lost. fit.c says this once, when the port starts.
 *
 * Sizes. A ring is made of blocks of whole pages, and the driver takes frames to lie one
 * behind the other, so that a block must be a whole number of frames: four frames of a
 * multiple of 1024 bytes. Before a received packet lie the header of TPACKET_V2, an address
 * and alignment, at most 96 bytes with the packet's own Ethernet header and one tag (the
 * other travels beside it).
 *
 * Once at start, control lcore.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <net/if.h>

#include <linux/if_packet.h>

#include <rte_dev.h>
#include <rte_devargs.h>

#include "afpacket.h"
#include "netdev.h"
#include "port.h"

#define OPTION "--vdev"
#define ADDED_MAX 64 /* characters that a word may grow by */
#define FRAME_DEFAULT 2048
#define FRAME_UNIT 1024
#define FRAMES_A_BLOCK 4
#define FRAME_OVERHEAD 96

/* The value of --vdev at argv[i], in this word or the next, when it is one of ours. */
static const char *
vdev_at(int argc, char **argv, int i, bool *joined)
{
	const size_t length = sizeof(OPTION) - 1;
	const char *value = NULL;

	if (strncmp(argv[i], OPTION, length) != 0)
		return NULL;
	*joined = argv[i][length] == '=';
	if (*joined)
		value = argv[i] + length + 1;
	else if (argv[i][length] == '\0' && i + 1 < argc)
		value = argv[i + 1];
	if (value == NULL || (strncmp(value, "net_af_packet", 13) != 0 &&
				     strncmp(value, "eth_af_packet", 13) != 0))
		return NULL;
	return value;
}

/* Where the value of one argument of a device begins, or NULL. */
static const char *
find_argument(const char *args, const char *name)
{
	size_t length = strlen(name);

	for (; args != NULL; args = strchr(args, ',')) {
		args += *args == ',';
		if (strncmp(args, name, length) == 0 && args[length] == '=')
			return args + length + 1;
	}
	return NULL;
}

static uint16_t
mtu_of(const char *vdev)
{
	const char *value = find_argument(vdev, "iface");
	char name[IF_NAMESIZE];

	if (value == NULL)
		return 0;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(value, ","), value);
	return netdev_mtu(name);
}

static bool
has_size(const char *vdev)
{
	return find_argument(vdev, "framesz") != NULL || find_argument(vdev, "blocksz") != NULL ||
	       find_argument(vdev, "framecnt") != NULL;
}

/* Bytes of a frame for the largest MTU; 0 when those that the driver chooses will do. */
static unsigned int
choose_frame(int argc, char **argv, const uint16_t mtu[2])
{
	unsigned int most = RTE_MAX(mtu[0], mtu[1]);
	bool joined;

	for (int i = 1; i < argc; i++) {
		const char *vdev = vdev_at(argc, argv, i, &joined);

		if (vdev != NULL)
			most = RTE_MAX(most, (unsigned int)mtu_of(vdev));
	}
	most = RTE_MIN(most, (unsigned int)PORT_MTU_MAX) + FRAME_OVERHEAD;
	return most <= FRAME_DEFAULT ? 0 : RTE_ALIGN(most, FRAME_UNIT);
}

char **
afpacket_words(int argc, char **argv, const uint16_t mtu[2])
{
	unsigned int frame = choose_frame(argc, argv, mtu);
	size_t size = ((size_t)argc + 1) * sizeof(*argv);
	char **words, *next, *end;
	bool joined;

	for (int i = 0; i < argc; i++)
		size += strlen(argv[i]) + ADDED_MAX;
	words = calloc(1, size);
	if (words == NULL)
		return NULL;
	end = (char *)words + size;
	next = (char *)(words + argc + 1);
	memcpy(words, argv, (size_t)argc * sizeof(*argv));
	for (int i = 1; i < argc && frame != 0; i++) {
		const char *vdev = vdev_at(argc, argv, i, &joined);

		if (vdev == NULL || has_size(vdev))
			continue;
		words[joined ? i : i + 1] = next;
		next += 1 + snprintf(next, (size_t)(end - next), "%s%s,framesz=%u,blocksz=%u",
				    joined ? OPTION "=" : "", vdev, frame, frame * FRAMES_A_BLOCK);
	}
	return words;
}

unsigned int
afpacket_frame(const struct rte_eth_dev_info *info)
{
	const struct rte_devargs *devargs;
	const char *value;

	if (info->driver_name == NULL || strcmp(info->driver_name, "net_af_packet") != 0)
		return 0;
	devargs = rte_dev_devargs(info->device);
	value = devargs != NULL ? find_argument(devargs->args, "framesz") : NULL;
	return value != NULL ? (unsigned int)strtoul(value, NULL, 10) : FRAME_DEFAULT;
}

unsigned int
afpacket_mtu(unsigned int frame)
{
	return frame > FRAME_OVERHEAD ? frame - FRAME_OVERHEAD : 0;
}

unsigned int
afpacket_room(unsigned int frame)
{
	return frame - (TPACKET2_HDRLEN - (unsigned int)sizeof(struct sockaddr_ll));
}
