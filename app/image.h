/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef IMAGE_H
#define IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "save.h"

/** Sections that are not of the library's records. */
enum image_kind {
	IMAGE_TENANT = 64,
	IMAGE_NAT64,
	IMAGE_HELPER,
	IMAGE_FORWARD,
};

/** A name that records refer to by index: a tenant's or a helper's. */
struct image_name {
	char name[SL_NAME_MAX];
	uint32_t index;
};

/** A NAT64 prefix that records refer to by index. */
struct image_nat64 {
	struct sl_ip6 net;
	uint32_t index;
	uint16_t tenant; /**< index */
	uint8_t plen, spare;
};

/** A port forward that no file has. */
struct image_forward {
	struct sl_ip6 in6;
	rte_be32_t out_addr, in_addr, from;
	rte_be16_t out_port, in_port;
	uint16_t ports, tenant; /**< index */
	uint64_t left; /**< milliseconds, 0: for ever */
	uint8_t proto, from_plen, six, leased;
	uint32_t nat64; /**< index */
	char description[64];
};

/** What a state file says of itself; everything that is not in a section. */
struct image_about {
	uint64_t wall; /**< milliseconds of the wall clock when it was begun */
	struct sl_owners owners;
	uint32_t n_hosts;
};

/** A state file in memory: being made, or read. */
struct image {
	uint8_t *data; /**< malloc()ed */
	size_t len, room;
	size_t section; /**< where the open one begins, 0: none */
	bool failed; /**< memory ran out */
};

/** Begin to make one. */
void image_begin(struct image *image);

/** Begin a section of records of this kind (enum sl_saved_kind or image_kind) and size. */
void image_section(struct image *image, unsigned int kind, size_t size);

/** Room for so many bytes of records, aligned to 8; NULL without memory. */
void *image_room(struct image *image, size_t len);

/** So many records of the size are there now. */
void image_add(struct image *image, unsigned int n, size_t size);

/** Close it; 0 or -ENOMEM. */
int image_finish(struct image *image, const struct image_about *about);

/** Free it; fine on a zeroed one. */
void image_free(struct image *image);

/**
 * Look at a whole file.
 * @param data  aligned to 8
 * @param why   gets what is wrong with it
 * @return 0, -EINVAL, or -ENOEXEC: it is something else than a state file
 */
int image_check(const void *data, size_t len, struct image_about *about, char *why, size_t size);

/** Call fn for each section of a file that image_check() has found right. */
void image_walk(const void *data, size_t len,
	void (*fn)(void *arg, unsigned int kind, const void *record, unsigned int n), void *arg);

#endif /* IMAGE_H */
